import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import type { Database } from '../../src/database/open-database.js';
import { decodeDay } from '../../src/readings/domain/energy-codec.js';
import { ingestFile, type IngestRequest, type IngestResult } from '../../src/uploads/ingest-file.js';
import { firstFault } from '../audit/whole-log.js';
import { testDatabase } from '../support/database.js';
import { makeKnown } from './known-point.js';

let database: Database;
let client: Client;
let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gridwarden-ingest-'));
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  database = await testDatabase();
  client = await database.connect();
});
afterEach(async () => {
  // Whatever was stored, and however: the audit log knows of it.
  const fault = await firstFault(database);
  await client.end();
  await database.close();
  expect(fault).toBeNull();
});

const limits = () => ({
  dataDir: folder,
  uploadMaxBytes: 1e9,
  unpackedMaxBytes: 1e9,
  rejectedRowsKept: 1000,
});

async function ingest(
  content: string | Buffer,
  request: Partial<IngestRequest> = {},
): Promise<IngestResult & { counts: IngestResult['receipt']['counts'] }> {
  const path = join(folder, `file-${files++}.csv`);
  await writeFile(path, content);
  const result = await ingestFile(database, limits(), {
    path,
    kind: 'readings',
    utility: 'test',
    zone: null,
    ...request,
  });
  return { ...result, counts: result.receipt.counts };
}

const REGISTRY = [
  'metering_point,household,territory,transformer,feeder,tariff_category,electric_heating,contracted_kw',
  'A,1,RU-IRK,T1,F1,urban,no,15',
  'B,2,RU-IRK,T1,F1,urban,no,15',
].join('\n');

async function register(text = REGISTRY, zone: string | null = null): Promise<IngestResult> {
  const result = await ingest(text, { kind: 'registry', zone });
  expect(result.receipt).toMatchObject({ status: 'loaded', refusal: null });
  return result;
}

/** Everything stored for a point: `YYYY-MM-DD` → energies in Wh, missing as null. */
async function stored(externalId: string): Promise<Record<string, (number | null)[]>> {
  const { rows } = await client.query(
    `select to_char(day, 'YYYY-MM-DD') as day, energy, scale, total_wh, intervals from load_profile p
     join metering_point m on m.id = p.metering_point_id where m.external_id = $1 order by day`,
    [externalId],
  );
  return Object.fromEntries(
    rows.map(({ day, energy, scale, total_wh, intervals }) => {
      const wh = [...decodeDay(energy, scale)];
      const present = wh.filter((value) => !Number.isNaN(value));
      expect({ total_wh, intervals }).toEqual({
        total_wh: present.reduce((a, b) => a + b, 0),
        intervals: present.length,
      });
      return [day, wh.map((value) => (Number.isNaN(value) ? null : value))];
    }),
  );
}

function day(values: Record<number, number>, slots = 24): (number | null)[] {
  return Array.from({ length: slots }, (_, slot) => values[slot] ?? null);
}

async function walPosition(): Promise<number> {
  const { rows } = await client.query(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as position`,
  );
  return rows[0].position;
}

const wideHeader = `metering_point,date,${Array.from({ length: 24 }, (_, h) => `h${h}`).join(',')}`;
const wideRow = (id: string, date: string, kwh: (hour: number) => string) =>
  [id, date, ...Array.from({ length: 24 }, (_, hour) => kwh(hour))].join(',');

describe('layouts', () => {
  const expected = { '2026-03-01': day({ 0: 500, 1: 1250, 23: 70 }), '2026-03-02': day({ 0: 80 }) };

  it.each([
    [
      'comma and point, offset',
      'metering_point,start,kwh\nA,2026-03-01T00:00+08:00,0.5\nA,2026-03-01T01:00+08:00,1.25\nA,2026-03-01T23:00:00+08:00,0.07\nA,2026-03-02T00:00+08:00,0.08\n',
    ],
    [
      'UTC',
      'metering_point,start,kwh\nA,2026-02-28T16:00Z,0.5\nA,2026-02-28T17:00Z,1.25\nA,2026-03-01T15:00Z,0.07\nA,2026-03-01T16:00Z,0.08',
    ],
    [
      'semicolon, decimal comma, local, CRLF',
      'metering_point;start;kwh\r\nA;01.03.2026 00:00;0,5\r\nA;01.03.2026 01:00;1,25\r\nA;01.03.2026 23:00;0,07\r\nA;02.03.2026 00:00;0,08\r\n',
    ],
    [
      'tab, other column order, extra column',
      'kwh\tnote\tstart\tmetering_point\n0.5\tx\t2026-03-01 00:00\tA\n1.25\t\t2026-03-01 01:00\tA\n.07\t\t2026-03-01 23:00\tA\n0.08\t\t2026-03-02 00:00\tA\n',
    ],
    [
      'quotes and decimal comma in a comma file',
      '"metering_point","start","kwh"\n"A","2026-03-01T00:00","0,5"\n="A",2026-03-01T01:00,"1,25"\n A ,2026-03-01T23:00, 0.07 \n"A",2026-03-02T00:00,0.08\n',
    ],
    [
      'byte order mark, hour by hour, backwards',
      '\ufeffmetering_point,start,kwh\nA,2026-03-02T00:00,0.08\nA,2026-03-01T23:00,0.07\nA,2026-03-01T01:00,1.25\nA,2026-03-01T00:00,0.5\n',
    ],
    [
      'wide',
      `${wideHeader}\n${wideRow('A', '2026-03-01', (h) => ({ 0: '0.5', 1: '1.25', 23: '0.07' })[h] ?? '')}\n${wideRow('A', '02.03.2026', (h) => (h === 0 ? '0.08' : ''))}\n`,
    ],
  ])('%s', async (_, text) => {
    await register();
    const { receipt } = await ingest(text);
    expect(receipt).toMatchObject({
      status: 'loaded',
      counts: { accepted: 4, rejected: 0, held: 0, stored: { created: 2 } },
    });
    expect(await stored('A')).toEqual(expected);
  });

  it('takes gzip, half hours and quality', async () => {
    await register();
    const lines = Array.from(
      { length: 48 },
      (_, i) =>
        `A,2026-03-01T${String(i >> 1).padStart(2, '0')}:${i % 2 ? '30' : '00'},0.1,${i === 5 ? 'estimated' : i === 6 ? 'odd' : ''}`,
    );
    const { receipt } = await ingest(gzipSync(`metering_point,start,kwh,quality\n${lines.join('\n')}\n`));
    expect(receipt).toMatchObject({
      status: 'loaded',
      layout: { interval_minutes: 30 },
      counts: { accepted: 48 },
    });
    const { rows } = await client.query('select interval_minutes, quality from load_profile');
    expect(rows[0].interval_minutes).toBe(30);
    expect([...rows[0].quality].slice(4, 8)).toEqual([0, 1, 3, 0]);
  });

  it('reads transformer balance meters by transformer id', async () => {
    await register();
    const { receipt } = await ingest(
      'transformer,start,kwh\nT1,2026-03-01T00:00,120.5\nA,2026-03-01T00:00,1\n',
      {
        kind: 'transformer-readings',
      },
    );
    expect(receipt.counts).toMatchObject({ accepted: 1, held: 1 });
    expect(await stored('T1')).toEqual({ '2026-03-01': day({ 0: 120_500 }) });
  });

  it('keeps a 10 MW point', async () => {
    await register('metering_point,territory\nA,RU-IRK\n');
    await ingest('metering_point,start,kwh\nA,2026-03-01T00:00,10000\nA,2026-03-01T01:00,0.5\n');
    expect(await stored('A')).toEqual({ '2026-03-01': day({ 0: 10_000_000, 1: 1000 }) });
  });
});

describe('the same again, and corrections', () => {
  const text =
    'metering_point,start,kwh\nA,2026-03-01T00:00,0.5\nA,2026-03-01T01:00,0.6\nB,2026-03-01T00:00,0.7\n';

  it('knows the very file again without reading it, and reads what was changed since', async () => {
    await register();
    const path = join(folder, 'kept.csv');
    const request = { path, kind: 'readings', utility: 'test', zone: null } as const;
    const load = async () => (await ingestFile(database, limits(), request)).receipt;
    const noted = async (): Promise<{ id: number; local_file: string | null }[]> =>
      (await client.query(`select id, local_file from upload where kind = 'readings' order by id`)).rows;
    await writeFile(path, 'metering_point,start,kwh\nA,2026-03-01T00:00+08:00,1.5\n');
    const first = await load();
    // It may be changed again within the same tick of the clock.
    expect(await noted()).toEqual([{ id: first.id, local_file: null }]);

    await writeFile(path, 'metering_point,start,kwh\nA,2026-03-01T01:00+08:00,2.5\n');
    await sleep(2100);
    const second = await load();
    const [, { local_file: identity }] = await noted();
    expect(identity).toMatch(/^(\d+:){4}\d+$/);
    expect((await load()).id).toBe(second.id);

    // Its bytes are the second upload's; that the first is named shows that they were not asked.
    await client.query('update upload set local_file = case id when $1 then $2 end', [first.id, identity]);
    expect((await load()).id).toBe(first.id);

    // As long, and with the time of change of its content put back: the inode's can't be.
    const { atime, mtime } = await stat(path);
    await writeFile(path, 'metering_point,start,kwh\nA,2026-03-01T01:00+08:00,3.5\n');
    await utimes(path, atime, mtime);
    await sleep(2100);
    const third = await load();
    expect(third.id).toBeGreaterThan(second.id);
    expect(third.counts.stored?.changed).toBe(1);
  });

  it('answers the same bytes with the first receipt and writes nothing', async () => {
    await register();
    const first = await ingest(text);
    const again = await ingest(text);
    expect(first.repeated).toBe(false);
    expect(again.repeated).toBe(true);
    expect(again.receipt).toEqual(first.receipt);
    const { rows } = await client.query(
      `select count(*)::int as uploads from upload where kind = 'readings'`,
    );
    expect(rows[0].uploads).toBe(1);
  });

  it('writes nothing for the same readings in other bytes', async () => {
    await register();
    await ingest(text);
    const before = await client.query(
      'select metering_point_id, day, xmin::text, ctid::text from load_profile order by 1, 2',
    );
    // The server's log holds what other specs write meanwhile: of several times, the one with the least of that.
    let leastWal = Infinity;
    for (let blankLines = 1; blankLines <= 8 && leastWal >= 30_000; blankLines++) {
      const wal = await walPosition();
      const { counts } = await ingest(text + '\n'.repeat(blankLines));
      leastWal = Math.min(leastWal, (await walPosition()) - wal);
      expect(counts.stored).toEqual({ created: 0, changed: 0, unchanged: 2 });
    }
    expect(leastWal).toBeLessThan(30_000);
    const after = await client.query(
      'select metering_point_id, day, xmin::text, ctid::text from load_profile order by 1, 2',
    );
    expect(after.rows).toEqual(before.rows);
  });

  it('makes a revision of a changed day, keeps the old one, and marks it for scoring', async () => {
    await register();
    await ingest(text);
    await client.query('delete from scoring_mark');
    const { receipt } = await ingest(
      'metering_point,start,kwh\nA,2026-03-01T01:00,0.9\nB,2026-03-01T00:00,0.7\n',
    );
    expect(receipt.counts.stored).toEqual({ created: 0, changed: 1, unchanged: 1 });
    expect(await stored('A')).toEqual({ '2026-03-01': day({ 0: 500, 1: 900 }) });
    const history = await client.query(
      'select revision, energy, scale, superseded_by_upload_id as by from load_profile_history',
    );
    expect(history.rows).toHaveLength(1);
    expect(history.rows[0]).toMatchObject({ revision: 1, by: receipt.id });
    expect([...decodeDay(history.rows[0].energy, 0)].slice(0, 3)).toEqual([500, 600, NaN]);
    const { rows } = await client.query(`select revision, upload_id from load_profile p
      join metering_point m on m.id = p.metering_point_id where external_id = 'A'`);
    expect(rows).toEqual([{ revision: 2, upload_id: receipt.id }]);
    const marks = await client.query(
      'select external_id from scoring_mark s join metering_point m on m.id = s.metering_point_id',
    );
    expect(marks.rows).toEqual([{ external_id: 'A' }]);
  });

  it('fills a day from several files slot by slot, whatever their scale', async () => {
    await register();
    await ingest('metering_point,start,kwh\nA,2026-03-01T00:00,0.5\nA,2026-03-01T02:00,0.126\n');
    await ingest('metering_point,start,kwh\nA,2026-03-01T01:00,80\n');
    expect(await stored('A')).toEqual({ '2026-03-01': day({ 0: 500, 1: 80_000, 2: 130 }) });
  });

  it('counts what a file says twice and lets the later row stand', async () => {
    await register();
    const { counts } = await ingest(
      'metering_point,start,kwh\nA,2026-03-01T00:00,0.5\nA,2026-03-01T00:00,0.5\nA,2026-03-01T00:00,0.8\n',
    );
    expect(counts.duplicates).toEqual({ equal: 1, different: 1 });
    expect(await stored('A')).toEqual({ '2026-03-01': day({ 0: 800 }) });
  });

  it('applies a registry again that was sent before another one', async () => {
    await register();
    await register(REGISTRY.replace('A,1,', 'A,9,'));
    expect((await register()).repeated).toBe(false);
    const { rows } = await client.query(
      `select household from metering_point where external_id = 'A' and kind = 'household'`,
    );
    expect(rows[0].household).toBe('1');
  });
});

describe('metering points the registry does not know', () => {
  it('holds their readings and applies them when it names them, the later upload on top', async () => {
    await register();
    const first = await ingest(
      'metering_point,start,kwh\nA,2026-03-01T00:00,1\nNEW,2026-03-01T00:00,0.5\nNEW,2026-03-01T01:00,0.6\n',
    );
    const second = await ingest('metering_point,start,kwh\nNEW,2026-03-01T01:00,0.9\n');
    expect(first.counts).toMatchObject({ accepted: 1, held: 2, rejected: 0 });
    expect(await stored('NEW')).toEqual({});
    await register(`${REGISTRY}\nNEW,3,RU-IRK,T1,F1,urban,no,15`);
    expect(await stored('NEW')).toEqual({ '2026-03-01': day({ 0: 500, 1: 900 }) });
    const { rows } = await client.query(
      `select (counts->>'accepted')::int as accepted, (counts->>'held')::int as held from upload where id = any($1) order by id`,
      [[first.receipt.id, second.receipt.id]],
    );
    expect(rows).toEqual([
      { accepted: 3, held: 0 },
      { accepted: 1, held: 0 },
    ]);
  });

  it('does not let held readings of an older upload overwrite newer ones', async () => {
    await register();
    await ingest('metering_point,start,kwh\nNEW,2026-03-01T00:00,0.5\nNEW,2026-03-01T01:00,0.6\n');
    // The point becomes known, and a newer file is loaded, before the held readings are applied.
    await makeKnown(client, 'NEW', { utility: 'test', territory: 'RU-IRK' });
    await ingest('metering_point,start,kwh\nNEW,2026-03-01T01:00,0.9\n');
    expect(await stored('NEW')).toEqual({ '2026-03-01': day({ 0: 500, 1: 900 }) });
  });
});

describe('local time', () => {
  const SYDNEY = 'metering_point,territory\nS,AU-NSW';
  const load = (lines: string[]) =>
    ingest(`metering_point,start,kwh\n${lines.join('\n')}\n`, { zone: 'Australia/Sydney' });

  it('puts wall-clock days of 23 and 25 hours into standard-time days without losing or doubling an hour', async () => {
    await register(SYDNEY, 'Australia/Sydney');
    // Spring forward: 2025-10-05 02:00 never came. Put back: 2026-04-05 02:00 came twice.
    const spring = [22, 23].map((h) => `S,2025-10-04T${h}:00,0.${h}`);
    const springDay = [0, 1, 3, 4].map((h) => `S,2025-10-05T0${h}:00,1.${h}`);
    const autumn = ['01', '02', '02', '03'].map((h, i) => `S,2026-04-05T${h}:00,2.${i}`);
    const { counts } = await load([...spring, ...springDay, ...autumn]);
    expect(counts).toMatchObject({ accepted: 10, rejected: 0, duplicates: { equal: 0, different: 0 } });
    expect(await stored('S')).toEqual({
      '2025-10-04': day({ 22: 220, 23: 230 }),
      '2025-10-05': day({ 0: 1000, 1: 1100, 2: 1300, 3: 1400 }),
      '2026-04-05': day({ 0: 2000, 1: 2100, 2: 2200, 3: 2300 }),
    });
  });

  it.each([
    ['a blank first pass', ['01:00,1', '02:00,', '02:00,7', '03:00,3'], { 0: 1000, 2: 7000, 3: 3000 }],
    [
      'a 24-hour day sent twice in one file',
      ['01:00,1', '02:00,2', '03:00,3', '01:00,1', '02:00,2', '03:00,3'],
      { 0: 1000, 1: 2000, 3: 3000 },
    ],
  ])('knows the hour that comes twice: %s', async (_, lines, expected) => {
    await register(SYDNEY, 'Australia/Sydney');
    await load(lines.map((line) => `S,2026-04-05T${line}`));
    expect(await stored('S')).toEqual({ '2026-04-05': day(expected) });
  });

  it('judges each place by its own clock', async () => {
    await register(`${REGISTRY}`);
    await register(SYDNEY, 'Australia/Sydney');
    // 02:00 never came in Sydney on this day; in Irkutsk it is an ordinary hour.
    const irkutsk = [0, 1, 2, 3].map((h) => `A,2025-10-05T0${h}:00,1`);
    const { receipt } = await ingest(
      `metering_point,start,kwh\n${[...irkutsk, 'S,2025-10-05T01:00,5', 'S,2025-10-05T03:00,6'].join('\n')}\n`,
    );
    expect(receipt.layout?.clock).toBe('territory');
    expect(await stored('S')).toEqual({ '2025-10-05': day({ 1: 5000, 2: 6000 }) });
  });

  it('recognises a sender who never moves the clock', async () => {
    await register(SYDNEY, 'Australia/Sydney');
    const { receipt } = await load([0, 1, 2, 3, 4].map((h) => `S,2025-10-05T0${h}:00,1.${h}`));
    expect(receipt.layout?.clock).toContain('standard time');
    expect(await stored('S')).toEqual({ '2025-10-05': day({ 0: 1000, 1: 1100, 2: 1200, 3: 1300, 4: 1400 }) });
  });

  it('rejects zeros that fill the hour that never came', async () => {
    await register(SYDNEY, 'Australia/Sydney');
    const { counts } = await load(['S,2025-10-05T01:00,1', 'S,2025-10-05T02:00,0', 'S,2025-10-05T03:00,2']);
    expect(counts).toMatchObject({ accepted: 2, rejected: 1, rejected_by_reason: { no_such_local_time: 1 } });
  });

  it('reads times without offset in the zone the sender names', async () => {
    await register();
    await ingest('metering_point,start,kwh\nA,2026-03-01T00:00,0.5\n', { zone: 'Europe/Moscow' });
    expect(await stored('A')).toEqual({ '2026-03-01': day({ 5: 500 }) });
  });
});

describe('days of two interval lengths', () => {
  const hours = (from: number, to: number, id = 'A') =>
    Array.from({ length: to - from }, (_, i) => `${id},2026-03-01T${String(from + i).padStart(2, '0')}:00,1`);
  const halves = (from: number, to: number, id = 'A') =>
    Array.from({ length: (to - from) * 2 }, (_, i) => {
      const minutes = from * 60 + i * 30;
      return `${id},2026-03-01T${String(Math.floor(minutes / 60)).padStart(2, '0')}:${minutes % 60 === 0 ? '00' : '30'},0.3`;
    });
  const load = (lines: string[]) => ingest(`metering_point,start,kwh\n${lines.join('\n')}\n`);

  it.each([
    [
      'hours in the morning, half hours in the afternoon',
      () => [hours(0, 12), halves(12, 24)],
      12_000 + 24 * 300,
      48,
    ],
    ['half hours all day, three hours corrected', () => [halves(0, 24), hours(2, 5)], 3000 + 42 * 300, 48],
    [
      'hours all day, then half hours but one',
      () => [hours(0, 24), halves(0, 24).slice(1)],
      500 + 47 * 300,
      48,
    ],
    ['half hours all day, then hours all day', () => [halves(0, 24), hours(0, 24)], 24_000, 24],
  ])('%s: no energy is lost', async (_, files, totalWh, intervals) => {
    await register();
    for (const lines of files()) expect((await load(lines)).receipt).toMatchObject({ status: 'loaded' });
    const { rows } = await client.query('select total_wh, intervals, interval_minutes from load_profile');
    expect(rows).toEqual([{ total_wh: totalWh, intervals, interval_minutes: 1440 / intervals }]);
    await stored('A');
  });

  it('marks the shares of an hour as estimated', async () => {
    await register();
    await load(hours(0, 2));
    await load(halves(2, 5));
    const { rows } = await client.query<{ quality: Buffer }>('select quality from load_profile');
    expect([...rows[0].quality.subarray(0, 7)]).toEqual([1, 1, 1, 1, 0, 0, 0]);
  });

  it('takes a few half-hourly meters in a file of hourly ones as what they are', async () => {
    await register();
    const many = Array.from({ length: 28 }, (_, d) =>
      hours(0, 24).map((line) => line.replace('03-01', `02-${String(d + 1).padStart(2, '0')}`)),
    ).flat();
    const { receipt } = await load([...many, ...halves(0, 12, 'B')]);
    expect(receipt).toMatchObject({
      counts: { accepted: 696, rejected: 0 },
      layout: { interval_minutes: 30 },
    });
    const { rows } = await client.query(
      'select interval_minutes, sum(total_wh)::int as wh from load_profile group by 1 order by 1',
    );
    expect(rows).toEqual([
      { interval_minutes: 30, wh: 24 * 300 },
      { interval_minutes: 60, wh: 672_000 },
    ]);
  });

  it('takes scattered corrections', async () => {
    await register(
      `metering_point,territory\n${Array.from({ length: 60 }, (_, i) => `P${i},RU-IRK`).join('\n')}`,
    );
    const lines = Array.from({ length: 60 }, (_, i) => [
      `P${i},2026-03-01T03:00,1`,
      `P${i},2026-03-${10 + (i % 20)}T08:00,1`,
    ]);
    expect((await load(lines.flat())).receipt).toMatchObject({ status: 'loaded', counts: { accepted: 120 } });
  });
});

describe('bad input', () => {
  it.each<[string, string | Buffer, string]>([
    ['empty', '', 'empty'],
    ['UTF-16', Buffer.from('\ufeffmetering_point,start,kwh\n', 'utf16le'), 'UTF-16'],
    [
      'windows-1251 header',
      Buffer.concat([Buffer.from([0xf2, 0xee]), Buffer.from(',start,kwh\nA,2026-03-01T00:00,1\n')]),
      'not UTF-8',
    ],
    ['NUL bytes', Buffer.from('metering\0point,start,kwh\n'), 'NUL'],
    ['another delimiter', 'metering_point|start|kwh\nA|2026-03-01T00:00|1\n', 'separated by «|»'],
    ['no header', 'A,2026-03-01T00:00,1\nA,2026-03-01T01:00,1\n', 'no header line'],
    ['zip', Buffer.from('PK\x03\x04rest of an archive'), 'zip'],
    [
      'truncated gzip',
      gzipSync(`metering_point,start,kwh\n${'A,2026-03-01T00:00,1\n'.repeat(5000)}`).subarray(0, 200),
      'cut off',
    ],
    [
      'damaged gzip',
      Buffer.concat([gzipSync('x'.repeat(1000)).subarray(0, 12), Buffer.alloc(50, 7)]),
      'damaged',
    ],
    ['gzip bomb', gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20)), 'unpacks to more than'],
    ['one endless line', 'x'.repeat(5_000_000), 'longer than 64 KiB'],
    [
      'readings of every second day',
      `metering_point,start,kwh\n${Array.from({ length: 60 }, (_, i) => `A,${new Date(Date.UTC(2026, 0, 1 + 2 * i)).toISOString().slice(0, 10)}T00:00,9`).join('\n')}\n`,
      'more than a day apart',
    ],
  ])('refuses %s', async (_, content, reason) => {
    const { receipt } = await ingest(content);
    expect(receipt.status).toBe('refused');
    expect(receipt.refusal).toContain(reason);
    expect(receipt.counts).toMatchObject({ accepted: 0 });
  });

  it('counts each bad row with its line and reason, and takes the good ones around it', async () => {
    await register();
    const bad: [string, string][] = [
      ['A,2026-02-31T00:00,1', 'bad_time'],
      ['A,20255-01-01T00:00,1', 'bad_time'],
      ['A,1970-01-01T00:00,1', 'bad_time'],
      ['A,2098-01-01T00:00,1', 'in_future'],
      ['A,2026-03-01T00:20,1', 'off_interval'],
      ['A,2026-03-01T00:00,-0.5', 'negative'],
      ['A,2026-03-01T00:00,16777.215', 'sentinel'],
      ['A,2026-03-01T00:00,4294967.295', 'sentinel'],
      ['A,2026-03-01T00:00,99999', 'out_of_range'],
      ['A,2026-03-01T00:00,abc', 'bad_number'],
      ['A,2026-03-01T00:00,0,5', 'wrong_columns'],
      ['A,2026-03-01T00:00', 'wrong_columns'],
      ['1.23E+17,2026-03-01T00:00,1', 'excel_id'],
      [',2026-03-01T00:00,1', 'bad_id'],
      ['A\0,2026-03-01T00:00,1', 'nul_byte'],
    ];
    const good = Array.from(
      { length: 72 },
      (_, h) => `A,2026-03-0${2 + Math.floor(h / 24)}T${String(h % 24).padStart(2, '0')}:00,0.1`,
    );
    const lines = ['metering_point,start,kwh', ...good, ...bad.map(([line]) => line)];
    const notUtf8 = Buffer.from([0x41, 0xe6, 0x2c, 0x31, 0x2c, 0x31, 0x0a]);
    const content = Buffer.concat([
      Buffer.from(`${lines.join('\n')}\n`),
      notUtf8,
      Buffer.from(`${'9'.repeat(200_000)}\nB,2026-03-01T00:00,1\n`),
    ]);
    const { receipt, counts } = await ingest(content);
    expect(counts).toMatchObject({ rows: 90, accepted: 73, rejected: 17, held: 0 });
    const { rows } = await client.query(
      'select line, reason from rejected_row where upload_id = $1 order by line',
      [receipt.id],
    );
    expect(rows).toEqual([
      ...bad.map(([, reason], i) => ({ line: 74 + i, reason })),
      { line: 89, reason: 'bad_utf8' },
      { line: 90, reason: 'line_too_long' },
    ]);
  });

  it('rejects single values of a wide row and takes the others', async () => {
    await register();
    const row = wideRow('A', '2026-03-01', (h) =>
      h === 3 ? '-1' : h === 4 ? '4294967.295' : h === 5 ? '' : '0.1',
    );
    const { receipt, counts } = await ingest(`${wideHeader}\n${row}\n`);
    expect(counts).toMatchObject({ rows: 1, accepted: 21, blank: 1, rejected: 2 });
    const { rows } = await client.query(
      'select line, field, reason from rejected_row where upload_id = $1 order by field',
      [receipt.id],
    );
    expect(rows).toEqual([
      { line: 2, field: 'h3', reason: 'negative' },
      { line: 2, field: 'h4', reason: 'sentinel' },
    ]);
  });
});

describe('weather', () => {
  it('takes the good rows, keeps the bad ones up to the limit and counts them all', async () => {
    const bad = Array.from({ length: 1500 }, (_, at) => `Narnia ${at},2026-03-01T00:00,1`);
    const rows = [
      'RU-IRK,2026-03-01T00:00,-10',
      'RU-IRK\0,2026-03-01T01:00,-11',
      'RU-IRK,"2026-03-01T02:00,-12',
    ];
    const { counts, receipt } = await ingest(
      ['territory,start,temperature_c', ...rows, ...bad, 'RU-IRK,2026-03-01T03:00,-13'].join('\n'),
      { kind: 'weather' },
    );
    expect(receipt).toMatchObject({ status: 'loaded', refusal: null });
    expect(counts).toMatchObject({
      rows: 1504,
      accepted: 2,
      rejected: 1502,
      rejected_by_reason: { unknown_territory: 1500, nul_byte: 1, wrong_columns: 1 },
    });
    const kept = await client.query('select count(*)::int as kept from rejected_row where upload_id = $1', [
      receipt.id,
    ]);
    expect(kept.rows[0].kept).toBe(limits().rejectedRowsKept);
    const stored = await client.query(`select temperature_c[1:4] as hours from weather_day`);
    expect(stored.rows).toEqual([{ hours: [-10, null, null, -13] }]);
  });
});
