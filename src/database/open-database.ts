import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { Config, DatabaseEngine } from '../config/config.js';
import { abandonConnections, connect, connectOrRefuse } from './connection.js';
import { createDataSource } from './data-source.js';
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.js';
import { migrate } from './migrate.js';
import { rememberOpen } from './open-databases.js';
import { refuseUnfitServer } from './server-fitness.js';
import { grantServiceRights, refuseExcessRights } from './service-rights.js';

/** An open, migrated database. */
export interface Database {
  readonly url: string;
  readonly dataSource: DataSource;
  /** What this process's start applied: names of migrations, in order. */
  readonly appliedMigrations: readonly string[];
  /** A fresh connection outside the pool; the caller ends it. */
  connect(): Promise<pg.Client>;
  /** Ends the pool and leaves the embedded server, if it is one. Idempotent. */
  close(): Promise<void>;
}

type DatabaseConfig = Pick<Config, 'dataDir' | 'databaseUrl'> &
  Partial<Pick<Config, 'migrationUrl' | 'databaseEngine'>>;

/**
 * Opens the database of `config`: DATABASE_URL where it is set, else our own server in the data folder, started or adopted.
 * With a role for migrations, that one owns the tables, and the service's must not be able to change its own record.
 * Throws a RefusedError when it can't be reached, started or trusted with data.
 */
export async function openDatabase(
  config: DatabaseConfig,
  embedded: EmbeddedPostgresOptions = {},
): Promise<Database> {
  const opening = open(config, embedded);
  const forget = rememberOpen(
    opening.then((database) => ({
      close: () => database.close(),
      abandon: () => abandonConnections(database.url),
    })),
  );
  try {
    const database = await opening;
    return { ...database, close: () => database.close().finally(forget) };
  } catch (error) {
    forget();
    throw error;
  }
}

/** A database as it is: nobody has migrated it, and it may be empty. */
export interface RawDatabase {
  readonly url: string;
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}

/**
 * The database of `config` without bringing it up to date, for who copies or fills it whole: as the role that owns its
 * tables. Throws a RefusedError when it can't be reached, started or trusted with data.
 */
export async function openRaw(config: DatabaseConfig): Promise<RawDatabase> {
  const opening = openUnmigrated(config);
  const forget = rememberOpen(
    opening.then((database) => ({
      close: () => database.close(),
      abandon: () => abandonConnections(database.url),
    })),
  );
  try {
    const database = await opening;
    return { ...database, close: () => database.close().finally(forget) };
  } catch (error) {
    forget();
    throw error;
  }
}

async function openUnmigrated(config: DatabaseConfig): Promise<RawDatabase> {
  const ownersUrl = config.migrationUrl ?? config.databaseUrl;
  const embedded = ownersUrl === null ? await EmbeddedPostgres.start(config.dataDir) : null;
  const url = ownersUrl ?? embedded!.url;
  try {
    const client = await connectOrRefuse(url);
    await refuseUnfitServer(client).finally(() => client.end());
  } catch (error) {
    await embedded?.close();
    throw error;
  }
  return { url, connect: () => connect(url), close: async () => embedded?.close() };
}

async function open(config: DatabaseConfig, options: EmbeddedPostgresOptions): Promise<Database> {
  if (config.databaseUrl !== null)
    return openUrl(config.databaseUrl, async () => {}, config.migrationUrl ?? null, config.databaseEngine);
  const embedded = await EmbeddedPostgres.start(config.dataDir, options);
  try {
    return await openUrl(embedded.url, () => embedded.close());
  } catch (error) {
    await embedded.close();
    throw error;
  }
}

/** Opens the database at `url`; `release` is called once, after everything has been closed. */
export async function openUrl(
  url: string,
  release: () => Promise<void>,
  migrationUrl: string | null = null,
  engine: DatabaseEngine = 'postgresql',
): Promise<Database> {
  const dataSource = createDataSource(url);
  const appliedMigrations =
    migrationUrl === null
      ? await prepare(dataSource, url, engine)
      : await prepareApart(dataSource, { url, migrationUrl, engine });
  let closing: Promise<void> | null = null;
  const close = async () => {
    await dataSource.destroy();
    await release();
  };
  return {
    url,
    dataSource,
    appliedMigrations,
    connect: () => connect(url),
    close: () => (closing ??= close()),
  };
}

async function prepare(dataSource: DataSource, url: string, engine: DatabaseEngine): Promise<string[]> {
  const connection = await connectOrRefuse(url);
  try {
    await refuseUnfitServer(connection);
    await dataSource.initialize();
    return await migrate(dataSource, connection, engine);
  } catch (error) {
    if (dataSource.isInitialized) await dataSource.destroy();
    throw error;
  } finally {
    await connection.end();
  }
}

/** Migrates as the role that owns the tables, and opens the service's pool as the one that does not. */
async function prepareApart(
  dataSource: DataSource,
  {
    url,
    migrationUrl,
    engine,
  }: { readonly url: string; readonly migrationUrl: string; readonly engine: DatabaseEngine },
): Promise<string[]> {
  const owners = createDataSource(migrationUrl);
  const service = await connectOrRefuse(url);
  try {
    const applied = await prepare(owners, migrationUrl, engine);
    await grantTo(service, migrationUrl);
    await refuseExcessRights(service);
    await dataSource.initialize();
    return applied;
  } finally {
    if (owners.isInitialized) await owners.destroy();
    await service.end();
  }
}

async function grantTo(service: pg.Client, migrationUrl: string): Promise<void> {
  const { rows } = await service.query<{ role: string }>('select current_user as role');
  const owner = await connect(migrationUrl);
  try {
    await grantServiceRights(owner, rows[0].role);
  } finally {
    await owner.end();
  }
}
