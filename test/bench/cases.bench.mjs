/**
 * The queue over 100,000 cases: the slowest twentieth (p95, milliseconds) of listing a page of 50 for each filter that
 * people use, as an inspector, a supervisor and an auditor, against the 300 ms that a page may take. And the curve of a case
 * with a year of half-hours and 30 neighbours, against 200 ms. BENCH_CASES makes it smaller for a trial.
 */
import { performance } from 'node:perf_hooks';
import { caseCurve } from '../../dist/src/cases/case-curve.js';
import { ANY_CASE, listCases, sortValue } from '../../dist/src/cases/case-queue.js';
import { projectRoot } from '../../dist/src/config/project-root.js';
import { openUrl } from '../../dist/src/database/open-database.js';
import { loadRulebook } from '../../dist/src/rulebook/rulebook-file.js';
import { newDatabase, withServer } from './bench-region.mjs';
import { fillCases } from './many-cases.mjs';

export const name = 'cases';

const CASES = Number(process.env.BENCH_CASES ?? 100_000);
const REPEATS = 30;
const PAGE_MS = 300;
const CURVE_MS = 200;
const HALF_HOURS = 48;

export async function* run() {
  yield* await withServer(async ({ server }) => {
    const url = await newDatabase(server, 'cases');
    const database = await openUrl(url, async () => {});
    try {
      const client = await database.connect();
      try {
        await fillCases(client, CASES);
        await fillYear(client);
        await client.query('vacuum analyze');
        return [...(await curve(database.dataSource)), ...(await queue(client))];
      } finally {
        await client.end();
      }
    } finally {
      await database.close();
    }
  });
}

/** A year of half-hours of the 60 points around the first of one municipality. */
async function fillYear(client) {
  for (let month = 0; month < 13; month++) {
    const from = new Date(Date.UTC(2025, 2 + month, 1)).toISOString().slice(0, 10);
    const to = new Date(Date.UTC(2025, 3 + month, 1)).toISOString().slice(0, 10);
    await client.query(
      `create table load_profile_${month} partition of load_profile for values from ('${from}') to ('${to}')`,
    );
  }
  await client.query(
    `insert into load_profile (total_wh, metering_point_id, day, upload_id, revision, channel, interval_minutes,
       intervals, scale, energy)
     select 0, p.id, d::date, 1, 1, 0, 30, ${HALF_HOURS}, 0,
       decode(string_agg(lpad(to_hex((random() * 255)::int), 2, '0') || '02', ''), 'hex')
     from (select id from metering_point where territory_code = '25600002' and (id < 2100 or transformer_id = (
       select transformer_id from metering_point where territory_code = '25600002' order by id limit 1))) p
     cross join generate_series(timestamp '2025-03-01', '2026-02-28', '1 day') d
     cross join generate_series(1, ${HALF_HOURS})
     group by p.id, d`,
  );
  await client.query(
    `insert into weather_day (territory_code, day, temperature_c, upload_id)
     select 'RU-IRK', d::date, array_fill(-5::real, array[24]), 1
     from generate_series(timestamp '2025-03-01', '2026-02-28', '1 day') d`,
  );
}

const AUDITOR = { role: 'auditor', actor: 'key bench', personId: null, organisation: '' };
const SUPERVISOR = { role: 'supervisor', actor: 'person 41', personId: 41, organisation: 'o1' };
const INSPECTOR = { role: 'inspector', actor: 'person 12', personId: 12, organisation: 'o1' };

const ASKED = [
  ['everything', AUDITOR, {}],
  ['supervisor', SUPERVISOR, {}],
  ['inspector', INSPECTOR, {}],
  ['inspector-text', INSPECTOR, { text: 'p-00' }],
  ['state', AUDITOR, { states: ['dealt'] }],
  ['state-supervisor', SUPERVISOR, { states: ['dealt', 'first_look'] }],
  ['no-such-state', AUDITOR, { states: ['second_look'] }],
  ['region', AUDITOR, { territory: 'RU-IRK' }],
  ['municipality', SUPERVISOR, { territory: '25600007' }],
  ['kind', AUDITOR, { kind: 'hidden_load' }],
  ['score', SUPERVISOR, { minScore: 0.95 }],
  ['kwh', SUPERVISOR, { minKwh: 9400 }],
  ['since', SUPERVISOR, { since: '2026-02-25' }],
  ['tag', SUPERVISOR, { tag: 'garage' }],
  ['text-rare', SUPERVISOR, { text: 'p-0012345' }],
  ['text-common', SUPERVISOR, { text: 'p-00' }],
  ['text-none', SUPERVISOR, { text: 'nobody' }],
  [
    'all-filters',
    SUPERVISOR,
    {
      states: ['new'],
      territory: 'RU-IRK',
      kind: 'mining_suspected',
      minScore: 0.5,
      minKwh: 9000,
      since: '2026-01-01',
      text: 'h-9',
    },
  ],
];

async function queue(client) {
  const results = [];
  for (const [label, viewer, filter] of ASKED) {
    const times = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      // By score, by energy, and the second page of each: what people do with a queue.
      for (const sort of ['score', 'kwh']) {
        let after = null;
        for (let page = 0; page < 2; page++) {
          const started = performance.now();
          const found = await listCases(
            client,
            viewer,
            { ...ANY_CASE, ...filter },
            { sort, after, limit: 51 },
          );
          times.push(performance.now() - started);
          const last = found.at(-1);
          if (last === undefined) break;
          after = { value: sortValue(sort, last), id: last.id };
        }
      }
    }
    results.push(against(`cases-queue-${label}-p95`, percentile(times, 0.95), PAGE_MS));
  }
  return results;
}

async function curve(dataSource) {
  const rulebook = loadRulebook(`${projectRoot}/rulebook/ru.json`);
  const times = [];
  const asked = { from: null, to: null, resolution: 'interval' };
  const [{ id }] = await dataSource.query(
    `select c.id from case_file c join metering_point p on p.id = c.metering_point_id
     where p.territory_code = '25600002' order by p.id limit 1`,
  );
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const started = performance.now();
    const { minutes, neighbours } = await caseCurve(dataSource, AUDITOR, id, asked, rulebook);
    times.push(performance.now() - started);
    if (minutes !== 30 || neighbours.points < 30)
      throw new Error(`the curve has ${minutes} min, ${neighbours.points} points`);
  }
  return [
    against('cases-curve-year-of-half-hours-p50', percentile(times, 0.5), CURVE_MS),
    against('cases-curve-year-of-half-hours-p95', percentile(times, 0.95), CURVE_MS),
  ];
}

/** `other` is what it may take: a ratio above 1 is within it. */
function against(label, ours, allowed) {
  return { name: label, ours, other: allowed, ratio: allowed / ours, unit: 'ms' };
}

function percentile(times, p) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * p) - 1];
}
