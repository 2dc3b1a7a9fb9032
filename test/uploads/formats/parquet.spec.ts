import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { PARQUET } from '../../../src/uploads/formats/parquet/parquet.format.js';
import { damaged, decoded, recognisedBy, type Decoded } from '../../support/decoded.js';
import fc from 'fast-check';
import { RefusedError } from '../../../src/config/errors.js';

const folder = mkdtempSync(path.join(tmpdir(), 'gridwarden-parquet-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Column = Parameters<typeof parquetWriteBuffer>[0]['columnData'][number];

let files = 0;
async function read(bytes: Buffer): Promise<Decoded & { recognised: string }> {
  const file = path.join(folder, `${files++}.parquet`);
  writeFileSync(file, bytes);
  const found = await recognisedBy(PARQUET, bytes, file);
  if (found !== null && 'declined' in found) throw new RefusedError(found.declined);
  return { ...(await decoded(PARQUET, bytes, { path: file })), recognised: found?.recognised ?? 'null' };
}

const written = (columnData: Column[], rowGroupSize = 100) =>
  Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize }));
const quarters = Array.from({ length: 192 }, (_, at) => new Date(Date.UTC(2025, 1, 1) + at * 900_000));
const ids: Column = { name: 'ean', data: quarters.map(() => '00541'), type: 'STRING' };

describe('Parquet', () => {
  it('reads kWh in doubles at instants, group by group', async () => {
    const { totalsWh, intervals, problems, recognised } = await read(
      written([
        ids,
        { name: 'start', data: quarters, type: 'TIMESTAMP' },
        { name: 'kwh', data: quarters.map(() => 0.25), type: 'DOUBLE' },
      ]),
    );
    expect(problems).toEqual([]);
    expect(recognised).toContain('192 rows in 2 groups');
    expect(totalsWh).toEqual({ '00541 import': 48_000 });
    expect(intervals[0]).toMatchObject({ intervalMinutes: 15, start: { utcMs: Date.UTC(2025, 1, 1) } });
  });

  it('reads rows in time order, of which the first thousands are of one moment', async () => {
    const meters = 6_000;
    const rows = Array.from({ length: meters * 2 }, (_, at) => at);
    const { problems, intervals } = await read(
      written(
        [
          { name: 'ean', data: rows.map((at) => `E${at % meters}`), type: 'STRING' },
          { name: 'start', data: rows.map((at) => quarters[Math.floor(at / meters)]), type: 'TIMESTAMP' },
          { name: 'kwh', data: rows.map(() => 0.25), type: 'DOUBLE' },
        ],
        5_000,
      ),
    );
    expect(problems).toEqual([]);
    expect(intervals).toHaveLength(meters);
    expect([...intervals[0].wh.slice(0, 3)]).toEqual([250, 250, NaN]);
  });

  it('reads Wh in integers, quality and what is missing', async () => {
    const { totalsWh, intervals } = await read(
      written([
        ids,
        { name: 'interval_start', data: quarters, type: 'TIMESTAMP' },
        { name: 'energy_wh', data: quarters.map((_, at) => (at === 3 ? null : 250n)), type: 'INT64' },
        {
          name: 'quality',
          data: quarters.map((_, at) => (at === 5 ? 'estimated' : 'actual')),
          type: 'STRING',
        },
      ]),
    );
    expect(totalsWh).toEqual({ '00541 import': 191 * 250 });
    expect(intervals[0].wh[3]).toBeNaN();
    expect(intervals[0].quality?.[5]).toBe(1);
  });

  it('reads times as text, naive ones by a wall clock', async () => {
    const text = quarters.map((time) => time.toISOString().slice(0, 16).replace('T', ' '));
    const { intervals, totalsWh } = await read(
      written([
        ids,
        { name: 'timestamp', data: text, type: 'STRING' },
        { name: 'kwh', data: quarters.map((_, at) => (at === 0 ? -1 : 0.5)), type: 'DOUBLE' },
      ]),
    );
    expect(intervals[0].start).toEqual({ localMinutes: Date.UTC(2025, 1, 1) / 60_000, zone: null });
    expect(totalsWh).toEqual({ '00541 import': 95_500, '00541 export': 1000 });
  });

  it.each([
    ['no unit', 'start', 'energy', /does not say its unit/],
    ['no energy', 'start', 'temperature', /no columns of a metering point/],
  ])('asks about %s', async (_, time, value, words) => {
    const bytes = written([
      ids,
      { name: time, data: quarters, type: 'TIMESTAMP' },
      { name: value, data: quarters.map(() => 1), type: 'DOUBLE' },
    ]);
    await expect(read(bytes)).rejects.toThrow(words);
  });

  it('asks which end hours at instants stand at', async () => {
    const hours = quarters.filter((_, at) => at % 4 === 0);
    const bytes = written([
      { name: 'ean', data: hours.map(() => '1'), type: 'STRING' },
      { name: 'timestamp', data: hours, type: 'TIMESTAMP' },
      { name: 'kwh', data: hours.map(() => 1), type: 'DOUBLE' },
    ]);
    await expect(read(bytes)).rejects.toThrow('beginnings of the intervals or their ends');
  });

  it('is told unit and label by its upload', async () => {
    const bytes = written(
      [
        ids,
        { name: 'timestamp', data: quarters.filter((_, at) => at % 4 === 0), type: 'TIMESTAMP' },
        { name: 'energy', data: quarters.filter((_, at) => at % 4 === 0).map(() => 250), type: 'DOUBLE' },
      ].map((column) => ({ ...column, data: column.data.slice(0, 48) })) as Column[],
    );
    const file = path.join(folder, `${files++}.parquet`);
    writeFileSync(file, bytes);
    const options = { unit: 'Wh', label: 'end' } as const;
    expect(await recognisedBy(PARQUET, bytes, file, options)).toHaveProperty('kind');
    const { totalsWh, intervals } = await decoded(PARQUET, bytes, { path: file, options });
    expect(totalsWh).toEqual({ '00541 import': 48 * 250 });
    expect(intervals[0].wh[23]).toBe(250);
  });

  it('refuses a page that announces more than its group holds', async () => {
    const bytes = written([
      ids,
      { name: 'start', data: quarters, type: 'TIMESTAMP' },
      { name: 'kwh', data: quarters.map(() => 0.25), type: 'DOUBLE' },
    ]);
    // Of the first page's header, the count of its values: a compact integer of ten times as many.
    const count = Buffer.from([0x15, 0xc8, 0x01]);
    const at = bytes.indexOf(count);
    expect(at).toBeGreaterThan(0);
    bytes[at + 2] = 0x7f;
    await expect(read(bytes)).rejects.toThrow(/damaged at row 1: a page of \d+ values in 100 rows/);
  });

  it('survives damage', async () => {
    const sample = written([
      ids,
      { name: 'start', data: quarters, type: 'TIMESTAMP' },
      { name: 'kwh', data: quarters.map(() => 0.25), type: 'DOUBLE' },
    ]);
    await fc.assert(
      fc.asyncProperty(damaged(sample), async (bytes) => {
        await read(bytes).catch((error: unknown) => {
          if (!(error instanceof RefusedError)) throw error;
        });
      }),
      { numRuns: 40 },
    );
  });
});
