import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { RefusedError } from '../config/errors.js';
import type { DatabaseEngine } from '../config/config.js';
import { ADVISORY_LOCKS } from './advisory-locks.js';
import { placeTables } from './table-placement.js';

/** Another instance's migrations are waited for this long: an index over a big table takes its time. */
const LOCK_WAIT = '30min';

/**
 * Brings the schema up to date and returns the names of the migrations applied now. TypeORM takes no lock of its own, and
 * of three instances started on an empty database two would fail; `connection` holds one for the time it takes. On Citus
 * the tables then go where they are listed.
 */
export async function migrate(
  dataSource: DataSource,
  connection: pg.Client,
  engine: DatabaseEngine = 'postgresql',
): Promise<string[]> {
  await connection.query(`set lock_timeout = '${LOCK_WAIT}'`);
  await connection.query(`select pg_advisory_lock(${ADVISORY_LOCKS.migration})`);
  try {
    await refuseNewerSchema(dataSource, connection);
    const applied = await dataSource.runMigrations();
    if (engine === 'citus') await placeTables(connection);
    return applied.map((migration) => migration.name);
  } finally {
    await connection.query(`select pg_advisory_unlock(${ADVISORY_LOCKS.migration})`);
    await connection.query('reset lock_timeout');
  }
}

async function refuseNewerSchema(dataSource: DataSource, connection: pg.Client): Promise<void> {
  const { rows: tables } = await connection.query<{ there: boolean }>(
    `select to_regclass('migrations') is not null as there`,
  );
  if (!tables[0].there) return;
  const known = dataSource.migrations.map((migration) => migration.name);
  const { rows } = await connection.query<{ name: string }>(
    'select name from migrations where name <> all ($1) order by id',
    [known],
  );
  if (rows.length === 0) return;
  const names = rows.map((row) => row.name).join(', ');
  throw new RefusedError(`The database was made by a newer Gridwarden (${names}); run that one.`);
}
