import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { projectRoot } from '../../src/config/project-root.js';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';
import type { Database } from '../../src/database/open-database.js';
import { firstFault } from '../audit/whole-log.js';
import { mintKey } from '../support/access.js';
import { testDatabase, testRunFolder } from '../support/database.js';
import { eventually } from '../support/process.js';
import { ServiceProcess } from './service-process.js';

/** What is waited for takes seconds; a loaded machine takes longer. */
const PATIENCE_MS = 90_000;
const UTILITIES = ['north', 'south', 'east'];
const POINTS = 16;
const DAYS = 40;
const NEVER = '0 0 1 1 *';

let database: Database;
let client: Client;
let dataDir: string;
const keys = new Map<string, string>();
const running: ServiceProcess[] = [];

beforeAll(() => {
  const setup = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: projectRoot, encoding: 'utf8' });
  if (setup.status !== 0) throw new Error(setup.stderr);
}, 120_000);

beforeAll(async () => {
  database = await testDatabase();
  client = await database.connect();
  dataDir = await mkdtemp(path.join(testRunFolder(), 'instances-'));
  for (const utility of UTILITIES) keys.set(utility, await mintKey(database, 'utility', utility));
});
afterEach(() => Promise.all(running.splice(0).map((service) => service.end('SIGKILL'))));
afterAll(async () => {
  await client.end();
  await database.close();
  await rm(dataDir, { recursive: true });
});

test('three share the work; one is killed at random: every upload is loaded once, every round scored once', async () => {
  const services = await Promise.all(
    ['first', 'second', 'third'].map((name) => start(name, '*/1 * * * * *')),
  );
  for (const utility of UTILITIES)
    await send(services[randomInt(3)], { utility, kind: 'registry', text: registry() });
  for (const utility of UTILITIES)
    for (const month of [1, 4, 7])
      await send(services[randomInt(3)], { utility, kind: 'readings', text: readings(month) });
  const victim = services[randomInt(3)];
  const wasLeader = (await leaderPid()) === victim.child.pid;
  await eventually(async () => (await countOf(`upload where status = 'loaded'`)) >= 3, PATIENCE_MS);
  await victim.end('SIGKILL');
  process.stderr.write(`killed the ${victim.name} instance${wasLeader ? ', which led' : ''}\n`);

  await eventually(async () => (await openUploads()) === 0, PATIENCE_MS);
  await eventually(
    async () => (await countOf('scoring_mark')) === 0 && (await unscored()) === 0,
    PATIENCE_MS,
  );
  expect(await results()).toEqual({ loaded: 12, receipts: 12, uploads: 12, others: [] });
  expect(await stored()).toEqual(expectedStore(3));
  // Rounds follow one another; none was done beside another.
  expect(
    await countOf(`scoring_run a join scoring_run b on a.id < b.id and b.started_at < a.finished_at`),
  ).toBe(0);
  expect(await countOf('load_profile_history')).toBe(0);
  expect(await firstFault(database)).toBeNull();
}, 240_000);

test('SIGTERM during uploads: what is being sent is taken, what is being loaded is finished or handed back', async () => {
  const first = await start('leaving', NEVER);
  const writer = await database.connect();
  await writer.query(`select pg_advisory_lock(${ADVISORY_LOCKS.profileWriter})`);
  for (const month of [10, 12])
    await send(first, { utility: 'north', kind: 'readings', text: readings(month) });
  await eventually(async () => (await countOf(`upload where status = 'loading'`)) > 0, PATIENCE_MS);
  const slow = slowUpload(first, 'south', readings(10));
  await slow.begun;
  first.child.kill('SIGTERM');
  await eventually(() => first.says('Stopping'), PATIENCE_MS);
  slow.finish();
  expect(await slow.status).toBe(202);
  await writer.query(`select pg_advisory_unlock(${ADVISORY_LOCKS.profileWriter})`);
  await writer.end();
  expect(await first.exitCode).toBe(0);
  // It ended with work left, and nobody holds that work any more.
  expect(await openUploads()).toBeGreaterThan(0);
  expect(await countOf(`upload where status = 'loading' and attempts > 0`)).toBe(0);

  await start('coming', NEVER);
  await eventually(async () => (await openUploads()) === 0, PATIENCE_MS);
  expect(await results()).toEqual({ loaded: 15, receipts: 15, uploads: 15, others: [] });
  expect(await firstFault(database)).toBeNull();
}, 240_000);

test('SIGTERM during a scoring round: the marks stay, and another instance scores', async () => {
  const marked = await countOf('scoring_mark');
  expect(marked).toBeGreaterThan(0);
  // Whoever scores waits for this lock when it comes to write, and every row would say something else.
  await client.query('update score set digest = 0');
  const blocker = await database.connect();
  await blocker.query('begin; lock table score in exclusive mode');
  const first = await start('leaving', '*/1 * * * * *');
  const waiting = `pg_locks where relation = 'score'::regclass and not granted`;
  await eventually(async () => (await countOf(waiting)) > 0, PATIENCE_MS);
  expect(await first.end('SIGTERM')).toBe(0);
  expect(await countOf('scoring_mark')).toBe(marked);
  await blocker.query('rollback');
  await blocker.end();
  const second = await start('coming', '*/1 * * * * *');
  await eventually(async () => (await countOf('scoring_mark')) === 0, PATIENCE_MS);
  await eventually(() => second.says('Scored'), PATIENCE_MS);
  expect(await unscored()).toBe(0);
}, 240_000);

async function start(name: string, scoringCron: string): Promise<ServiceProcess> {
  const service = await ServiceProcess.start(name, {
    DATABASE_URL: database.url,
    GRIDWARDEN_DATA_DIR: dataDir,
    GRIDWARDEN_SCORING_CRON: scoringCron,
  });
  running.push(service);
  return service;
}

interface Sending {
  readonly utility: string;
  readonly kind: string;
  readonly text: string;
}

async function send({ url }: ServiceProcess, { utility, kind, text }: Sending): Promise<void> {
  const { status } = await fetch(`${url}/api/v1/uploads?kind=${kind}&utility=${utility}&filename=a.csv`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.get(utility)}`, 'content-type': 'text/csv' },
    body: text,
  });
  expect(status).toBe(202);
}

/** An upload whose second half comes when it is told to. */
function slowUpload({ url }: ServiceProcess, utility: string, text: string) {
  const half = text.length >> 1;
  const sending = httpRequest(`${url}/api/v1/uploads?kind=readings&utility=${utility}&filename=slow.csv`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${keys.get(utility)}`,
      'content-type': 'text/csv',
      'content-length': text.length,
    },
  });
  const status = new Promise<number>((resolve, reject) => {
    sending.once('response', (response) => resolve(response.resume().statusCode!));
    sending.once('error', reject);
  });
  const begun = eventually(async () => (await incoming()) > 0, PATIENCE_MS);
  sending.write(text.slice(0, half));
  return { status, begun, finish: () => sending.end(text.slice(half)) };
}

/** Files that are being received. */
async function incoming(): Promise<number> {
  const { readdir } = await import('node:fs/promises');
  return (await readdir(path.join(dataDir, 'spool', 'incoming')).catch(() => [])).length;
}

async function countOf(what: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(`select count(*)::int as count from ${what}`);
  return rows[0].count;
}

const openUploads = () => countOf(`upload where status in ('received', 'loading')`);

/** Household points with readings that no run has scored as of the newest day. */
const unscored = () =>
  countOf(`(select distinct metering_point_id from load_profile) p
    where not exists (select from score s where s.metering_point_id = p.metering_point_id)`);

async function leaderPid(): Promise<number | null> {
  const { rows } = await client.query<{ pid: number }>(
    `select substring(a.application_name from 'gridwarden (\\d+) on')::int as pid
     from pg_locks l join pg_stat_activity a using (pid)
     join pg_database d on d.oid = l.database and d.datname = current_database()
     where l.locktype = 'advisory' and l.granted and (l.classid, l.objid) = (${ADVISORY_LOCKS.leadership})`,
  );
  return rows[0]?.pid ?? null;
}

/** Uploads that are loaded, how often the record says of one that it was, and what became of the others. */
async function results(): Promise<Record<string, unknown>> {
  const { rows: others } = await client.query<{ fate: string }>(
    `select concat_ws(' ', id, kind, status, refusal, question) as fate from upload where status <> 'loaded' order by id`,
  );
  return {
    loaded: await countOf(`upload where status = 'loaded'`),
    receipts: await countOf(`audit_entry where kind = 'upload.loaded'`),
    uploads: await countOf(`(select distinct subject from audit_entry where kind = 'upload.loaded') s`),
    others: others.map(({ fate }) => fate),
  };
}

async function stored(): Promise<Record<string, number>> {
  const { rows } = await client.query<Record<string, number>>(
    `select sum(total_wh)::float8 as wh, sum(intervals)::int as readings,
       count(distinct (metering_point_id, day))::int as days, count(*)::int as rows from load_profile`,
  );
  return rows[0];
}

/** Of every utility so many files. */
function expectedStore(files: number): Record<string, number> {
  const parts = UTILITIES.length * files * POINTS * DAYS;
  let wh = 0;
  for (let point = 0; point < POINTS; point++)
    for (let hour = 0; hour < DAYS * 24; hour++) wh += whOf(point, hour);
  return { wh: wh * UTILITIES.length * files, readings: parts * 24, days: parts, rows: parts };
}

function registry(): string {
  const rows = Array.from({ length: POINTS }, (_, point) => `P${point},RU-IRK\n`);
  return `metering_point,territory\n${rows.join('')}`;
}

/** From the first of this month of 2025, standard time of the region. */
function readings(month: number): string {
  const start = Date.UTC(2025, month - 1, 1) - 8 * 3_600_000;
  const lines = ['metering_point,start,kwh\n'];
  for (let hour = 0; hour < DAYS * 24; hour++) {
    const time = new Date(start + hour * 3_600_000).toISOString();
    for (let point = 0; point < POINTS; point++)
      lines.push(`P${point},${time},${whOf(point, hour) / 1000}\n`);
  }
  return lines.join('');
}

function whOf(point: number, hour: number): number {
  return (point * 7919 + hour * 104_729) % 3000;
}
