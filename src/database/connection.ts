import { hostname } from 'node:os';
import pg from 'pg';
import { RefusedError } from '../config/errors.js';

const DATE = 1082;
const INT8 = 20;

/**
 * How values arrive: `date` stays `YYYY-MM-DD` (pg would make it midnight in the zone of this machine), `bigint` becomes
 * a number, and one that does not fit fails its query (pg would give text).
 */
export const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
    if (format !== 'binary' && oid === DATE) return (text) => text;
    if (format !== 'binary' && oid === INT8) return safeInteger;
    return pg.types.getTypeParser(oid, format) as (text: string) => unknown;
  },
};

/** Names this process in pg_stat_activity, so that it can find its own connections; PostgreSQL keeps 63 bytes. */
export const APPLICATION_NAME = `gridwarden ${process.pid} on ${hostname()}`.slice(0, 63);
export const CONNECT_TIMEOUT_MS = 10_000;

/** A connection of its own, outside the pool. The caller ends it. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types,
  });
  // An 'error' event without a listener ends the process; whoever queries next gets the same error as a rejection.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** {@link connect}, with a sentence for the person who runs this where it fails. */
export async function connectOrRefuse(url: string): Promise<pg.Client> {
  try {
    return await connect(url);
  } catch (error) {
    const { host, pathname } = new URL(url);
    const reason =
      error instanceof AggregateError ? error.errors.map(String).join('; ') : (error as Error).message;
    throw new RefusedError(
      `PostgreSQL at ${host}, database ${pathname.slice(1)}, can't be reached: ${reason}.`,
      {
        cause: error,
      },
    );
  }
}

/** Ends this process's connections, whatever they are doing; our role may end those of its own name. */
export async function abandonConnections(url: string): Promise<void> {
  const client = await connect(url);
  try {
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = $1 and usename = current_user and pid <> pg_backend_pid()`,
      [APPLICATION_NAME],
    );
  } finally {
    await client.end();
  }
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`bigint ${text} does not fit into a JavaScript number`);
  return value;
}
