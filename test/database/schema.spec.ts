import { afterEach, describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { migrations } from '../../migrations/index.js';
import { projectRoot } from '../../src/config/project-root.js';
import { type Database, openDatabase, openUrl } from '../../src/database/open-database.js';
import { dropDatabase, emptyDatabaseUrl, testDatabase } from '../support/database.js';

const NAMES = migrations.map((migration) => migration.name);

const opened: Database[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

describe('migrations', () => {
  test('empty to latest, once', async () => {
    const first = await openEmpty();
    expect(first.appliedMigrations).toEqual(NAMES);
    expect((await openAgain(first)).appliedMigrations).toEqual([]);
  });

  test('down to nothing and up to the same schema', async () => {
    const database = await openEmpty();
    const before = await describeSchema(database);
    expect(before).toContain('load_profile');
    for (const _ of NAMES) await database.dataSource.undoLastMigration();
    expect(await describeSchema(database)).toBe('');
    await database.dataSource.runMigrations();
    expect(await describeSchema(database)).toBe(before);
  });

  test('a month of readings keeps its key and its rows when the key goes from the parent to the months, and back', async () => {
    const database = await openEmpty();
    const { dataSource } = database;
    const later = NAMES.slice(NAMES.indexOf('MonthKeys1763856000000'));
    for (const month of ['2026-03-01', '2026-04-01'])
      await dataSource.query(`select load_profile_make_partition('${month}')`);
    await dataSource.query(
      `insert into load_profile (total_wh, metering_point_id, day, upload_id, interval_minutes, intervals, scale, energy)
       values (500, 1, '2026-03-31', 1, 60, 1, 0, '\\x00'), (500, 1, '2026-04-01', 1, 60, 1, 0, '\\x00')`,
    );
    await dataSource.query('select load_profile_key_months()');
    const keys = () =>
      dataSource.query(
        `select indrelid::regclass::text as table, indexrelid::int as index from pg_index
         where indisprimary and indrelid::regclass::text ~ '^load_profile(_2026_..)?$' order by 1`,
      );
    const days = () => dataSource.query('select day, revision, channel from load_profile order by day');
    const [march, april] = await keys();
    expect([march.table, april.table]).toEqual(['load_profile_2026_03', 'load_profile_2026_04']);
    const stored = await days();
    expect(stored).toHaveLength(2);
    for (const _ of later) await dataSource.undoLastMigration();
    // The months' own indexes, and nothing built again.
    expect(await keys()).toEqual([expect.objectContaining({ table: 'load_profile' }), march, april]);
    expect(await days()).toEqual(stored);
    await dataSource.runMigrations();
    expect(await keys()).toEqual([march, april]);
    expect(await days()).toEqual(stored);
  });

  test('runners at once: all succeed, each migration is applied once', async () => {
    const url = await emptyDatabaseUrl();
    const config = { dataDir: '', databaseUrl: url };
    const databases = await Promise.all([openDatabase(config), openDatabase(config), openDatabase(config)]);
    opened.push({ ...databases[0], close: () => dropDatabase(url) });
    const applied = databases.flatMap((database) => database.appliedMigrations);
    await Promise.all(databases.map((database) => database.close()));
    expect(applied).toEqual(NAMES);
  });

  test('a schema from a newer version is refused', async () => {
    const database = await openEmpty();
    await database.dataSource.query(
      `insert into migrations (timestamp, name) values (9e12, 'Later9000000000000')`,
    );
    await expect(openAgain(database)).rejects.toThrow('made by a newer Gridwarden (Later9000000000000)');
  });
});

test('the entities say what the migrations made', async () => {
  for (const file of entityFiles()) await import(pathToFileURL(file).href);
  const { dataSource } = await open(testDatabase());
  expect(dataSource.entityMetadatas.length).toBe(entityFiles().length);
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  expect(upQueries.map((query) => query.query)).toEqual([]);
});

test('dates arrive as written, big integers as numbers, and one too big is an error', async () => {
  const { dataSource } = await open(testDatabase());
  const rows = await dataSource.query(`select date '2026-03-29' as day, 9007199254740991::bigint as most`);
  expect(rows).toEqual([{ day: '2026-03-29', most: Number.MAX_SAFE_INTEGER }]);
  await expect(dataSource.query('select 9007199254740992::bigint')).rejects.toThrow('9007199254740992');
});

describe('a server that is not fit', () => {
  test('one that may lose what it confirmed is refused', async () => {
    const { url, dataSource } = await open(testDatabase());
    const { pathname, username } = new URL(url);
    await dataSource.query(
      `alter role ${username} in database ${pathname.slice(1)} set synchronous_commit = off`,
    );
    await expect(openUrl(url, async () => {})).rejects.toThrow('PostgreSQL runs with synchronous_commit off');
  });

  test('one that is not there is named without the password', async () => {
    const refusal = openDatabase({ dataDir: '', databaseUrl: 'postgresql://me:secret@127.0.0.1:1/readings' });
    await expect(refusal).rejects.toThrow(
      /^PostgreSQL at 127\.0\.0\.1:1, database readings, can't be reached: .*ECONNREFUSED/,
    );
    await expect(refusal).rejects.not.toThrow('secret');
  });
});

async function open(opening: Promise<Database>): Promise<Database> {
  const database = await opening;
  opened.push(database);
  return database;
}

async function openEmpty(): Promise<Database> {
  const url = await emptyDatabaseUrl();
  return open(openUrl(url, () => dropDatabase(url)));
}

function openAgain({ url }: Database): Promise<Database> {
  return open(openUrl(url, async () => {}));
}

function entityFiles(): string[] {
  const source = path.join(projectRoot, 'src');
  const names = readdirSync(source, { recursive: true }) as string[];
  return names.filter((name) => name.endsWith('.entity.ts')).map((name) => path.join(source, name));
}

/** Tables with their columns, constraints, indexes, functions and triggers, as text. */
async function describeSchema({ dataSource }: Database): Promise<string> {
  const rows: { line: string }[] = await dataSource.query(`
    select format('%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                  pg_get_expr(d.adbin, d.adrelid)) as line
    from pg_class c join pg_attribute a on a.attrelid = c.oid left join pg_attrdef d on (d.adrelid, d.adnum) = (c.oid, a.attnum)
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
      and c.relname <> 'migrations'
    union all
    select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace = 'public'::regnamespace and conrelid <> to_regclass('migrations')
    union all
    select indexdef from pg_indexes where schemaname = 'public' and tablename <> 'migrations'
    union all
    select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace
    union all
    select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
    order by 1`);
  return rows.map((row) => row.line).join('\n');
}
