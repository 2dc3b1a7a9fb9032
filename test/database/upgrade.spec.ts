import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import request from 'supertest';
import { migrations } from '../../migrations/index.js';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/config/config.js';
import { connect } from '../../src/database/connection.js';
import { makeSchema } from '../../src/database/migrate.js';
import { openUrl, type Database } from '../../src/database/open-database.js';
import { createHttpApp } from '../../src/http/http-app.js';
import { mintKey, withKey } from '../support/access.js';
import { dropDatabase, emptyDatabaseUrl, testRunFolder } from '../support/database.js';

/** What the first version had: the registry, uploads, readings, scores and alerts. */
const FIRST = migrations.slice(0, 5).map(({ name }) => name);

let url: string;
let client: Client;
let database: Database;

beforeAll(async () => {
  url = await emptyDatabaseUrl();
  await makeSchema(url, FIRST);
  client = await connect(url);
  await fill();
});
afterAll(async () => {
  await client.end();
  await database?.close();
  await dropDatabase(url);
});

test('a database of the first version is upgraded with what is in it, under a connection that still uses it', async () => {
  const before = await contents();
  // The service before the upgrade may be at work yet: it holds a snapshot while the new one migrates.
  const working = await connect(url);
  await working.query('begin; select count(*) from load_profile');
  await working.query('commit');
  database = await openUrl(url, async () => {});
  expect(database.appliedMigrations).toEqual(migrations.slice(5).map(({ name }) => name));
  expect(await contents()).toEqual(before);
  // And it still reads and writes what it knows.
  await working.query(
    `insert into load_profile (total_wh, metering_point_id, day, upload_id, revision, channel, interval_minutes,
       intervals, scale, energy) values (0, 1, '2026-01-09', 1, 1, 0, 60, 0, 0, decode(repeat('ff', 48), 'hex'))`,
  );
  await working.query(`update alert set score = 0.91 where id = 1`);
  await working.end();
});

test('the service starts on it, shows what was there, and takes more', async () => {
  const config = loadConfig({
    GRIDWARDEN_DATA_DIR: `${testRunFolder()}/upgraded`,
    GRIDWARDEN_LOG_LEVEL: 'fatal',
    GRIDWARDEN_SCORING_CRON: '0 0 1 1 *',
  });
  const app = await createHttpApp(AppModule.over(config, database), config);
  await app.listen(0, '127.0.0.1');
  try {
    await request(app.getHttpServer()).get('/readyz').expect(200);
    const auditor = withKey(app, await mintKey(database, 'auditor'));
    const { body } = await auditor.get('/api/v1/alerts').expect(200);
    expect(body.items).toMatchObject([{ metering_point: 'P1', kind: 'mining_suspected', state: 'firing' }]);
    const utility = withKey(app, await mintKey(database, 'utility', 'old'));
    const sent = await utility
      .post('/api/v1/uploads?kind=registry&filename=more.csv')
      .set('content-type', 'text/csv')
      .send('metering_point,territory\nP3,RU-IRK\n');
    expect(sent.status).toBe(202);
  } finally {
    await app.close();
  }
});

/** As the first version wrote it. */
async function fill(): Promise<void> {
  await client.query(`insert into utility (code, name) values ('old', 'Old')`);
  await client.query(
    `insert into territory (code, name_ru, name_en, iana_zone, standard_offset_minutes)
     values ('RU-IRK', 'Иркутская область', 'Irkutsk Oblast', 'Asia/Irkutsk', 480) on conflict do nothing`,
  );
  await client.query(
    `insert into metering_point (utility_id, kind, external_id, household, territory_code)
     select 1, 'household', 'P' || n, 'H' || n, 'RU-IRK' from generate_series(1, 2) n`,
  );
  await client.query(
    `insert into upload (utility_id, kind, filename, sha256, bytes, status, received_at, finished_at)
     values (1, 'readings', 'january.csv', repeat('a', 64), 100, 'loaded', now(), now())`,
  );
  await client.query(
    `create table load_profile_2026_01 partition of load_profile for values from ('2026-01-01') to ('2026-02-01')`,
  );
  await client.query(
    `insert into load_profile (total_wh, metering_point_id, day, upload_id, revision, channel, interval_minutes,
       intervals, scale, energy)
     select 24000, p, date '2026-01-01' + d, 1, 1, 0, 60, 24, 0, decode(repeat('e803', 24), 'hex')
     from generate_series(1, 2) p, generate_series(0, 6) d`,
  );
  await client.query(
    `insert into score (score, digest, months_digest, metering_point_id, run_id, as_of, since, case_worthy, kind,
       findings, evidence)
     values (0.9, 0, 0, 1, 1, '2026-01-08', '2026-01-01', true, 'mining_suspected', '[]', '[]')`,
  );
  await client.query(
    `insert into alert (metering_point_id, kind, state, score, since, opened_at, fired_at, last_seen_as_of)
     values (1, 'mining_suspected', 'firing', 0.9, '2026-01-01', now(), now(), '2026-01-08')`,
  );
}

/** Counts and digests of the tables that the first version had, by their columns of then. */
async function contents(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [table, columns] of await columnsOfThen()) {
    const { rows } = await client.query<{ digest: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(row::text, '' order by row::text)), '') as digest
       from (select (${columns.map((name) => `"${name}"`).join(', ')}) as row from "${table}") r`,
    );
    found[table] = rows[0].digest;
  }
  return found;
}

let ofThen: [string, string[]][] | null = null;

async function columnsOfThen(): Promise<[string, string[]][]> {
  if (ofThen !== null) return ofThen;
  const { rows } = await client.query<{ table: string; columns: string[] }>(
    `select c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'migrations'
     group by c.relname order by c.relname`,
  );
  return (ofThen = rows.map(({ table, columns }) => [table, columns]));
}
