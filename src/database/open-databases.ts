/** What this module needs of a Database; the rest of it would load TypeORM. */
interface Closable {
  /** Ends this process's connections, whatever they are doing: their queries fail. */
  abandon(): Promise<void>;
  close(): Promise<void>;
}

const open = new Set<Promise<Closable>>();

/** Remembers a database of this process from the moment it is being opened; returns how to forget it. */
export function rememberOpen(database: Promise<Closable>): () => void {
  open.add(database);
  // Its failure is the business of who opens it.
  database.catch(() => {});
  return () => open.delete(database);
}

/**
 * For a process that has been told to stop: gives up what its databases are doing and leaves them, so that our own server
 * does not stay behind. One that is still being opened is waited for. Returns how many there were.
 */
export async function leaveOpenDatabases(): Promise<number> {
  const databases = [...open];
  await Promise.allSettled(
    databases.map(async (opening) => {
      const database = await opening;
      // Without this, close would wait for the query that runs, and the server would count it as another user's.
      await database.abandon().catch(() => {});
      await database.close();
    }),
  );
  return databases.length;
}
