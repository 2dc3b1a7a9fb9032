import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { appendAudit } from '../../src/audit/append-audit.js';
import { storedDaysEntry } from '../../src/audit/domain/day-seal.js';
import { inTransaction } from '../../src/database/transaction.js';
import { isoFromDay, dayFromIso } from '../../src/grid/domain/calendar.js';
import { ProfileBatch } from '../../src/readings/domain/profile-batch.js';
import { storeProfiles, type ProfileSource } from '../../src/readings/load-profile.repository.js';
import { keyMonths, OpenMonths } from '../../src/readings/profile-months.js';
import { loadUpload } from '../../src/uploads/load-upload.js';
import type { LoadOptions } from '../../src/uploads/load-options.js';
import { receiveUpload } from '../../src/uploads/receive-upload.js';
import { Spool } from '../../src/uploads/spool.js';
import { claimUpload, releaseUpload, uploadRow } from '../../src/uploads/upload.repository.js';
import { firstFault } from '../audit/whole-log.js';
import { openIntake, type Intake } from './intake.js';

const POINTS = 12;
const DAYS = 10;
const HOURS = Array.from({ length: 24 }, (_, hour) => `h${String(hour).padStart(2, '0')}`);
const HEADER = `metering_point,date,${HOURS.join(',')}`;
const FIRST = dayFromIso('2026-03-27')!;
/** Two days and a half of a point. */
const SMALL_BATCH = 24 * 4 * 25;

/** Both of the file's months; in the order of points the ten days of each cross from one to the other. */
const MONTHS = ['load_profile_2026_03', 'load_profile_2026_04'];

function kwh(point: number, day: number, hour: number): number {
  return ((point * 31 + day * 7 + hour) % 40) / 10;
}

function row(point: number, day: number, of = kwh): string {
  const values = HOURS.map((_, hour) => of(point, day, hour).toFixed(1));
  return `P${String(point).padStart(2, '0')},${isoFromDay(FIRST + day)},${values.join(',')}`;
}

function rows(order: 'points' | 'days'): string[] {
  const [outer, inner] = order === 'points' ? [POINTS, DAYS] : [DAYS, POINTS];
  return Array.from({ length: outer * inner }, (_, n) => {
    const [slow, quick] = [Math.floor(n / inner), n % inner];
    return order === 'points' ? row(slow, quick) : row(quick, slow);
  });
}

describe('months that an import makes', () => {
  let intake: Intake;
  let other: Client;
  let folder: string;
  let spool: Spool;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gridwarden-open-months-'));
    spool = new Spool(join(folder, 'spool'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A fresh database each time: a month is made once. */
  async function begin(): Promise<void> {
    const points = Array.from({ length: POINTS }, (_, n) => `P${String(n).padStart(2, '0')},RU-IRK`);
    intake = await openIntake(['metering_point,territory', ...points].join('\n'), '+08:00');
    other = await intake.database.connect();
  }

  afterEach(async () => {
    const fault = await firstFault(intake.database);
    await other.end();
    await intake.close();
    expect(fault).toBeNull();
  });

  async function receive(lines: readonly string[]): Promise<number> {
    const path = join(folder, 'file.csv');
    await writeFile(path, [HEADER, ...lines, ''].join('\n'));
    const limits = { uploadMaxBytes: 1e9, unpackedMaxBytes: 1e9, rejectedRowsKept: 1000 };
    const request = { kind: 'readings', utility: 'test', filename: 'file.csv', zone: '+08:00' } as const;
    return (await receiveUpload(intake.database, spool, limits, request, createReadStream(path), new Date()))
      .id;
  }

  async function load(id: number, options: Partial<LoadOptions> = {}): Promise<void> {
    await claimUpload(intake.client, id);
    const usual = { spool, rejectedRowsKept: 10, now: () => new Date(), batchBytes: SMALL_BATCH };
    try {
      await loadUpload(intake.client, id, { ...usual, largeFileBytes: 0, ...options });
    } finally {
      await releaseUpload(intake.client, id);
    }
  }

  /** The months that have their key. */
  async function keyed(): Promise<string[]> {
    const { rows: found } = await other.query<{ name: string }>(
      `select indrelid::regclass::text as name from pg_index
       where indisprimary and indrelid::regclass::text = any ($1) order by 1`,
      [MONTHS],
    );
    return found.map(({ name }) => name);
  }

  /** Points and days that do not hold what the file says. */
  async function wrongDays(of = kwh): Promise<string[]> {
    const { rows: found } = await other.query<{ point: string; day: string; energy: Buffer; days: number }>(
      `select external_id as point, day, energy, count(*) over (partition by metering_point_id, day)::int as days
       from load_profile p join metering_point m on m.id = p.metering_point_id order by 1, 2`,
    );
    const expected = Array.from({ length: POINTS * DAYS }, (_, n) => {
      const [point, day] = [Math.floor(n / DAYS), n % DAYS];
      const wh = HOURS.map((_, hour) => Math.round(of(point, day, hour) * 1000));
      return `P${String(point).padStart(2, '0')} ${isoFromDay(FIRST + day)} 1 ${wh.join(' ')}`;
    });
    const stored = found.map(({ point, day, energy, days }) => {
      const wh = HOURS.map((_, hour) => energy.readUInt16LE(hour * 2));
      return `${point} ${day} ${days} ${wh.join(' ')}`;
    });
    return [
      ...stored.filter((each) => !expected.includes(each)),
      ...expected.filter((each) => !stored.includes(each)),
    ];
  }

  it('have their key when it is loaded, and not before', async () => {
    await begin();
    const meanwhile: Promise<string[]>[] = [];
    const id = await receive(rows('points'));
    await load(id, { onProgress: () => meanwhile.push(keyed()) });
    expect((await Promise.all(meanwhile)).slice(0, -1).flat()).toEqual([]);
    expect(meanwhile.length).toBeGreaterThan(3);
    expect(await keyed()).toEqual(MONTHS);
    expect(await wrongDays()).toEqual([]);
    expect((await uploadRow(intake.client, id)).counts).toMatchObject({ created: POINTS * DAYS, changed: 0 });
  });

  it('are looked at again under the lock, so that what another has stored meanwhile is not stored twice', async () => {
    await begin();
    const [theirs, ours] = [await receive([row(0, 5)]), await receive([row(0, 6)])];
    const { rows: ids } = await other.query<{ id: number }>(
      'select id from metering_point order by external_id',
    );
    const pointIds = Int32Array.from(ids, ({ id }) => id);
    const batchOf = (wh: number) => {
      const batch = new ProfileBatch(60, 10);
      for (let slot = 0; slot < 24; slot++) batch.put(batch.row(0, FIRST + 5), slot, wh + slot, 0);
      return batch;
    };
    const store = (client: Client, source: Pick<ProfileSource, 'batch' | 'uploadId' | 'isNew'>) =>
      inTransaction(client, async () => {
        const stored = await storeProfiles(client, { pointIds, now: new Date(), ...source });
        await appendAudit(client, [storedDaysEntry(source.uploadId, 'test', stored)]);
        return stored;
      });
    const batch = batchOf(200);
    const isNew = await new OpenMonths().makeReady(intake.client, { batch, pointIds });
    expect(isNew).toBe(true);
    await keyMonths(other);
    await store(other, { batch: batchOf(100), uploadId: theirs });
    expect(await store(intake.client, { batch, uploadId: ours, isNew })).toMatchObject({
      created: 0,
      changed: 1,
    });
    const { rows: stored } = await other.query('select revision, upload_id from load_profile');
    expect(stored).toEqual([{ revision: 2, upload_id: ours }]);
  });

  it('have it from the first batch that is out of order', async () => {
    await begin();
    const meanwhile: Promise<string[]>[] = [];
    await load(await receive(rows('days')), { onProgress: () => meanwhile.push(keyed()) });
    expect(await Promise.all(meanwhile).then((found) => found.at(-2))).toEqual(MONTHS);
    expect(await wrongDays()).toEqual([]);
  });

  it('hold a day once that the file has again at its end, as it stands there', async () => {
    await begin();
    const corrected = (point: number, day: number, hour: number) =>
      point === 0 && day === 1 ? 9.9 : kwh(point, day, hour);
    await load(await receive([...rows('points'), row(0, 1, corrected)]));
    expect(await keyed()).toEqual(MONTHS);
    expect(await wrongDays(corrected)).toEqual([]);
  });

  it('are given it by whoever else stores while it is loaded', async () => {
    await begin();
    const first = await receive(rows('points'));
    const later = (point: number, day: number, hour: number) =>
      point === POINTS - 1 && day === 2 ? 7.7 : kwh(point, day, hour);
    const second = await receive([row(POINTS - 1, 2, later)]);
    const storing: Promise<void>[] = [];
    await load(first, {
      onProgress: () => {
        const options = { spool, rejectedRowsKept: 10, now: () => new Date(), largeFileBytes: 0 };
        if (storing.length === 0) storing.push(loadUpload(other, second, options));
      },
    });
    await Promise.all(storing);
    expect(await keyed()).toEqual(MONTHS);
    expect(await wrongDays(later)).toEqual([]);
  });

  it('are made by one of two imports that come at once, and stored by the other as any month', async () => {
    await begin();
    const halves = [rows('points').slice(0, 60), rows('points').slice(60)];
    const ids = [await receive(halves[0]), await receive(halves[1])];
    const options = { spool, rejectedRowsKept: 10, now: () => new Date(), batchBytes: SMALL_BATCH };
    await Promise.all([load(ids[0]), loadUpload(other, ids[1], { ...options, largeFileBytes: 0 })]);
    expect(await keyed()).toEqual(MONTHS);
    expect(await wrongDays()).toEqual([]);
  });

  it('are no longer its own when somebody has made them in the moment between', async () => {
    await begin();
    const batch = new ProfileBatch(60, 4);
    batch.put(batch.row(0, FIRST), 0, 500, 0);
    const source = { batch, pointIds: Int32Array.of(1) };
    const [one, two] = [new OpenMonths(), new OpenMonths()];
    const answers = await Promise.all([one.makeReady(intake.client, source), two.makeReady(other, source)]);
    expect(answers.filter((isNew) => isNew)).toHaveLength(1);
    expect(await keyed()).toEqual(['load_profile_2026_03']);
    const [first, second] = answers[0] ? [one, two] : [two, one];
    expect(first.areOpenFor(batch)).toBe(true);
    expect(second.areOpenFor(batch)).toBe(false);
    batch.put(batch.row(0, FIRST + 1), 0, 500, 0);
    expect(await first.makeReady(intake.client, source)).toBe(false);
  });

  it('are given it by the run that goes on after one was cut off, and by scoring', async () => {
    await begin();
    const id = await receive(rows('points'));
    const stop = new AbortController();
    let batches = 0;
    const onProgress = () => {
      if (++batches === 3) stop.abort();
    };
    await expect(load(id, { onProgress, signal: stop.signal })).rejects.toThrow();
    expect(await keyed()).toEqual([]);
    await keyMonths(other);
    expect(await keyed()).toEqual(MONTHS);
    await load(id);
    expect(await wrongDays()).toEqual([]);
    expect((await uploadRow(intake.client, id)).counts).toMatchObject({ created: POINTS * DAYS, changed: 0 });
  });

  it('are given it when the file is refused in its middle', async () => {
    await begin();
    const id = await receive(rows('points'));
    let batches = 0;
    const onProgress = () => {
      if (++batches === 3) throw new Error('something unforeseen');
    };
    await expect(load(id, { onProgress })).rejects.toThrow('unforeseen');
    expect(await keyed()).toEqual(MONTHS);
    await load(id);
    expect(await wrongDays()).toEqual([]);
  });
});
