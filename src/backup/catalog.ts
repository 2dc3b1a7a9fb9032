import type { ClientBase } from 'pg';
import type { Reference } from './domain/load-order.js';

/** A table that holds rows of its own. */
export interface StoredTable {
  readonly table: string;
  /** Without generated ones. */
  readonly columns: readonly string[];
  readonly partition: { readonly of: string; readonly bound: string } | null;
}

/** TypeORM's list of migrations is made by migrating. */
export const MIGRATIONS_TABLE = 'migrations';

/** Every table of the schema but those that are derived from others, or worked in (unlogged): a crash may empty them too. */
export async function storedTables(client: ClientBase): Promise<StoredTable[]> {
  const { rows } = await client.query<StoredTable>(
    `select c.relname as table,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
       case when c.relispartition then jsonb_build_object('of', parent.relname,
         'bound', pg_get_expr(c.relpartbound, c.oid)) end as partition
     from pg_class c
     left join pg_inherits i on i.inhrelid = c.oid
     left join pg_class parent on parent.oid = i.inhparent
     where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relpersistence = 'p'
       and c.relname <> '${MIGRATIONS_TABLE}'
     order by c.relname`,
  );
  return rows;
}

/** Foreign keys between tables; a partition's are those of what it is a part of. */
export async function references(client: ClientBase): Promise<Reference[]> {
  const { rows } = await client.query<Reference>(
    `select distinct conrelid::regclass::text as table, confrelid::regclass::text as target from pg_constraint
     where contype = 'f' and connamespace = current_schema()::regnamespace`,
  );
  return rows;
}

export interface SequenceState {
  readonly name: string;
  readonly value: number;
  readonly called: boolean;
}

/** Where each sequence stands: never behind the rows that were read before. */
export async function sequences(client: ClientBase): Promise<SequenceState[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'S'
     order by relname`,
  );
  const states: SequenceState[] = [];
  for (const { name } of rows) {
    const state = await client.query<Omit<SequenceState, 'name'>>(
      `select last_value as value, is_called as called from "${name}"`,
    );
    states.push({ name, ...state.rows[0] });
  }
  return states;
}

/** Names of the migrations that made the schema, in order; null: there is none. */
export async function appliedMigrations(client: ClientBase): Promise<string[] | null> {
  const { rows: tables } = await client.query<{ there: boolean }>(
    `select to_regclass('${MIGRATIONS_TABLE}') is not null as there`,
  );
  if (!tables[0].there) return null;
  const { rows } = await client.query<{ name: string }>(`select name from ${MIGRATIONS_TABLE} order by id`);
  return rows.map(({ name }) => name);
}

/** How rows are written as text: the same on every server and under every setting, and exact. */
export const TEXT_SETTINGS = `set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
  set local bytea_output = 'hex'; set local extra_float_digits = 1; set local synchronize_seqscans = off`;

/** `(a, b)` for a COPY. */
export function columnList(columns: readonly string[]): string {
  return `(${columns.map((name) => `"${name}"`).join(', ')})`;
}
