/**
 * Scoring: from profiles stored in PostgreSQL to scores written (all detectors, quota judgements, transformer balances),
 * side by side with two usual ways to a score, which compute the same features and know neither law nor reasons:
 *
 * - pandas + scikit-learn (scoring/pipeline.py), features and an isolation forest. Given the fastest way in there is: a
 *   binary COPY that numpy reads in one go. A CSV of the readings takes pandas several times as long, and Debian's has no
 *   Parquet. Start-up and imports are not timed; the scores go to a CSV file. Of PANDAS_POINTS households, as its time grows with
 *   their number and its memory too.
 * - DuckDB (scoring/features.sql), features alone: it has no isolation forest. From its own table of readings in household
 *   order, which loading is not timed, to a table of features. Of DUCKDB_POINTS households at the most, for the same reason.
 *
 * and with the bare path (scoring/bare-path.mjs): twelve plain features of the same stored rows, on two threads, and a number a
 * household written.
 *
 * In turn, A B C A B C; rates are medians. Ours in these turns write nothing, as nothing differs. What is written has lines of its own:
 * the first run over a region, the run a day later, and that of the day on which a month ends, which also writes a row for each
 * point's month. BENCH_POINTS and BENCH_DAYS set the size, BENCH_THREADS our threads; BENCH_ALONE=1 leaves the others out, for a
 * million points.
 */
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import copyStreams from 'pg-copy-streams';
import { loadConfig } from '../../dist/src/config/config.js';
import { connect } from '../../dist/src/database/connection.js';
import { openUrl } from '../../dist/src/database/open-database.js';
import { assess } from '../../dist/src/detection/domain/assess.js';
import { measure, Workspace } from '../../dist/src/detection/domain/features.js';
import { DEFAULT_SETTINGS } from '../../dist/src/detection/domain/settings.js';
import { ProfileBlock, readProfiles } from '../../dist/src/detection/profile-windows.js';
import { storedDays } from '../../dist/src/detection/stored-days.js';
import { dayFromIso } from '../../dist/src/grid/domain/calendar.js';
import { ingestFile } from '../../dist/src/uploads/ingest-file.js';
import { benchRegion, median, newDatabase, ROUNDS, withServer } from './bench-region.mjs';
import { timeBarePath } from './scoring/bare-path.mjs';
import { featuresInDuckDb, loadDuckDb } from './scoring/duckdb.mjs';
import { plainFeatures } from './scoring/plain-features.mjs';
import { findPython, PIPELINE } from './scoring/python.mjs';

const execute = promisify(execFile);
const DAYS = 90;
const THREADS = Number(process.env.BENCH_THREADS ?? os.availableParallelism());
const PANDAS_POINTS = 5_000;
const DUCKDB_POINTS = 100_000;
/** Over the windows in memory, before their rates count. */
const PASSES_TO_WARM_UP = 3;
const ALONE = process.env.BENCH_ALONE === '1';

export const name = 'scoring';

export async function* run() {
  yield* await withServer(async ({ folder, server }) => {
    const region = await benchRegion(folder, 'wide', DAYS);
    const url = await newDatabase(server, 'scoring');
    await load(url, folder, region.outDir);
    const lines = [];
    // The region's last day is a month's last.
    await markUntil(url, 2);
    const first = await scoreOnce(url, 'all', 2);
    await markDay(url, 1);
    const dayLater = await scoreOnce(url, 'all', 1);
    await markDay(url, 0);
    const monthEnd = await scoreOnce(url, 'all');
    const rate = (seconds) => region.points / seconds;
    const others = ALONE ? [] : await prepareOthers(url, folder, region);
    const ours = [];
    const bare = [];
    const stored = await onDatabase(url, daysAndWeather);
    const theirs = others.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await scoreOnce(url, 'all'));
      bare.push(await timeBarePath(url, stored));
      for (const [at, other] of others.entries()) theirs[at].push(await other.seconds());
    }
    const again = ours.map(({ seconds }) => seconds);
    for (const [at, { name, points }] of others.entries()) {
      const other = points / median(theirs[at]);
      const ratio = median(again.map((seconds, round) => rate(seconds) / (points / theirs[at][round])));
      lines.push({ name, ours: rate(median(again)), other, ratio, unit: 'points/s' });
    }
    const runs = { again: median(again), 'first-run': first.seconds, 'a-day-later': dayLater.seconds };
    for (const [name, seconds] of Object.entries(runs))
      lines.push(compared(`scoring-${name}-vs-bare-path`, rate(seconds), rate(median(bare)), 'points/s'));
    lines.push(
      compared('scoring-again-vs-first-run', median(again), first.seconds, 's'),
      compared('scoring-again-vs-a-day-later', median(again), dayLater.seconds, 's'),
      compared('scoring-again-vs-month-end', median(again), monthEnd.seconds, 's'),
      compared('scoring-rows-a-day-later-vs-points', dayLater.rowsWritten, region.points, 'rows'),
      compared(
        'scoring-peak-memory-vs-limit',
        Math.max(...[first, dayLater, monthEnd, ...ours].map(({ peakMb }) => peakMb)),
        2048,
        'MB',
      ),
    );
    const inMemory = await ratesInMemory(url);
    lines.push(
      compared('scoring-features-one-thread-vs-plain', inMemory.features, inMemory.plain, 'points/s'),
      compared('scoring-assess-one-thread-vs-plain', inMemory.assess, inMemory.plain, 'points/s'),
    );
    const marked = await scoreAfterOneDay(url, region.points);
    lines.push(compared('scoring-after-a-change-at-1-in-1000-vs-all', marked, median(again), 's'));
    return lines;
  });
}

/** Ratio > 1 is in our favour: less time or memory, a higher rate. */
function compared(name, ours, other, unit) {
  return { name, ours, other, ratio: unit.endsWith('/s') ? ours / other : other / ours, unit };
}

async function load(url, folder, outDir) {
  const files = [
    ['registry', 'registry.csv'],
    ['weather', 'weather.csv'],
    ['readings', 'readings_wide.csv'],
    ['transformer-readings', 'transformer_readings.csv'],
  ];
  const config = loadConfig({ GRIDWARDEN_DATA_DIR: path.join(folder, 'service') });
  const database = await openUrl(url, async () => {});
  try {
    for (const [kind, file] of files) {
      const request = { path: path.join(outDir, file), kind, utility: 'bench', zone: null };
      const { receipt } = await ingestFile(database, config, request);
      if (receipt.status !== 'loaded') throw new Error(`${file}: ${receipt.refusal}`);
    }
  } finally {
    await database.close();
  }
  await onDatabase(url, (client) => client.query('vacuum (analyze)'));
}

/** In a process of its own, so that its peak memory is its own too; so many days before the last readings. */
async function scoreOnce(url, selection, daysBefore = 0) {
  const script = path.join(import.meta.dirname, 'scoring', 'score-once.mjs');
  const newest = await onDatabase(url, (client) =>
    client.query(`select max(day)::text as day from load_profile`),
  );
  const now = new Date(Date.parse(newest.rows[0].day) + (1 - daysBefore) * 86_400_000);
  const args = [script, url, selection, String(THREADS), now.toISOString()];
  const { stdout } = await execute(process.execPath, args);
  return JSON.parse(stdout);
}

/** As if the last days had not come in yet. */
async function markUntil(url, daysBefore) {
  await onDatabase(url, async (client) => {
    await client.query(
      `update scoring_mark set last_day = d.day - $1::int
       from (select max(last_day) as day from scoring_mark) d where last_day > d.day - $1::int`,
      [daysBefore],
    );
    await client.query('vacuum (analyze) scoring_mark');
  });
}

/** As if one day of every point had come in since the last run, some minutes ago. */
async function markDay(url, daysBefore) {
  await onDatabase(url, async (client) => {
    await client.query('truncate scoring_mark');
    await client.query(
      `insert into scoring_mark (metering_point_id, first_day, last_day, marked_at)
       select id, d.day - $1::int, d.day - $1::int, now()
       from metering_point, (select max(day) as day from load_profile) d`,
      [daysBefore],
    );
    await client.query('vacuum (analyze) scoring_mark');
  });
}

/** Readings of every thousandth point change on the last day. */
async function scoreAfterOneDay(url, points) {
  await onDatabase(url, (client) =>
    client.query(
      `insert into scoring_mark (metering_point_id, first_day, last_day, marked_at)
       select id, d.day, d.day, now() from metering_point, (select max(last_stored_day) as day from scoring_run) d
       where kind = 'household' order by hashint4(id) limit $1`,
      [Math.ceil(points / 1000)],
    ),
  );
  return (await scoreOnce(url, 'marked')).seconds;
}

async function prepareOthers(url, folder, region) {
  const files = {
    profiles: path.join(folder, 'profiles.bin'),
    weather: path.join(folder, 'weather_days.csv'),
  };
  const scores = path.join(folder, 'scores.csv');
  await onDatabase(url, (client) => writeWeather(client, files.weather));
  const points = Math.min(region.points, DUCKDB_POINTS);
  const duckDb = await loadDuckDb(folder, region, { points, weatherFile: files.weather });
  const others = [{ name: 'scoring-vs-duckdb-features', points, seconds: () => featuresInDuckDb(duckDb) }];
  const python = await findPython();
  if (python !== null) {
    const seconds = async () => {
      const started = performance.now();
      await onDatabase(url, (client) => exportProfiles(client, files.profiles));
      const exported = (performance.now() - started) / 1000;
      const { stdout } = await execute(python, [PIPELINE, files.profiles, files.weather, scores]);
      return exported + Number(stdout);
    };
    others.unshift({
      name: 'scoring-vs-pandas-sklearn',
      points: Math.min(region.points, PANDAS_POINTS),
      seconds,
    });
  }
  return others;
}

/** Hourly days in watt-hours of the first households. */
async function exportProfiles(client, file) {
  const rows = client.query(
    copyStreams.to(
      `copy (select l.metering_point_id, l.day, l.energy from load_profile l
             join (select id from metering_point where kind = 'household' order by id limit ${PANDAS_POINTS}) p
               on p.id = l.metering_point_id
             where l.scale = 0 and length(l.energy) = 48) to stdout (format binary)`,
    ),
  );
  await pipeline(rows, createWriteStream(file));
}

async function writeWeather(client, file) {
  const { rows } = await client.query(
    `select w.day - (select min(day) from load_profile) as day, avg(t.mean) as celsius from weather_day w
     cross join lateral (select avg(c) as mean from unnest(w.temperature_c) c where c <> 'NaN') t
     group by 1 order by 1`,
  );
  await writeFile(
    file,
    ['day,celsius', ...rows.map(({ day, celsius }) => `${day},${celsius}`), ''].join('\n'),
  );
}

/**
 * Windows that are in memory, one thread: our features alone (more than twelve, and robust ones; heating by the weather among
 * them), the whole pure pipeline with all detectors, and twelve plain features (scoring/plain-features.mjs), in turn.
 */
async function ratesInMemory(url) {
  const { block, temperatureC } = await onDatabase(url, async (client) => {
    const { rows } = await client.query(
      `select id from metering_point where kind = 'household' order by id limit 2000`,
    );
    const ids = rows.map(({ id }) => id);
    const { firstDay, days, temperatureC } = await daysAndWeather(client);
    const block = new ProfileBlock(ids.length, firstDay, firstDay + days);
    await readProfiles(client, block, ids);
    return { block, temperatureC };
  });
  const workspace = new Workspace(block.days);
  const facts = { declaredLoadKw: null, declaredPurpose: null, electricHeating: null, tariffCategory: null };
  const free = { ban: { status: 'free', ruleId: null, since: null, why: { ru: '', en: '' } }, quota: null };
  const known = { temperatureC, heating: null, peers: null, hiddenLoad: null, months: [] };
  const surroundings = { ...known, asOf: block.endDay, legal: free };
  const works = {
    features: (input) => measure(input, workspace),
    assess: (input) => assess(input, DEFAULT_SETTINGS, workspace),
    plain: ({ window }) => plainFeatures(window, temperatureC),
  };
  const rates = { features: [], assess: [], plain: [] };
  for (let pass = 0; pass < PASSES_TO_WARM_UP + 7; pass++) {
    for (const [name, work] of Object.entries(works)) {
      const started = performance.now();
      for (const window of block.windows) work({ window, facts, surroundings });
      rates[name].push(block.windows.length / ((performance.now() - started) / 1000));
    }
  }
  const rateOf = (name) => median(rates[name].slice(PASSES_TO_WARM_UP));
  return { features: rateOf('features'), assess: rateOf('assess'), plain: rateOf('plain') };
}

/** What days there are, and how warm they were in one place. */
async function daysAndWeather(client) {
  const { first: firstDay, last } = await storedDays(client);
  const days = last + 1 - firstDay;
  return { firstDay, days, temperatureC: await outdoorC(client, { firstDay, days }) };
}

/** Of one place, by day. */
async function outdoorC(client, { firstDay, days }) {
  const { rows } = await client.query(
    `select w.day::text, avg(c)::float8 as celsius from weather_day w cross join unnest(w.temperature_c) c
     where c <> 'NaN' and w.territory_code = (select min(territory_code) from weather_day) group by 1`,
  );
  const temperatureC = new Float32Array(days).fill(NaN);
  for (const { day, celsius } of rows) temperatureC[dayFromIso(day) - firstDay] = celsius;
  return temperatureC;
}

async function onDatabase(url, work) {
  const client = await connect(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
