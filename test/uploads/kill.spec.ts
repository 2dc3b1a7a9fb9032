import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/open-database.js';
import { receiveUpload } from '../../src/uploads/receive-upload.js';
import { ingestFile } from '../../src/uploads/ingest-file.js';
import { Spool } from '../../src/uploads/spool.js';
import { firstFault } from '../audit/whole-log.js';
import { testDatabase } from '../support/database.js';
import { TestProcess } from '../support/process.js';

const POINTS = 120;
const DAYS = 60;
const KILLS = 8;
/** Every hundredth line is bad, so that rejected rows are seen to be neither lost nor doubled. */
const BAD_EVERY = 100;

let database: Database;
let folder: string;
const limits = { uploadMaxBytes: 1e9, unpackedMaxBytes: 1e9, rejectedRowsKept: 10_000 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gridwarden-kill-'));
  database = await testDatabase();
  const registry = join(folder, 'registry.csv');
  const rows = Array.from({ length: POINTS }, (_, point) => `P${point},RU-IRK`);
  await writeFile(registry, `metering_point,territory\n${rows.join('\n')}\n`);
  const request = { kind: 'registry', utility: 'test', zone: null } as const;
  await ingestFile(database, { dataDir: folder, ...limits }, { ...request, path: registry });
}, 120_000);

afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

describe('a loader that is killed again and again', () => {
  it.each(['plain', 'gzip'])('loses and doubles nothing (%s)', async (packing) => {
    const month = packing === 'plain' ? '01' : '06';
    const { text, totalWh, readings, bad } = hourMajorFile(`2025-${month}-01`);
    const path = join(folder, `${packing}.csv`);
    await writeFile(path, packing === 'plain' ? text : gzipSync(text));
    const spool = new Spool(join(folder, 'spool'));
    const request = { kind: 'readings', utility: 'test', zone: null, filename: packing } as const;
    const { id } = await receiveUpload(database, spool, limits, request, createReadStream(path), new Date());

    const committed: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) committed.push(await loadAndKill(kill));
    // The kills hit work in hand, and each run went on from where the one before had committed.
    expect(new Set(committed).size).toBeGreaterThan(2);
    const last = TestProcess.start('uploads/loader-process.ts', [database.url, join(folder, 'spool')]);
    while ((await last.answer()) !== 'done');

    const [sums] = await database.dataSource.query(
      `select sum(total_wh) as wh, sum(intervals) as readings, count(*) as days,
              count(distinct (metering_point_id, day)) as distinct_days
       from load_profile where upload_id = $1`,
      [id],
    );
    expect(sums).toEqual({
      wh: String(totalWh),
      readings,
      days: POINTS * DAYS,
      distinct_days: POINTS * DAYS,
    });
    const [upload] = await database.dataSource.query('select status, counts from upload where id = $1', [id]);
    expect(upload).toMatchObject({
      status: 'loaded',
      counts: { accepted: readings, rejected: bad, held: 0 },
    });
    const [rejects] = await database.dataSource.query(
      'select count(*) as rows, count(distinct line) as lines from rejected_row where upload_id = $1',
      [id],
    );
    expect(rejects).toEqual({ rows: bad, lines: bad });
    const [history] = await database.dataSource.query('select count(*) as rows from load_profile_history');
    expect(history.rows).toBe(0);
    expect(await firstFault(database)).toBeNull();
  });
});

/** Starts a loader and kills it after a few committed batches; returns the bytes it had committed. */
async function loadAndKill(kill: number): Promise<number> {
  const loader = TestProcess.start('uploads/loader-process.ts', [database.url, join(folder, 'spool')]);
  let bytesDone = 0;
  for (let batch = 0; batch <= kill % 3; batch++) {
    const answer = await loader.answer<{ bytesDone: number } | 'done'>();
    if (answer === 'done') break;
    bytesDone = answer.bytesDone;
  }
  await loader.end('SIGKILL');
  return bytesDone;
}

/** Hour after hour, all points: the order in which every batch holds a part of many days. */
function hourMajorFile(firstDay: string): { text: string; totalWh: number; readings: number; bad: number } {
  const lines = ['metering_point,start,kwh'];
  let totalWh = 0;
  let readings = 0;
  let bad = 0;
  const start = Date.parse(`${firstDay}T00:00:00Z`);
  for (let hour = 0; hour < DAYS * 24; hour++) {
    const time = new Date(start + hour * 3_600_000).toISOString().slice(0, 16);
    for (let point = 0; point < POINTS; point++) {
      const wh = (point * 7919 + hour * 104_729) % 3000;
      lines.push(`P${point},${time},${wh / 1000}`);
      totalWh += wh;
      readings++;
      if (lines.length % BAD_EVERY !== 0) continue;
      lines.push(`P${point},${time},-1`);
      bad++;
    }
  }
  return { text: `${lines.join('\n')}\n`, totalWh, readings, bad };
}
