import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MARK_BYTES, writeMark, type MarkedRow } from '../audit/domain/day-seal.js';
import {
  CHANNEL_CONSUMPTION,
  DayRows,
  FIRST_REVISION,
  StoredForm,
  type DayRowsJob,
} from './domain/day-rows.js';
import { DaysKnown, type StoredDay } from './domain/days-known.js';
import { decodeDay, MISSING_WH } from './domain/energy-codec.js';
import { EncodingThread, IN_THIS_THREAD, type EncodedRows } from './encoding-thread.js';

const ROWS = 7_500;
const FIRST_DAY = 20_400;
const DAYS = 3;

/** Half-hourly rows with gaps, a point too large for whole Wh, marks on some, and hourly meters among them. */
function someRows(): DayRowsJob {
  const slots = 48;
  const energyWh = new Int32Array(ROWS * slots);
  const quality = new Uint8Array(ROWS * slots);
  const days = new Int32Array(ROWS);
  const minutesOfRow = new Uint16Array(ROWS);
  const rowsOfDay = new Uint32Array(DAYS);
  for (let row = 0; row < ROWS; row++) {
    days[row] = FIRST_DAY + (row % DAYS);
    rowsOfDay[row % DAYS]++;
    minutesOfRow[row] = row % 5 === 0 ? 60 : 30;
    for (let slot = 0; slot < slots; slot++) {
      const at = row * slots + slot;
      const isMissing = (row + slot) % 11 === 0 || (minutesOfRow[row] === 60 && slot % 2 === 1);
      energyWh[at] = isMissing
        ? MISSING_WH
        : ((row * 7919 + slot * 104_729) % 3000) * (row % 97 === 0 ? 1000 : 1);
      if (row % 7 === 0 && slot > 40) quality[at] = 1;
    }
  }
  const order = Int32Array.from({ length: ROWS }, (_, n) => ROWS - 1 - n);
  const ids = Int32Array.from({ length: ROWS }, (_, n) => 70_000 + Math.floor(n / DAYS));
  const marked = { firstDay: FIRST_DAY, rowsOfDay };
  return {
    ids,
    order,
    days,
    energyWh,
    quality,
    slots,
    intervalMinutes: 30,
    minutesOfRow,
    uploadId: 77,
    marked,
  };
}

async function wholeOf({ chunks, marks }: EncodedRows) {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return { bytes: Buffer.concat(all), chunks: all.length, marks: marks() };
}

/** The fields of the next row of a binary COPY (PostgreSQL documentation, COPY). */
function fieldsAt(bytes: Buffer, at: number): { fields: Buffer[]; end: number } {
  const fields: Buffer[] = [];
  let position = at + 2;
  for (let field = 0; field < bytes.readInt16BE(at); field++) {
    const end = position + 4 + bytes.readInt32BE(position);
    fields.push(bytes.subarray(position + 4, end));
    position = end;
  }
  return { fields, end: position };
}

function statedBy(fields: readonly Buffer[]): MarkedRow {
  return {
    meteringPointId: fields[1].readInt32BE(),
    day: fields[2].readInt32BE() + 10_957,
    channel: CHANNEL_CONSUMPTION,
    revision: FIRST_REVISION,
    uploadId: fields[3].readInt32BE(),
    intervalMinutes: fields[4].readInt16BE(),
    intervals: fields[5].readInt16BE(),
    scale: fields[6].readInt16BE(),
    totalWh: Number(fields[0].readBigInt64BE()),
  };
}

describe('day rows', () => {
  const job = someRows();
  let thread: EncodingThread;
  beforeAll(() => {
    thread = new EncodingThread();
  });
  afterAll(() => thread.close());

  it('say what the matrix says, and are marked as verification will mark them', async () => {
    const { bytes, chunks, marks } = await wholeOf(IN_THIS_THREAD.encode(job));
    expect(chunks).toBeGreaterThan(1);
    const marksOfDay = job.marked!.rowsOfDay.reduce<Buffer[]>(
      (all, rows) => [...all, Buffer.alloc(rows * MARK_BYTES)],
      [],
    );
    const filled = new Uint32Array(DAYS);
    const wrong: number[] = [];
    let at = 0;
    for (let n = 0; n < ROWS; n++) {
      const { fields, end } = fieldsAt(bytes, at);
      at = end;
      const stated = statedBy(fields);
      const energies = [...decodeDay(fields[7], stated.scale)].map((wh) =>
        Number.isNaN(wh) ? MISSING_WH : wh,
      );
      const row = job.order[n];
      const stride = job.minutesOfRow![n] / 30;
      const inMatrix = energies.map((_, slot) => job.energyWh[row * job.slots + slot * stride]);
      const present = inMatrix.filter((wh) => wh !== MISSING_WH);
      const expected = {
        meteringPointId: job.ids[n],
        day: job.days[row],
        channel: 0,
        revision: 1,
        uploadId: 77,
        intervalMinutes: job.minutesOfRow![n],
        intervals: present.length,
        scale: stated.scale,
        totalWh: present.reduce((sum, wh) => sum + wh, 0),
      };
      if (!isDeepStrictEqual([stated, energies], [expected, inMatrix])) wrong.push(n);
      const day = stated.day - FIRST_DAY;
      writeMark(stated, fields[7], fields[8], marksOfDay[day], filled[day]++ * MARK_BYTES);
    }
    expect(wrong).toEqual([]);
    expect(at).toBe(bytes.length);
    expect(marks.map((mark) => Buffer.from(mark!))).toEqual(marksOfDay);
  });

  it('are the same from a thread, also after a job that nobody read to its end', async () => {
    const here = await wholeOf(IN_THIS_THREAD.encode(job));
    for await (const chunk of thread.encode(job).chunks) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    const there = await wholeOf(thread.encode({ ...job, marked: null }));
    expect(there.bytes.equals(here.bytes)).toBe(true);
    expect(there.marks).toEqual([]);
    const marked = await wholeOf(thread.encode(job));
    expect(marked.marks).toEqual(here.marks);
  });

  it('are written over those that were released, and over no others', async () => {
    const here = await wholeOf(IN_THIS_THREAD.encode(job));
    const others = { ...job, energyWh: job.energyWh.map((wh) => (wh > 0 ? wh - 1 : wh)), uploadId: 78 };
    const [released, kept] = [thread.encode(others), thread.encode(others)];
    const before = await wholeOf(kept);
    await wholeOf(released);
    released.release();
    // Given back as they come.
    thread.encode(others).release();
    for (let round = 0; round < 3; round++) {
      const again = thread.encode(job);
      const { bytes, marks } = await wholeOf(again);
      expect(bytes.equals(here.bytes)).toBe(true);
      expect(marks).toEqual(here.marks);
      again.release();
    }
    expect((await wholeOf(IN_THIS_THREAD.encode(others))).marks).toEqual(before.marks);
  });

  it('fail with the thread, and do not wait for ever', async () => {
    const other = new EncodingThread();
    const rows = other.encode(job);
    await other.close();
    await expect(wholeOf(rows)).rejects.toThrow('has ended');
    await expect(wholeOf(other.encode(job))).rejects.toThrow('has ended');
  });

  it('of nothing are nothing', () => {
    const none = { ...job, order: new Int32Array(0), ids: new Int32Array(0) };
    expect([...new DayRows(none).chunks()]).toEqual([]);
  });
});

describe('days known', () => {
  // In the order of their keys, as they are written.
  const job = { ...someRows(), order: Int32Array.from({ length: ROWS }, (_, n) => n) };
  const stored = storedDays(job);

  it.each<[string, (day: StoredDay) => Partial<StoredDay>, boolean]>([
    ['the same', () => ({}), true],
    [
      'a Wh more',
      ({ energy }) => ({ energy: energy.map((byte, at) => (at === 4 ? byte ^ 1 : byte)) }),
      false,
    ],
    ['of another scale', ({ scale }) => ({ scale: scale + 1 }), false],
    ['in longer intervals', ({ intervalMinutes }) => ({ intervalMinutes: intervalMinutes * 2 }), false],
    ['with a mark', ({ energy }) => ({ quality: new Uint8Array(energy.length / 2).fill(1) }), false],
    ['of another day', () => ({ day: FIRST_DAY + DAYS }), false],
    ['of another point', () => ({ meteringPointId: 1 }), false],
  ])('of a day that is stored %s', (_, other, isKnown) => {
    const known = new DaysKnown(job);
    known.meet({ ...stored[8], ...other(stored[8]) });
    expect(known.count).toBe(isKnown ? 1 : 0);
    expect(known.rest().order).toHaveLength(ROWS - known.count);
  });

  it.each([
    ['in their order', (days: StoredDay[]) => days],
    ['in the other order', (days: StoredDay[]) => days.toReversed()],
  ])('leave those that are not, met %s', (_, inOrder) => {
    const isLeft = (n: number) => n % 4 === 1;
    const known = new DaysKnown(job);
    for (const day of inOrder(stored.filter((_day, n) => !isLeft(n)))) known.meet(day);
    const rest = known.rest();
    const left = [...job.order.keys()].filter(isLeft);
    expect([...rest.order]).toEqual(left.map((n) => job.order[n]));
    expect([...rest.ids]).toEqual(left.map((n) => job.ids[n]));
    expect([...rest.minutesOfRow!]).toEqual(left.map((n) => job.minutesOfRow![n]));
  });
});

/** Each row of the job as a store would have it. */
function storedDays(job: DayRowsJob): StoredDay[] {
  const form = new StoredForm(job);
  return Array.from(job.order, (_, n) => {
    const energy = new Uint8Array((1440 / form.minutesOf(n)) * 2);
    form.read(n, energy);
    const { meteringPointId, day, intervalMinutes, scale } = form.day;
    return { meteringPointId, day, intervalMinutes, scale, energy, quality: form.quality.slice() };
  });
}
