import { describe, expect, it } from '@jest/globals';
import { decodeDay, encodeDay, MISSING_WH, scaleFor, type EncodedDay } from './energy-codec.js';

function roundTrip(wh: number[]): { day: EncodedDay; back: number[] } {
  const day: EncodedDay = { scale: 0, totalWh: 0, intervals: 0 };
  const target = new Uint8Array(wh.length * 2);
  encodeDay(Int32Array.from(wh), 0, wh.length, target, day);
  return { day, back: [...decodeDay(target, day.scale)] };
}

describe('energy of a day in 16 bits', () => {
  it.each([
    [0, 0],
    [65_534, 0],
    [65_535, 1],
    [655_344, 1],
    [655_345, 2],
    [10_000_000, 3],
  ])('a largest interval of %d Wh takes scale %d', (wh, scale) => {
    expect(scaleFor(wh)).toBe(scale);
  });

  it('keeps whole watt-hours of an ordinary home, and what is missing', () => {
    const { day, back } = roundTrip([0, 1, 851, MISSING_WH, 65_534]);
    expect(day).toEqual({ scale: 0, totalWh: 66_386, intervals: 4 });
    expect(back).toEqual([0, 1, 851, NaN, 65_534]);
  });

  it('rounds to the unit a large point needs, and totals what is stored', () => {
    const { day, back } = roundTrip([70_004, 70_006, MISSING_WH]);
    expect(day).toEqual({ scale: 1, totalWh: 140_010, intervals: 2 });
    expect(back).toEqual([70_000, 70_010, NaN]);
  });

  it('of nothing is nothing', () => {
    expect(roundTrip([MISSING_WH, MISSING_WH]).day).toEqual({ scale: 0, totalWh: 0, intervals: 0 });
  });
});
