import { chmod, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { openDatabase, type Database } from '../../database/open-database.js';

export interface ScratchDatabase {
  readonly database: Database;
  /** Folder that goes with it, for whatever else is needed meanwhile. */
  readonly dataDir: string;
  /** Stops the server and removes the folder. */
  close(): Promise<void>;
}

/**
 * An empty, migrated database on a server of its own (a second or two to make), in a new folder in `parent`. Not a database
 * beside the real one: our role may not make databases, and an evaluation must not slow or fill the server that serves.
 */
export async function scratchDatabase(parent: string): Promise<ScratchDatabase> {
  await mkdir(parent, { recursive: true });
  const dataDir = await mkdtemp(path.join(parent, 'evaluation-'));
  try {
    // When we are root the server runs as another user, who must get through.
    await chmod(dataDir, 0o711);
    const database = await openDatabase({ dataDir, databaseUrl: null });
    return { database, dataDir, close: () => database.close().finally(() => remove(dataDir)) };
  } catch (error) {
    await remove(dataDir);
    throw error;
  }
}

/** The server's files may lie elsewhere, behind a link. */
async function remove(dataDir: string): Promise<void> {
  const home = await realpath(path.join(dataDir, 'postgres')).catch(() => null);
  if (home !== null) await rm(home, { recursive: true, force: true, maxRetries: 5 });
  await rm(dataDir, { recursive: true, force: true });
}
