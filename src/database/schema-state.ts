import type { ClientBase } from 'pg';
import { migrations } from '../../migrations/index.js';

/** Whether the schema is the one of this version, told by one query and without TypeORM, which takes longer to load than that. */
export async function isUpToDate(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('migrations') is not null as there`,
  );
  if (!rows[0].there) return false;
  const applied = await client.query<{ name: string }>('select name from migrations');
  const names = new Set(applied.rows.map(({ name }) => name));
  return names.size === migrations.length && migrations.every(({ name }) => names.has(name));
}
