import type pg from 'pg';
import type { Config } from '../config/config.js';
import { abandonConnections, connect, connectOrRefuse } from './connection.js';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { rememberOpen } from './open-databases.js';
import { isUpToDate } from './schema-state.js';
import { refuseUnfitServer } from './server-fitness.js';

/** An open, migrated database for who speaks SQL. */
export interface Connections {
  readonly url: string;
  /** A fresh connection; the caller ends it. */
  connect(): Promise<pg.Client>;
  /** Leaves the embedded server, if it is one. */
  close(): Promise<void>;
}

type ConnectionsConfig = Pick<Config, 'dataDir' | 'databaseUrl' | 'migrationUrl' | 'databaseEngine'>;

/**
 * Opens the database of `config` as `openDatabase` does, but without TypeORM where there is nothing to migrate: to load that
 * takes a command longer than to hash 100 MB.
 * Throws a RefusedError when it can't be reached, started or trusted with data.
 */
export async function openConnections(config: ConnectionsConfig): Promise<Connections> {
  // With a role for migrations or on Citus, opening does more than to migrate.
  if (config.migrationUrl !== null || config.databaseEngine !== 'postgresql') return openWhole(config);
  const opening = open(config);
  const forget = rememberOpen(
    opening.then(({ url, close }) => ({ close, abandon: () => abandonConnections(url) })),
  );
  try {
    const { url, close } = await opening;
    return { url, connect: () => connect(url), close: () => close().finally(forget) };
  } catch (error) {
    forget();
    throw error;
  }
}

async function openWhole(config: ConnectionsConfig): Promise<Connections> {
  const { openDatabase } = await import('./open-database.js');
  return openDatabase(config);
}

async function open({
  databaseUrl,
  dataDir,
}: ConnectionsConfig): Promise<Pick<Connections, 'url' | 'close'>> {
  const embedded = databaseUrl === null ? await EmbeddedPostgres.start(dataDir) : null;
  const url = databaseUrl ?? embedded!.url;
  const release = async () => embedded?.close();
  try {
    if (await isReady(url)) return { url, close: release };
    const { openUrl } = await import('./open-database.js');
    return await openUrl(url, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function isReady(url: string): Promise<boolean> {
  const client = await connectOrRefuse(url);
  try {
    await refuseUnfitServer(client);
    return await isUpToDate(client);
  } finally {
    await client.end();
  }
}
