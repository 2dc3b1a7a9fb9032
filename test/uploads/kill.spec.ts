import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { projectRoot } from '../../src/config/project-root.js';
import { UPLOAD_LOCK_CLASS } from '../../src/database/advisory-locks.js';
import { connect } from '../../src/database/connection.js';
import { connectionUrl, DEFAULT_SYSTEM_FOLDER, startServer } from '../../src/database/embedded-postgres.js';
import { stopServer, type Server } from '../../src/database/embedded/server.js';
import { openUrl, type Database } from '../../src/database/open-database.js';
import { loadOpenUploads } from '../../src/uploads/load-open-uploads.js';
import { receiveUpload } from '../../src/uploads/receive-upload.js';
import { ingestFile } from '../../src/uploads/ingest-file.js';
import { Spool } from '../../src/uploads/spool.js';
import { firstFault } from '../audit/whole-log.js';
import { testDatabase, testRunFolder } from '../support/database.js';
import { eventually, TestProcess } from '../support/process.js';
import { differences, randomFrom, readPlainly } from './file-oracle.js';

const POINTS = 60;
const DAYS = 28;
/** In the suite; `npm run torture` takes 1,000 and 300. */
const APP_KILLS = Number(process.env.APP_KILLS ?? 30);
const DATABASE_KILLS = Number(process.env.DATABASE_KILLS ?? 10);
const SEED = Number(process.env.KILL_SEED ?? 20_261_121);
/** Kills of one file; a file that is loaded before all of them are used is followed by another. */
const KILLS_OF_FILE = 16;
/** Every hundredth line is bad, so that rejected rows are seen to be neither lost nor doubled. */
const BAD_EVERY = 100;
const random = randomFrom(SEED);
const LONG_MS = 60_000 + 6_000 * (APP_KILLS + DATABASE_KILLS);

let folder: string;
const limits = { uploadMaxBytes: 1e9, unpackedMaxBytes: 1e9, rejectedRowsKept: 10_000 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gridwarden-kill-'));
  // The loaders are compiled.
  const setup = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: projectRoot, encoding: 'utf8' });
  if (setup.status !== 0) throw new Error(setup.stderr);
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

async function register(database: Database): Promise<void> {
  const registry = join(folder, 'registry.csv');
  const rows = Array.from({ length: POINTS }, (_, point) => `P${point},RU-IRK`);
  await writeFile(registry, `metering_point,territory\n${rows.join('\n')}\n`);
  const request = { kind: 'registry', utility: 'test', zone: null } as const;
  await ingestFile(database, { dataDir: folder, ...limits }, { ...request, path: registry });
}

/** Receives a file of its own for each number, plain or packed by turns. */
async function receive(database: Database, file: number) {
  const text = readingsFile(file);
  const path = join(folder, `${file}.csv`);
  await writeFile(path, file % 4 < 2 ? text : gzipSync(text));
  const request = { kind: 'readings', utility: 'test', zone: null, filename: `${file}` } as const;
  const spool = new Spool(join(folder, 'spool'));
  const { id } = await receiveUpload(database, spool, limits, request, createReadStream(path), new Date());
  return { id, expected: readPlainly(text) };
}

/** Every reading once, every bad row once, no revision of anything, and an audit log that is whole. */
async function expectWhole(
  database: Database,
  { id, expected }: Awaited<ReturnType<typeof receive>>,
): Promise<void> {
  const client = await database.connect();
  try {
    expect(await differences(client, id, expected)).toEqual([]);
  } finally {
    await client.end();
  }
  const [upload] = await database.dataSource.query('select status, counts from upload where id = $1', [id]);
  expect(upload).toMatchObject({
    status: 'loaded',
    counts: { accepted: expected.good, rejected: expected.bad, held: 0 },
  });
  const [rejects] = await database.dataSource.query(
    'select count(*) as rows, count(distinct line) as lines from rejected_row where upload_id = $1',
    [id],
  );
  expect(rejects).toEqual({ rows: expected.bad, lines: expected.bad });
  const [history] = await database.dataSource.query('select count(*) as rows from load_profile_history');
  expect(history.rows).toBe(0);
  expect(await firstFault(database)).toBeNull();
}

describe(`kill -9 at random moments, seed ${SEED}`, () => {
  it(
    `of the loader, ${APP_KILLS} times: loses and doubles nothing`,
    async () => {
      const database = await testDatabase();
      const loaders = new Loaders(database);
      try {
        await register(database);
        for (let kills = 0, file = 0; kills < APP_KILLS; file++) {
          const upload = await receive(database, file);
          const most = Math.min(KILLS_OF_FILE, APP_KILLS - kills);
          const hit = await killOften(loaders, upload.id, most);
          expect(hit).toBeGreaterThan(0);
          kills += hit;
          const last = loaders.next();
          while ((await last.answer()) !== 'done');
          await last.end('SIGKILL');
          await expectWhole(database, upload);
        }
      } finally {
        await loaders.close();
        await database.close();
      }
    },
    LONG_MS,
  );

  (DATABASE_KILLS > 0 ? it : it.skip)(
    `of PostgreSQL, ${DATABASE_KILLS} times: the same, and the load goes on by itself`,
    async () => {
      const home = join(testRunFolder(), 'killed');
      let server = await startAgain(home);
      const loading = new AbortController();
      const url = connectionUrl(server, 'gridwarden', 'gridwarden');
      try {
        const prepared = await openUrl(url, async () => {});
        await register(prepared);
        let kills = 0;
        for (let file = 0; kills < DATABASE_KILLS; file++) {
          const upload = await receive(prepared, file);
          const done = loadWhateverHappens(url, upload.id, loading.signal);
          let isDone = false;
          void done.then(() => (isDone = true));
          for (let ofFile = 0; !isDone && ofFile < KILLS_OF_FILE / 2 && kills < DATABASE_KILLS; ofFile++) {
            await sleep(30 + random() * 250);
            if (isDone) break;
            process.kill(server.pid, 'SIGKILL');
            kills++;
            server = await startAgain(home);
          }
          await done;
          await eventually(
            () =>
              prepared.dataSource.query('select 1').then(
                () => true,
                () => false,
              ),
            30_000,
          );
          await expectWhole(prepared, upload);
        }
        await prepared.close();
      } finally {
        loading.abort();
        await stopServer(server).catch(() => {});
      }
    },
    LONG_MS,
  );
});

/** A server that was killed may leave its children's memory behind for a moment: the next start waits, and is repeated. */
async function startAgain(home: string): Promise<Server> {
  for (let tries = 1; ; tries++) {
    try {
      return await startServer(home, { systemFolder: DEFAULT_SYSTEM_FOLDER, say: () => {} });
    } catch (error) {
      if (tries === 5) throw error;
      await sleep(200);
    }
  }
}

/** Loaders, one after the other; while one loads the next gets ready. */
class Loaders {
  private ready: TestProcess;

  constructor(readonly database: Database) {
    this.ready = this.start();
  }

  next(): TestProcess {
    const loader = this.ready;
    loader.say('begin');
    this.ready = this.start();
    return loader;
  }

  async close(): Promise<void> {
    await this.ready.end('SIGKILL');
  }

  private start(): TestProcess {
    return TestProcess.start('uploads/loader-process.mjs', [this.database.url, join(folder, 'spool')]);
  }
}

/** Starts loaders and kills each at a random moment after it began; how many were hit before the file was loaded. */
async function killOften(loaders: Loaders, id: number, most: number): Promise<number> {
  for (let kill = 0; kill < most; kill++) {
    const running = loaders.next();
    let acknowledged = 0;
    const batches = Math.floor(random() * 3);
    for (let batch = 0; batch <= batches; batch++) {
      const answer = await running.answer<{ bytesDone: number } | 'done'>();
      if (answer === 'done') return kill;
      acknowledged = answer.bytesDone;
    }
    await sleep(random() * 15);
    await running.end('SIGKILL');
    const [{ committed }] = await loaders.database.dataSource.query(
      'select committed_bytes::float8 as committed from upload where id = $1',
      [id],
    );
    // What was told to be stored is stored.
    expect(committed).toBeGreaterThanOrEqual(acknowledged);
    // The server notices a dead client when it next listens to it; who comes before that finds the upload taken.
    await eventually(async () => !(await isClaimed(loaders.database, id)), 60_000);
  }
  return most;
}

async function isClaimed(database: Database, uploadId: number): Promise<boolean> {
  const locks: unknown[] = await database.dataSource.query(
    `select from pg_locks where locktype = 'advisory' and classid = ${UPLOAD_LOCK_CLASS} and objid = $1
     and database = (select oid from pg_database where datname = current_database())`,
    [uploadId],
  );
  return locks.length > 0;
}

/** Loads as the service's thread does: a connection that breaks is made anew, and the upload taken up again. */
async function loadWhateverHappens(url: string, id: number, signal: AbortSignal): Promise<void> {
  const spool = new Spool(join(folder, 'spool'));
  while (!signal.aborted) {
    try {
      const client = await connect(url);
      try {
        const options = { spool, rejectedRowsKept: 10_000, now: () => new Date(), batchBytes: 96 * 100 };
        // As large files are loaded.
        await loadOpenUploads(client, { ...options, largeFileBytes: 0 }, {}, signal);
        const { rows } = await client.query('select status from upload where id = $1', [id]);
        if (!['received', 'loading'].includes(rows[0].status)) return;
      } finally {
        await client.end().catch(() => {});
      }
    } catch {
      // It is being started again.
    }
    await sleep(20);
  }
}

/**
 * Every other file point after point, as a month without its key is filled; else hour after hour, all points: the order in which
 * every batch holds a part of many days. Each file has a month of its own.
 */
function readingsFile(file: number): string {
  const lines = ['metering_point,start,kwh'];
  const start = Date.UTC(2025, -file, 1);
  const hours = DAYS * 24;
  for (let n = 0; n < hours * POINTS; n++) {
    const [point, hour] =
      file % 2 === 0 ? [Math.floor(n / hours), n % hours] : [n % POINTS, Math.floor(n / POINTS)];
    const time = new Date(start + hour * 3_600_000).toISOString().slice(0, 16);
    const wh = (point * 7919 + hour * 104_729) % 3000;
    lines.push(`P${point},${time},${wh / 1000}`);
    if (lines.length % BAD_EVERY === 0) lines.push(`P${point},${time},-1`);
  }
  return `${lines.join('\n')}\n`;
}
