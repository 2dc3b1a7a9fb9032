import type pg from 'pg';
import type { Config } from '../config/config.js';
import { abandonConnections, connect, connectOrRefuse } from './connection.js';
import type { EmbeddedPostgres } from './embedded-postgres.js';
import { rememberOpen } from './open-databases.js';
import { isUpToDate } from './schema-state.js';
import { refuseUnfitServer } from './server-fitness.js';

/** An open, migrated database for who speaks SQL. */
export interface Connections {
  readonly url: string;
  /** A connection of the caller's own, who ends it. */
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
    opening.then((connections) => ({
      close: () => connections.close(),
      abandon: () => abandonConnections(connections.url),
    })),
  );
  try {
    const connections = await opening;
    return {
      url: connections.url,
      connect: () => connections.connect(),
      close: () => connections.close().finally(forget),
    };
  } catch (error) {
    forget();
    throw error;
  }
}

async function openWhole(config: ConnectionsConfig): Promise<Connections> {
  const { openDatabase } = await import('./open-database.js');
  return openDatabase(config);
}

async function open({ databaseUrl, dataDir }: ConnectionsConfig): Promise<Connections> {
  const embedded = databaseUrl === null ? await startEmbedded(dataDir) : null;
  const url = databaseUrl ?? embedded!.url;
  const release = async () => embedded?.close();
  try {
    const first = await connectIfReady(url);
    if (first !== null) return connectionsOf(url, first, release);
    const { openUrl } = await import('./open-database.js');
    return await openUrl(url, release);
  } catch (error) {
    await release();
    throw error;
  }
}

/** Whoever asks first is given the connection that is there already. */
function connectionsOf(url: string, first: pg.Client, release: () => Promise<void>): Connections {
  let spare: pg.Client | null = first;
  return {
    url,
    connect: async () => {
      const taken = spare;
      spare = null;
      return taken ?? connect(url);
    },
    close: async () => {
      await spare?.end();
      await release();
    },
  };
}

async function startEmbedded(dataDir: string): Promise<EmbeddedPostgres> {
  const { EmbeddedPostgres } = await import('./embedded-postgres.js');
  return EmbeddedPostgres.start(dataDir);
}

/** A connection to a database that is fit and up to date; null where there is something to migrate. */
async function connectIfReady(url: string): Promise<pg.Client | null> {
  const client = await connectOrRefuse(url);
  let isReady = false;
  try {
    await refuseUnfitServer(client);
    isReady = await isUpToDate(client);
  } finally {
    if (!isReady) await client.end();
  }
  return isReady ? client : null;
}
