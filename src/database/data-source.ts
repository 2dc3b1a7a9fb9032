import { DataSource, getMetadataArgsStorage } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { APPLICATION_NAME, CONNECT_TIMEOUT_MS, types } from './connection.js';

const POOL_SIZE = 10;

/**
 * Not connected yet. Knows every entity class that has been imported by now, so that no module has to list another's, and
 * every migration, or those of an earlier version by their names.
 */
export function createDataSource(url: string, migrationNames?: readonly string[]): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities: getMetadataArgsStorage().tables.map((table) => table.target as () => unknown),
    migrations: migrationNames ? migrations.filter(({ name }) => migrationNames.includes(name)) : migrations,
    migrationsTransactionMode: 'each',
    applicationName: APPLICATION_NAME,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    poolSize: POOL_SIZE,
    installExtensions: false,
    // A connection that dies while idle is replaced when next needed; who was using it gets the error.
    poolErrorHandler: () => {},
    extra: { types, keepAlive: true },
  });
}
