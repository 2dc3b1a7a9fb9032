/**
 * The pages as people wait for them, in Debian's Chromium with the real service and database:
 * - a case with a year of half-hours, processor slowed four times: milliseconds from going there until curve, carpet and
 *   reasons are drawn and the page answers (median of 5), against 1,500;
 * - what a first visit to the queue brings over the network, in bytes, against 200,000;
 * - a queue of 100,000 cases (BENCH_CASES): milliseconds from a filter's question to its answer on the screen (p95 of all
 *   filters, by a supervisor), against 300. The quarter second that a search waits for the next key is not in it.
 */
/* global document, window, Event, MutationObserver, requestAnimationFrame -- of the page, in which some of this runs */
import { chromium } from 'playwright-core';
import { AppModule } from '../../dist/src/app.module.js';
import { openSession } from '../../dist/src/access/session.repository.js';
import { loadConfig } from '../../dist/src/config/config.js';
import { openUrl } from '../../dist/src/database/open-database.js';
import { createHttpApp } from '../../dist/src/http/http-app.js';
import { newDatabase, withServer } from './bench-region.mjs';
import { fillCases } from './many-cases.mjs';

export const name = 'pages';

const SLOWER = 4;
const REPEATS = 5;
const USABLE_MS = 1500;
const FIRST_LOAD_BYTES = 200_000;
const POINTS = 31;
const CASES = Number(process.env.BENCH_CASES ?? 100_000);
const FILTER_MS = 300;
/** On the first of January. */
const NEVER = '0 0 1 1 *';
/** Who supervises, among the people of fillCases. */
const SUPERVISOR = 41;

export async function* run() {
  yield* await withServer(async (place) => {
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    });
    try {
      return [
        ...(await withService(place, 'pages', fillYear, (url, token) => casePage(browser, url, token))),
        ...(await withService(place, 'queue', fillQueue, (url, token) => queue(browser, url, token))),
      ];
    } finally {
      await browser.close();
    }
  });
}

/** The service over a database of its own, filled; `fill` answers who is signed in. */
async function withService({ server, folder }, label, fill, work) {
  const database = await openUrl(await newDatabase(server, label), async () => {});
  const config = loadConfig({
    GRIDWARDEN_DATA_DIR: folder,
    GRIDWARDEN_LOG_LEVEL: 'fatal',
    GRIDWARDEN_SCORING_CRON: NEVER,
    GRIDWARDEN_DEALING_CRON: NEVER,
  });
  const app = await createHttpApp(AppModule.over(config, database), config);
  try {
    await app.listen(0, '127.0.0.1');
    const client = await database.connect();
    const personId = await fill(client).finally(() => client.end());
    const now = new Date();
    const session = { personId, method: 'password', authenticatedAt: now, now };
    return await work(await app.getUrl(), await openSession(database.dataSource, session));
  } finally {
    await app.close();
    await database.close();
  }
}

async function openQueue(browser, url, token) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  await context.addCookies([{ name: 'gridwarden-loopback', value: token, url, httpOnly: true }]);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.goto(`${url}/cases`);
  await page.locator('.queue .queue-row').first().waitFor();
  return { page, session, bytes };
}

async function casePage(browser, url, token) {
  const { page, session, bytes } = await openQueue(browser, url, token);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await page.addInitScript(watchUntilUsable);
  const times = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    await page.goto('about:blank');
    await page.goto(`${url}/cases/1`, { waitUntil: 'commit' });
    times.push(await page.evaluate('usable'));
  }
  return [
    against('pages-case-year-of-half-hours-4x-slower', percentile(times, 0.5), USABLE_MS, 'ms'),
    against('pages-first-load', bytes, FIRST_LOAD_BYTES, 'bytes'),
  ];
}

/** In the page, from its beginning: `usable` is how long it takes, without a driver that asks it meanwhile how far it is. */
function watchUntilUsable() {
  const parts = ['.load-curve canvas', '.carpet canvas', '.reasons tbody tr'];
  window.usable = new Promise((done) => {
    const observer = new MutationObserver(() => {
      if (parts.some((part) => document.querySelector(part) === null)) return;
      observer.disconnect();
      // Two frames later whatever was drawn is seen, and the page takes the next key.
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
    });
    observer.observe(document, { subtree: true, childList: true });
  });
}

/** What people filter by, as the field and what is put in; each differs from the one before. */
const FILTERS = [
  ['select:nth(0)', 'all'],
  ['select:nth(0)', 'open'],
  ['select:nth(1)', 'hidden_load'],
  ['select:nth(1)', ''],
  ['input[type=number]', '9400'],
  ['input[type=number]', ''],
  ['select:nth(2)', 'kwh'],
  ['select:nth(2)', 'newest'],
  ['select:nth(2)', 'score'],
  ['input[type=search]', 'p-0012345'],
  ['input[type=search]', 'p-00'],
  ['input[type=search]', 'nobody'],
  ['input[type=search]', ''],
];

async function queue(browser, url, token) {
  const { page } = await openQueue(browser, url, token);
  const times = [];
  for (let repeat = 0; repeat < REPEATS; repeat++)
    for (const filter of FILTERS) times.push(await page.evaluate(filtered, filter));
  return [
    against(`pages-queue-filter-${CASES}-p50`, percentile(times, 0.5), FILTER_MS, 'ms'),
    against(`pages-queue-filter-${CASES}-p95`, percentile(times, 0.95), FILTER_MS, 'ms'),
  ];
}

/** In the page: puts a value into a field; milliseconds from when the list begins to be read until the new one is drawn. */
async function filtered([field, value]) {
  const [, selector, at] = /^([^:]+)(?::nth\((\d)\))?$/.exec(field);
  const element = document.querySelectorAll(`.filters ${selector}`)[Number(at ?? 0)];
  element.value = value;
  element.dispatchEvent(new Event(selector === 'select' ? 'change' : 'input', { bubbles: true }));
  const isBusy = () => document.querySelector('[aria-busy="true"]') !== null;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const seen = (wanted) =>
    new Promise((done) => {
      if (isBusy() === wanted) return done();
      const observer = new MutationObserver(() => {
        if (isBusy() !== wanted) return;
        observer.disconnect();
        done();
      });
      observer.observe(document.body, { subtree: true, childList: true, attributes: true });
    });
  await seen(true);
  const started = performance.now();
  await seen(false);
  await frame();
  await frame();
  return performance.now() - started;
}

async function fillQueue(client) {
  await fillCases(client, CASES);
  await client.query(
    `insert into person_identity (person_id, login, name) values (${SUPERVISOR}, 'bench', 'Bench')`,
  );
  await client.query(`update person set organisation = 'o1' where id = ${SUPERVISOR}`);
  await client.query('vacuum analyze');
  return SUPERVISOR;
}

/** `other` is what it may take: a ratio above 1 is within it. */
function against(label, ours, allowed, unit) {
  return { name: label, ours, other: allowed, ratio: allowed / ours, unit };
}

function percentile(times, p) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * p) - 1];
}

/** One case in an inspector's hands, with a year of its own and its neighbours' half-hours. */
async function fillYear(client) {
  for (const sql of STATEMENTS) await client.query(sql);
  return 1;
}

const FIRST_DAY = '2025-03-01';
const LAST_DAY = '2026-02-28';

const STATEMENTS = [
  `insert into utility (code, name) values ('bench', 'Bench')`,
  `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
   values ('RU-IRK', 'Иркутская область', 'Irkutsk Oblast', null, 'Asia/Irkutsk', 480)`,
  `insert into transformer (utility_id, code) values (1, 'T-1')`,
  `insert into metering_point (utility_id, kind, external_id, household, territory_code, transformer_id, tariff_category)
   select 1, 'household', 'P-' || n, 'H-' || n, 'RU-IRK', 1, 'rural' from generate_series(1, ${POINTS}) n`,
  `insert into person (role, created_at, created_by) values ('inspector', now(), 'bench')`,
  `insert into person_identity (person_id, login, name) values (1, 'bench', 'Bench')`,
  `insert into alert (metering_point_id, kind, state, score, since, opened_at, last_seen_as_of, evidence)
   select 1, 'mining_suspected', 'firing', 0.9, '2026-01-01', now(), '2026-03-01', (
     select jsonb_agg(jsonb_build_object('detector', 'd' || n, 'kind', 'level', 'logOdds', n - 4,
       'sentence', jsonb_build_object('ru', repeat('слово ', 20), 'en', repeat('word ', 20)))) from generate_series(1, 12) n)`,
  `begin`,
  `insert into case_file (metering_point_id, utility_id, territory_code, transformer_id, kind, firing_kinds, state, version,
     score, month_kwh, since, opened_at, state_at, updated_at, inspector_id, organisation, tags, words)
   values (1, 1, 'RU-IRK', 1, 'mining_suspected', '{mining_suspected}', 'dealt', 2, 0.9, 5000, '2026-01-01', now(), now(), now(),
     1, '', '{}', array_to_tsvector(array['p-1']))`,
  `insert into case_step (case_id, version, step, from_state, to_state, at, actor, old_value, new_value)
   values (1, 1, 'opened', 'none', 'new', now(), 'scoring', '{}', '{}'), (1, 2, 'dealt', 'new', 'dealt', now(), 'dealing', '{}', '{}')`,
  `commit`,
  `insert into case_alert (alert_id, case_id) values (1, 1)`,
  ...Array.from({ length: 13 }, (_, month) => {
    const day = (add) => new Date(Date.UTC(2025, 2 + month + add, 1)).toISOString().slice(0, 10);
    return `create table load_profile_${month} partition of load_profile for values from ('${day(0)}') to ('${day(1)}')`;
  }),
  `insert into load_profile (total_wh, metering_point_id, day, upload_id, revision, channel, interval_minutes,
     intervals, scale, energy)
   select 0, p.id, d::date, 1, 1, 0, 30, 48, 0,
     decode(string_agg(lpad(to_hex((random() * 255)::int), 2, '0') || '02', ''), 'hex')
   from metering_point p cross join generate_series(timestamp '${FIRST_DAY}', '${LAST_DAY}', '1 day') d
   cross join generate_series(1, 48) group by p.id, d`,
  `insert into weather_day (territory_code, day, temperature_c, upload_id)
   select 'RU-IRK', d::date, array_fill(-5::real, array[24]), 1
   from generate_series(timestamp '${FIRST_DAY}', '${LAST_DAY}', '1 day') d`,
  `analyze`,
];
