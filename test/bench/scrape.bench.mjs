/**
 * A scrape of /metrics over a million metering points (BENCH_POINTS makes it fewer) with three days of readings, a score and
 * a judgement each, all of them marked for scoring: milliseconds against the 200 that a scrape may take. The tables are filled
 * by SQL, because only their sizes matter here.
 */
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { addKey } from '../../dist/src/access/api-key.repository.js';
import { AppModule } from '../../dist/src/app.module.js';
import { loadConfig } from '../../dist/src/config/config.js';
import { openUrl } from '../../dist/src/database/open-database.js';
import { startService } from '../../dist/src/http/service.js';
import { newDatabase, withServer } from './bench-region.mjs';

export const name = 'scrape';

const POINTS = Number(process.env.BENCH_POINTS ?? 1_000_000);
const SCRAPE_MS = 200;
const SCRAPES = 24;
/** Longer than what is kept shortest, so that some of the scrapes find it stale. */
const PAUSE_MS = 500;

export async function* run() {
  yield* await withServer(async ({ folder, server }) => {
    const database = await openUrl(await newDatabase(server, 'scrape'), async () => {});
    try {
      const { dataSource } = database;
      for (const sql of FILL) await dataSource.query(sql);
      const config = loadConfig({
        GRIDWARDEN_DATA_DIR: path.join(folder, 'service'),
        GRIDWARDEN_LOG_LEVEL: 'fatal',
        GRIDWARDEN_SCORING_CRON: '0 0 1 1 *',
        GRIDWARDEN_PORT: '0',
      });
      const now = new Date();
      const key = await addKey(dataSource, {
        owner: 'bench',
        role: 'metrics',
        scopes: ['read'],
        utilityId: null,
        expiresAt: new Date(now.getTime() + 3_600_000),
        createdBy: 'bench',
        now,
      });
      const service = await startService((...over) => AppModule.over(...over), config, database);
      try {
        return await scrapes(`${service.url}/metrics`, key);
      } finally {
        await service.close();
      }
    } finally {
      await database.close();
    }
  });
}

async function scrapes(url, key) {
  const times = [];
  let series = 0;
  for (let index = 0; index < SCRAPES; index++) {
    const started = performance.now();
    const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    const text = await response.text();
    times.push(performance.now() - started);
    if (!response.ok) throw new Error(`/metrics answered ${response.status}: ${text}`);
    series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    await sleep(PAUSE_MS);
  }
  const [first, ...others] = times;
  others.sort((a, b) => a - b);
  return [
    // The one that finds nothing kept waits for walks through every table.
    against('scrape-first-after-start', first),
    against('scrape-p50', others[others.length >> 1]),
    against('scrape-slowest', others.at(-1)),
    { name: 'scrape-series', ours: series, other: 2_000, ratio: 2_000 / series, unit: 'series' },
  ];
}

/** `other` is what it may take: a ratio above 1 is within it. */
function against(label, ours) {
  return { name: label, ours, other: SCRAPE_MS, ratio: SCRAPE_MS / ours, unit: 'ms' };
}

const FILL = [
  `insert into utility (code, name) select 'u' || n, 'U' || n from generate_series(1, 60) n`,
  `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
   select 'R' || n, 'Р' || n, 'R' || n, null, 'Europe/Moscow', 180 from generate_series(1, 89) n`,
  `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
   select 'M' || n, 'М' || n, 'M' || n, 'R' || (1 + n % 89), 'Europe/Moscow', 180 from generate_series(1, 2000) n`,
  `insert into transformer (utility_id, code) select 1, 'T' || n from generate_series(1, ${POINTS} / 50) n`,
  `insert into metering_point (utility_id, kind, external_id, household, territory_code, transformer_id, tariff_category)
   select 1 + n % 60, 'household', 'P-' || n, 'H-' || n, 'M' || (1 + n / 500 % 2000), 1 + n % (${POINTS} / 50), 'rural'
   from generate_series(1, ${POINTS}) n`,
  `insert into metering_point (utility_id, kind, external_id, territory_code, transformer_id)
   select 1, 'transformer', code, 'M' || (1 + id % 2000), id from transformer`,
  `create table load_profile_bench partition of load_profile
   for values from ('${isoDay(-40)}') to ('${isoDay(1)}')`,
  `insert into load_profile (total_wh, metering_point_id, day, upload_id, revision, channel, interval_minutes, intervals,
     scale, energy)
   select 12000, id, current_date - d, 1, 1, 0, 60, 24, 0, decode(repeat('f401', 24), 'hex')
   from metering_point cross join generate_series(1, 3) d`,
  `insert into score (score, digest, months_digest, metering_point_id, run_id, as_of, since, case_worthy, kind)
   select random(), 0, 0, id, 1, current_date, null, id % 100 = 0,
     case when id % 100 = 0 then 'mining_suspected' else 'none' end from metering_point where kind = 'household'`,
  `insert into quota_judgement (metering_point_id, month, counted_per, rule_id, limit_kwh, metered_kwh, unit_kwh, flat_kwh,
     intervals_present, intervals_expected, exceeded)
   select id, date_trunc('month', current_date - interval '1 month'), 'household', 'r', 6000, 700, 700, 300, 720, 720, false
   from metering_point where kind = 'household'`,
  `insert into transformer_balance (metering_point_id, as_of, verdict, hidden_kw, hidden_lower_kw, hidden_upper_kw, points,
     confidence, balance)
   select id, current_date, case when id % 20 = 0 then 'hidden_load' else 'none' end, 5, 4, 6, 50, 0.9, '{}'
   from metering_point where kind = 'transformer'`,
  `insert into alert (metering_point_id, kind, state, score, opened_at, fired_at, last_seen_as_of)
   select id, 'mining_suspected', 'firing', 0.9, now(), now(), current_date
   from metering_point where kind = 'household' and id % 100 = 0`,
  `insert into scoring_mark (metering_point_id, first_day, last_day, marked_at)
   select id, current_date - 3, current_date - 1, now() from metering_point where kind = 'household'`,
  `insert into upload (utility_id, kind, filename, sha256, bytes, status, received_at, started_at, finished_at, counts)
   select u.id, 'readings', 'f', md5(n::text), 1, 'loaded', now(), now(), now(), '{"accepted": 10}'
   from utility u cross join generate_series(1, 90) n`,
  `vacuum analyze`,
];

function isoDay(fromToday) {
  return new Date(Date.now() + fromToday * 86_400_000).toISOString().slice(0, 10);
}
