import { describe, expect, it } from '@jest/globals';
import { isoFromDay } from '../../grid/domain/calendar.js';
import { RefusedError } from '../../config/errors.js';
import { decodeWeather, type WeatherBatch } from './weather-csv.js';

async function* bytes(text: string | Iterable<string>): AsyncGenerator<Buffer> {
  for (const part of typeof text === 'string' ? [text] : text) yield Buffer.from(part);
}

async function decode(text: string): Promise<WeatherBatch[]> {
  const batches: WeatherBatch[] = [];
  // In pieces, as a file is read: what is in one piece is never a line too long.
  const pieces = text.match(/[^]{1,30000}/g) ?? [];
  for await (const batch of decodeWeather(bytes(pieces), null)) batches.push(batch);
  return batches;
}

const HEADER = 'territory,start,temperature_c\n';
const GOOD = 'RU-IRK,2026-01-01T00:00,-20\n';

describe('decodeWeather', () => {
  it.each([
    ['commas', `${HEADER}${GOOD}`],
    ['semicolons and decimal commas', 'territory;start;temperature_c\nRU-IRK;2026-01-01T00:00;-20,0\n'],
    [
      'a BOM, quotation marks and CRLF',
      '\ufeff"Territory","start","temperature_c"\r\n"RU-IRK","2026-01-01T00:00","-20"\r\n',
    ],
    ['an offset, and columns of others', 'x,start,territory,temperature_c\n1,2025-12-31T16:00Z,25,-20\n'],
    ['two values of one hour', `${HEADER}RU-IRK,2026-01-01T00:00,-19\nRU-IRK,2026-01-01T00:30,-21\n`],
  ])('reads %s', async (_, text) => {
    const days = (await decode(text)).flatMap((batch) => batch.days);
    expect(days).toHaveLength(1);
    const [{ territory, day, sums, counts }] = days;
    expect([territory.code, isoFromDay(day), sums[0] / counts[0]]).toEqual(['RU-IRK', '2026-01-01', -20]);
  });

  it.each([
    ['a stray quotation mark', 'RU-IRK,"2026-01-01T00:00,-20\n', 'wrong_columns'],
    ['text after a quotation mark', '"RU"-IRK,2026-01-01T00:00,-20\n', 'wrong_columns'],
    ['a NUL byte', 'RU-IRK\0,2026-01-01T00:00,-20\n', 'nul_byte'],
    ['a line without end', `RU-IRK,${'x'.repeat(100_000)},1\n`, 'line_too_long'],
    ['an unknown territory', 'Narnia,2026-01-01T00:00,-20\n', 'unknown_territory'],
    ['a missing cell', 'RU-IRK,,-20\n', 'bad_time'],
    ['Fahrenheit', 'RU-IRK,2026-01-01T00:00,68\n', 'out_of_range'],
  ])('%s costs one row and not the file', async (_, row, reason) => {
    const batches = await decode(`${HEADER}${GOOD}${row}${GOOD}`);
    const rejected = batches.flatMap((batch) => batch.rejected);
    expect(rejected.map((found) => [found.line, found.reason])).toEqual([[3, reason]]);
    expect(rejected[0].raw).not.toContain('\0');
    expect(batches.reduce((sum, batch) => sum + batch.values, 0)).toBe(2);
    expect(batches.reduce((sum, batch) => sum + batch.rows, 0)).toBe(3);
  });

  it('hands on rejected rows and days as it goes, so that no file fills the memory', async () => {
    const batchOf = (from: number) =>
      Array.from({ length: 10_000 }, (_, at) => {
        const day = isoFromDay(12_000 + ((from + at) % 25_000));
        return `RU-IRK,${day}T00:00,1\nNarnia ${from + at},${day}T00:00,1\n`;
      }).join('');
    const text = (function* () {
      yield HEADER;
      for (let from = 0; from < 50_000; from += 10_000) yield batchOf(from);
    })();
    const most = { rejected: 0, days: 0 };
    const total = { rejected: 0, values: 0 };
    let handedOver = 0;
    for await (const { days, rejected, values } of decodeWeather(bytes(text), null)) {
      most.rejected = Math.max(most.rejected, rejected.length);
      most.days = Math.max(most.days, days.length);
      total.rejected += rejected.length;
      total.values += values;
      if (days.length > 0) handedOver++;
    }
    expect(total).toEqual({ rejected: 50_000, values: 50_000 });
    expect(most.rejected).toBeLessThanOrEqual(10_000);
    expect(most.days).toBeLessThanOrEqual(30_000);
    expect(handedOver).toBeGreaterThan(1);
  });

  it.each([
    ['nothing', ''],
    ['another header', 'a,b,c\n'],
  ])('refuses %s', async (_, text) => {
    await expect(decode(text)).rejects.toThrow(RefusedError);
  });
});
