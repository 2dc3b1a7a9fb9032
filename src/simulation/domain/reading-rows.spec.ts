import { describe, expect, it } from '@jest/globals';
import { dayFromCivil } from '../../grid/domain/calendar.js';
import { ABSENT, BLANK } from './gaps.js';
import { PLACES } from './places.js';
import {
  mostRowBytes,
  offsetText,
  putDailyRows,
  putKwh,
  putLongRows,
  putWideRows,
  rowStamps,
} from './reading-rows.js';
import { sceneOf } from './scene.js';

const DAYS = 2;
const STAMPS = rowStamps(sceneOf(1, PLACES[0], dayFromCivil(2026, 12, 31), DAYS));

function rows(
  put: typeof putLongRows,
  wattHours: Uint32Array,
  delivery = new Uint8Array(DAYS * 24),
): string[] {
  const out = new Uint8Array(mostRowBytes(DAYS * 24, 8) + 1);
  const end = put(out, 0, Buffer.from('P0000042'), STAMPS, wattHours, delivery);
  return Buffer.from(out.subarray(0, end)).toString().split('\n').slice(0, -1);
}

describe('a kWh value', () => {
  it.each([
    [0, '0.000'],
    [1, '0.001'],
    [10, '0.010'],
    [999, '0.999'],
    [1000, '1.000'],
    [9_999, '9.999'],
    [10_000, '10.000'],
    [123_456, '123.456'],
    [1_000_001, '1000.001'],
    [4_294_967_295, '4294967.295'],
  ])('%d Wh is written %s', (wattHours, expected) => {
    const out = new Uint8Array(16);
    const end = putKwh(out, 0, wattHours);
    expect(Buffer.from(out.subarray(0, end)).toString()).toBe(expected);
  });
});

describe('rows of readings', () => {
  const wattHours = Uint32Array.from({ length: DAYS * 24 }, (_, hour) => 1000 * hour + 5);

  it('long: one an hour, with the place’s offset, over the turn of the year', () => {
    const lines = rows(putLongRows, wattHours);
    expect(lines).toHaveLength(48);
    expect(lines[0]).toBe('P0000042,2026-12-31T00:00+08:00,0.005');
    expect(lines[23]).toBe('P0000042,2026-12-31T23:00+08:00,23.005');
    expect(lines[24]).toBe('P0000042,2027-01-01T00:00+08:00,24.005');
  });

  it('daily: the sum of 24 hours, and no row for a day that lacks one', () => {
    // 1000 × (0 + … + 23) + 24 × 5 Wh; the next day 24 × 24 kWh more.
    expect(rows(putDailyRows, wattHours)).toEqual([
      'P0000042,2026-12-31,276.120',
      'P0000042,2027-01-01,852.120',
    ]);
    const delivery = new Uint8Array(48);
    delivery[30] = BLANK;
    expect(rows(putDailyRows, wattHours, delivery)).toEqual(['P0000042,2026-12-31,276.120']);
  });

  it('long: a blank hour keeps its row, an absent one has none', () => {
    const delivery = new Uint8Array(48);
    delivery[1] = BLANK;
    delivery[2] = ABSENT;
    expect(rows(putLongRows, wattHours, delivery).slice(0, 3)).toEqual([
      'P0000042,2026-12-31T00:00+08:00,0.005',
      'P0000042,2026-12-31T01:00+08:00,',
      'P0000042,2026-12-31T03:00+08:00,3.005',
    ]);
  });

  it('wide: one a day with 24 values, blank where missing, no row for a day that is absent', () => {
    const delivery = new Uint8Array(48);
    delivery[0] = ABSENT;
    delivery[23] = BLANK;
    const lines = rows(putWideRows, wattHours, delivery);
    expect(lines).toHaveLength(2);
    const cells = lines[0].split(',');
    expect(cells.slice(0, 4)).toEqual(['P0000042', '2026-12-31', '', '1.005']);
    expect(cells).toHaveLength(26);
    expect(cells[25]).toBe('');
    expect(rows(putWideRows, wattHours, delivery.fill(ABSENT, 24))).toHaveLength(1);
  });

  it('fit into the room that is asked for, with the largest values there are', () => {
    const largest = new Uint32Array(48).fill(4_294_967_295);
    expect(rows(putLongRows, largest).join('\n').length + 1).toBe(mostRowBytes(48, 8));
    expect(rows(putWideRows, largest).join('\n').length + 1).toBeLessThan(mostRowBytes(48, 8));
  });
});

describe('an offset', () => {
  it.each([
    [480, '+08:00'],
    [180, '+03:00'],
    [0, '+00:00'],
    [-210, '-03:30'],
    [345, '+05:45'],
  ])('of %d minutes is %s', (minutes, expected) => expect(offsetText(minutes)).toBe(expected));
});
