import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/config/config.js';
import type { Database } from '../../src/database/open-database.js';
import { createHttpApp } from '../../src/http/http-app.js';
import { HTTP_AREAS, httpArea } from '../../src/metrics/domain/http-area.js';
import { HttpMetrics } from '../../src/metrics/http.metrics.js';
import { mintKey, withKey } from '../support/access.js';
import { testDatabase, testRunFolder } from '../support/database.js';

const LIMIT = 2_000;
/** All of Russia, and more senders than have series of their own. */
const REGIONS = 89;
const UTILITIES = 60;
const POINTS = 20_000;
/** That one scrape may read when nothing has gone stale; the fill has tables of 20,000. */
const MOST_ROWS = 500;
/** All that an area answers in the long run. */
const STATUSES = [200, 201, 202, 204, 303, 304, 400, 401, 403, 404, 409, 413, 415, 422, 429, 499, 500, 503];
/** Paths of the API, one of each area. */
const API_SEGMENTS = ['alerts', 'audit', 'cases', 'hidden-load', 'metering-points', 'people', 'uploads'];

let database: Database;
let app: NestExpressApplication;
let key: string;

beforeAll(async () => {
  database = await testDatabase();
  await fill();
  const config = loadConfig({
    GRIDWARDEN_DATA_DIR: mkdtempSync(path.join(testRunFolder(), 'series-')),
    GRIDWARDEN_LOG_LEVEL: 'fatal',
    GRIDWARDEN_SCORING_CRON: '0 0 1 1 *',
  });
  app = await createHttpApp(AppModule.over(config, database), config);
  await app.init();
  key = await mintKey(database, 'metrics');
});
afterAll(async () => {
  await app.close();
  await database.close();
});

const scrape = async () => (await withKey(app, key).get('/metrics').expect(200)).text;
const seriesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

it(`all regions, many utilities and every answer make fewer than ${LIMIT} series`, async () => {
  observeEveryArea();
  const series = seriesOf(await scrape());
  for (const [metric, least] of [
    ['gridwarden_metering_points', REGIONS * 2],
    ['gridwarden_firing_alerts', REGIONS * 4],
    ['gridwarden_suspected_load_watts', REGIONS * 2],
    ['gridwarden_intake_recent_values', 25 * 4],
    ['gridwarden_intake_lateness_ratio', 6],
  ] as const)
    expect(series.filter((line) => line.startsWith(`${metric}{`)).length).toBeGreaterThanOrEqual(least);
  expect(series.length).toBeLessThan(LIMIT);
});

it('more points, people and files add no series', async () => {
  const askFor = (id: number) =>
    Promise.all([
      request(app.getHttpServer()).get(`/api/v1/alerts/${id}`),
      request(app.getHttpServer()).get(`/api/v1/nobody/knows/${id}`),
    ]);
  const ours = (text: string) => seriesOf(text).filter((line) => line.startsWith('gridwarden_')).length;
  await askFor(4710);
  await scrape();
  const before = ours(await scrape());
  await database.dataSource.query(
    `insert into metering_point (utility_id, kind, external_id, territory_code, tariff_category, electric_heating)
     select 1, 'household', 'more-' || n, 'R1', 'rural', false from generate_series(1, 5000) n`,
  );
  await askFor(4711);
  const after = await scrape();
  expect(ours(after)).toBe(before);
  expect(after).not.toMatch(/more-|[/"]471[01][/"]/);
});

it('a scrape asks little of the database: what walks through a table is kept', async () => {
  await scrape();
  await scrape();
  const { dataSource } = database;
  const asked: Asked[] = [];
  const query = dataSource.query.bind(dataSource);
  dataSource.query = ((sql: string, ...rest: [unknown[]?]) => {
    asked.push([sql, ...rest]);
    return query(sql, ...rest);
  }) as typeof dataSource.query;
  try {
    await scrape();
  } finally {
    dataSource.query = query;
  }
  // The key of who scrapes is looked up besides, and background work may write at that very moment.
  const ours = asked.filter(([sql]) => /^\s*(select|with)\b/i.test(sql) && !/api_key/.test(sql));
  expect(ours.length).toBeGreaterThan(0);
  expect(ours.length).toBeLessThan(6);
  const rows = await Promise.all(ours.map(rowsTouched));
  expect(rows.reduce((sum, one) => sum + one, 0)).toBeLessThan(MOST_ROWS);
});

type Asked = readonly [sql: string, parameters?: unknown[]];

/** Rows that the scans of a query read, those they threw away again too. */
async function rowsTouched([sql, parameters]: Asked): Promise<number> {
  interface Plan {
    readonly 'Actual Rows': number;
    readonly 'Rows Removed by Filter'?: number;
    readonly Plans?: readonly Plan[];
  }
  const [row]: { 'QUERY PLAN': [{ Plan: Plan }] }[] = await database.dataSource.query(
    `explain (analyze, format json) ${sql}`,
    parameters,
  );
  const count = (plan: Plan): number =>
    (plan.Plans?.length ? 0 : plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) +
    (plan.Plans ?? []).reduce((sum, child) => sum + count(child), 0);
  return count(row['QUERY PLAN'][0].Plan);
}

it('names no metering point, household or file', async () => {
  expect(await scrape()).not.toMatch(/P-\d|H-\d|secret-file/);
});

/** Whatever the routes are: more of them make no more series. */
function observeEveryArea(): void {
  const metrics = app.get(HttpMetrics, { strict: false });
  const paths = [
    '',
    '/healthz',
    '/api/docs',
    '/api/v1/nothing',
    ...API_SEGMENTS.map((name) => `/api/v1/${name}/7`),
  ];
  expect(new Set(paths.map(httpArea))).toEqual(new Set(HTTP_AREAS));
  for (const url of paths)
    for (const method of ['GET', 'POST'])
      for (const status of STATUSES) metrics.observe({ method, url, status, seconds: 0.1 });
}

it('nearly every route of the API counts to an area that has a name', async () => {
  const { body } = await request(app.getHttpServer()).get('/api/openapi.json');
  const paths = Object.keys(body.paths as object);
  expect(paths.length).toBeGreaterThan(10);
  const nameless = paths.filter((path) => httpArea(path) === 'other');
  expect({ nameless, share: nameless.length / paths.length < 0.2 }).toEqual({ nameless, share: true });
});

async function fill(): Promise<void> {
  const { dataSource } = database;
  await dataSource.query(
    `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
     select 'R' || n, 'Р' || n, 'R' || n, null, 'Europe/Moscow', 180 from generate_series(1, ${REGIONS}) n`,
  );
  await dataSource.query(
    `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
     select 'M' || n, 'М' || n, 'M' || n, 'R' || (1 + n % ${REGIONS}), 'Europe/Moscow', 180
     from generate_series(1, 2000) n`,
  );
  await dataSource.query(
    `insert into utility (code, name) select 'u' || n, 'U' || n from generate_series(1, ${UTILITIES}) n`,
  );
  await dataSource.query(
    `insert into transformer (utility_id, code) select 1, 'T' || n from generate_series(1, 2000) n`,
  );
  await dataSource.query(
    `insert into metering_point (utility_id, kind, external_id, household, territory_code, tariff_category,
       electric_heating)
     select 1 + n % ${UTILITIES}, 'household', 'P-' || n, 'H-' || n, 'M' || (1 + n % 2000), 'rural', false
     from generate_series(1, ${POINTS}) n`,
  );
  await dataSource.query(
    `insert into metering_point (utility_id, kind, external_id, territory_code, transformer_id)
     select 1, 'transformer', t.code, 'M' || t.id, t.id from transformer t`,
  );
  await dataSource.query(
    `insert into transformer_balance (metering_point_id, as_of, verdict, hidden_kw, hidden_lower_kw, hidden_upper_kw,
       points, confidence, balance)
     select id, current_date, 'hidden_load', 5, 4, 6, 10, 0.9, '{}' from metering_point where kind = 'transformer'`,
  );
  await dataSource.query(
    `insert into alert (metering_point_id, kind, state, score, opened_at, fired_at, last_seen_as_of)
     select p.id, k, 'firing', 0.9, now(), now(), current_date
     from metering_point p
     cross join unnest(array['quota_exceeded', 'quota_forecast', 'mining_suspected', 'hidden_load']) k
     where p.kind = 'household' and p.id % 4 = 0`,
  );
  await dataSource.query(
    `insert into upload (utility_id, kind, filename, sha256, bytes, status, received_at, started_at, finished_at, counts)
     select u.id, 'readings', 'secret-file', md5(n::text), 1, 'loaded', now(), now(), now(),
       '{"accepted": 10, "blank": 0, "rejected": 1, "held": 0}'
     from utility u cross join generate_series(1, 20) n`,
  );
}
