import { describe, expect, it } from '@jest/globals';
import { parseZone } from '../../grid/domain/time-zone.js';
import { MISSING_WH } from '../../readings/domain/energy-codec.js';
import { ProfileBatch } from '../../readings/domain/profile-batch.js';
import { noCounts } from '../domain/intake-counts.js';
import { PointIndex } from '../domain/point-index.js';
import { lineBlocks } from './line-blocks.js';
import { parseReadingsHeader } from './readings-header.js';
import { ReadingsDecoder } from './readings-decoder.js';

const RECEIVED = new Date('2026-06-01T00:00:00Z');
const POINTS = ['A', 'B-2', '0007', 'жук', 'S'];
const IRKUTSK = { zone: parseZone('Asia/Irkutsk')!, standardOffsetMinutes: 480 };
const SYDNEY = { zone: parseZone('Australia/Sydney')!, standardOffsetMinutes: 600 };

/** sfc32, so that a failure can be run again by its seed. */
function random(seed: number): () => number {
  let [a, b, c, d] = [seed, 0x9e3779b9, 0x243f6a88, 1];
  return () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
}

function pointIndex(): PointIndex {
  const index = new PointIndex(POINTS.length);
  POINTS.forEach((id, point) => index.add(Buffer.from(id), 100 + point, id === 'S' ? 1 : 0));
  return index;
}

function decoderOf(header: string, intervalMinutes: number) {
  const counts = noCounts();
  counts.lastLine = 1;
  const decoder = new ReadingsDecoder({
    layout: parseReadingsHeader(header),
    intervalMinutes,
    points: pointIndex(),
    territories: [IRKUTSK, SYDNEY],
    clock: { zone: null, standardZones: new Set() },
    receivedAt: RECEIVED,
    counts,
    rejectedRowsKept: 10_000,
    holdUnknown: true,
  });
  return { decoder, counts };
}

async function decode(text: string, chunkBytes: number) {
  const [header, ...rest] = text.split('\n');
  const { decoder, counts } = decoderOf(header, 30);
  const batch = new ProfileBatch(30, 5000);
  const bytes = Buffer.from(rest.join('\n'));
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  for await (const block of lineBlocks(pieces(), 0)) {
    if (block.kind === 'lines') expect(decoder.process(block, 0, batch)).toBe(block.bytes.length);
  }
  const values: Record<string, number> = {};
  for (let row = 0; row < batch.rows; row++) {
    for (let slot = 0; slot < 48; slot++) {
      const wh = batch.energyWh[row * 48 + slot];
      if (wh !== MISSING_WH)
        values[`${POINTS[batch.points[row]]} ${batch.days[row] * 1440 + slot * 30}`] = wh;
    }
  }
  const waiting = decoder.takeWaiting();
  const rejected = waiting.rejected.map(({ line, field, reason }) => `${line} ${field} ${reason}`);
  return {
    values,
    rejected,
    held: Object.fromEntries(waiting.held),
    counts,
    duplicates: { ...batch.duplicates },
  };
}

/** Lines that are mostly plain and sometimes anything, as real files are. */
function randomLines(next: () => number, count: number): string[][] {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)];
  const rows: string[][] = [];
  let id = 'A';
  let day = 0;
  for (let i = 0; i < count; i++) {
    if (next() < 0.05) id = pick([...POINTS, 'unknown', '"A"', ' B-2 ', '', '1.5E+9', 'A"']);
    if (next() < 0.1) day = Math.floor(next() * 330);
    const date = new Date(Date.UTC(2025, 7, 1) + day * 86_400_000).toISOString().slice(0, 10);
    const clock = `${String(Math.floor(next() * 24)).padStart(2, '0')}:${pick(['00', '30'])}`;
    const suffix = next() < 0.7 ? '' : pick([':00', '+08:00', 'Z', ':00+08:00', ':00.000Z', '+10:00']);
    const time =
      next() < 0.97
        ? `${date}T${clock}${suffix}`
        : pick([
            `${date} ${clock}`,
            '2026-02-31T00:00',
            `${date}T24:00`,
            `${date}T10:10`,
            `${date}T1a:00`,
            date,
            '',
            '2026-06-03T00:00',
          ]);
    const value =
      next() < 0.9
        ? (next() * 5).toFixed(pick([0, 1, 2, 3]))
        : pick([
            '',
            '-1',
            'x',
            '1.23456',
            '.5',
            '7.',
            '0,25',
            '"0,5"',
            '16777.215',
            '99999',
            ' 1',
            '1 ',
            '1e-1',
            '00001.5',
            'NaN',
            '1.5\r',
          ]);
    rows.push([id, time, value]);
  }
  return rows;
}

/** Rows of the wide layout, half-hourly: mostly of plain cells, and days that come again. */
function randomWideRows(next: () => number, count: number): string[][] {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)];
  const rows: string[][] = [];
  let id = 'A';
  for (let i = 0; i < count; i++) {
    if (next() < 0.2) id = pick([...POINTS, 'unknown', '"A"', '']);
    const day = new Date(Date.UTC(2025, 7, 1) + Math.floor(next() * 330) * 86_400_000)
      .toISOString()
      .slice(0, 10);
    const date = next() < 0.97 ? day : pick(['2026-02-31', '', `${day} `, '2026-06-03', `"${day}"`]);
    const oddity = next() < 0.3 ? 0.1 : 0;
    const cells = Array.from({ length: 48 }, () =>
      next() < oddity
        ? pick([
            '',
            '12.345',
            '7',
            '.5',
            '0.85',
            '0.8510',
            '0,851',
            '-0.85',
            'x.851',
            '0.8:1',
            '0./51',
            '0/851',
            '9999.999',
            ' ',
          ])
        : (next() * 10).toFixed(3).slice(0, 5),
    );
    rows.push([id, date, ...(next() < 0.02 ? cells.slice(1) : next() < 0.05 ? cells.fill('') : cells)]);
  }
  return rows;
}

const HALF_HOURS = Array.from(
  { length: 48 },
  (_, slot) => `${String(slot >> 1).padStart(2, '0')}:${slot % 2 ? '30' : '00'}`,
);

describe('ReadingsDecoder', () => {
  it.each([21, 22, 23, 24, 25, 26])(
    'takes plain rows of the wide layout on the fast path exactly as the general path does (seed %d)',
    async (seed) => {
      const next = random(seed);
      const rows = randomWideRows(next, 1500);
      for (const [delimiter, lineEnd] of [
        [';', ''],
        ['\t', '\r'],
      ]) {
        const text = (names: string[], end: string) =>
          [
            ['metering_point', 'date', ...HALF_HOURS, ...names],
            ...rows.map((row) => [...row, ...(end ? [end] : [])]),
          ]
            .map((row) => `${row.join(delimiter)}${lineEnd}`)
            .join('\n');
        const fast = await decode(text([], ''), 9973);
        // A column of notes keeps the fast path out.
        const general = await decode(text(['note'], 'n'), 100_000);
        expect(fast.values).toEqual(general.values);
        expect(fast.rejected).toEqual(general.rejected);
        expect(fast.held).toEqual(general.held);
        expect(fast.counts).toEqual(general.counts);
        expect(fast.duplicates).toEqual(general.duplicates);
        expect(fast.counts.accepted).toBeGreaterThan(10_000);
      }
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'takes plain lines on the fast path exactly as the general path does (seed %d)',
    async (seed) => {
      const rows = randomLines(random(seed), 3000);
      // A fourth column keeps the fast path out.
      for (const delimiter of [';', '\t']) {
        const text = (header: string, end: string) =>
          [header, ...rows.map((row) => `${row.join(delimiter)}${end}`)].join('\n');
        const fast = await decode(text(['metering_point', 'start', 'kwh'].join(delimiter), ''), 997);
        const general = await decode(
          text(['metering_point', 'start', 'kwh', 'note'].join(delimiter), `${delimiter}n`).replaceAll(
            '\r',
            '',
          ),
          100_000,
        );
        expect(fast.values).toEqual(general.values);
        expect(fast.rejected).toEqual(general.rejected);
        expect(fast.held).toEqual(general.held);
        expect(fast.counts).toEqual(general.counts);
        expect(fast.duplicates).toEqual(general.duplicates);
        expect(fast.counts.accepted).toBeGreaterThan(1000);
      }
    },
  );

  it.each([11, 12, 13])('agrees with a plain reading of plain lines (seed %d)', async (seed) => {
    const next = random(seed);
    const expected: Record<string, number> = {};
    const lines = ['metering_point,start,kwh'];
    for (let i = 0; i < 3000; i++) {
      const point = POINTS[Math.floor(next() * POINTS.length)];
      const utc = Date.UTC(2025, 7, 1) + Math.floor(next() * 14_000) * 1_800_000;
      const offset = [480, 600, 0, -210][Math.floor(next() * 4)];
      const sign = offset < 0 ? '-' : '+';
      const hhmm = `${String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0')}:${String(Math.abs(offset) % 60).padStart(2, '0')}`;
      const local = new Date(utc + offset * 60_000).toISOString().slice(0, 16);
      const kwh = (next() * 9).toFixed(3);
      lines.push(`${point},${local}${sign}${hhmm},${kwh}`);
      const standard = utc / 60_000 + (point === 'S' ? 600 : 480);
      expected[`${point} ${standard}`] = Math.round(Number(kwh) * 1000);
    }
    const { values, rejected } = await decode(`${lines.join('\n')}\n`, 4096);
    expect(rejected).toEqual([]);
    expect(values).toEqual(expected);
  });

  it('leaves nothing in a batch of a row that it hands over or takes back', () => {
    const columns = Array.from({ length: 288 }, (_, slot) => {
      const two = (value: number) => String(value).padStart(2, '0');
      return `${two(Math.floor(slot / 12))}:${two((slot % 12) * 5)}`;
    });
    const { decoder, counts } = decoderOf(`metering_point,date,${columns.join(',')}`, 5);
    const row = (day: number, last = '0.287') =>
      `A,2026-03-${String(day).padStart(2, '0')},${columns.map((_, slot) => (slot === 287 ? last : `0.${String(slot).padStart(3, '0')}`)).join(',')}\n`;
    const rows = [row(1), row(2), row(3, 'x'), row(4), row(1), row(5)];
    const bytes = Buffer.from(rows.join(''));
    const block = { kind: 'lines', bytes, offset: 0, clean: true } as const;
    const batch = new ProfileBatch(5, 3);
    const stored: string[] = [];
    for (let at = 0; at < bytes.length;) {
      at = decoder.process(block, at, batch);
      const { energyWh, rows: filled, days } = batch;
      expect(energyWh.subarray(filled * 288).every((wh) => wh === MISSING_WH)).toBe(true);
      for (let n = 0; n < filled; n++) {
        const of = [...energyWh.subarray(n * 288, (n + 1) * 288)];
        expect(of.slice(0, 287)).toEqual(of.slice(0, 287).map((_, slot) => slot));
        stored.push(`${new Date(days[n] * 86_400_000).toISOString().slice(8, 10)} ${of[287]}`);
      }
      batch.clear();
    }
    expect(stored).toEqual(['01 287', '02 287', '03 -1', '04 287', '01 287', '05 287']);
    expect(counts).toMatchObject({ rows: 6, accepted: 6 * 288 - 1, rejected: 1 });
  });
});
