import { encodeDay, type EncodedDay } from '../../readings/domain/energy-codec.js';
import { NeighbourBand } from './neighbour-band.js';

/** A day as it is stored; −1 = missing. */
function stored(wh: readonly number[]): { bytes: Uint8Array; scale: number } {
  const day: EncodedDay = { scale: 0, totalWh: 0, intervals: 0 };
  const bytes = new Uint8Array(wh.length * 2);
  encodeDay(Int32Array.from(wh), 0, wh.length, bytes, day);
  return { bytes, scale: day.scale };
}

function band(days: readonly (readonly number[])[], minutes: number) {
  const neighbours = new NeighbourBand({ firstDay: 100, days: 1, minutes }, 40);
  days.forEach((wh, point) => {
    const { bytes, scale } = stored(wh);
    neighbours.add(point + 7, 100, bytes, scale);
  });
  return { points: neighbours.points, ...neighbours.percentiles() };
}

const of = (slots: number, wh: number) => Array<number>(slots).fill(wh);

describe('the neighbours’ band', () => {
  // numpy.quantile(range(1, 12), [0.1, 0.9]) = 2, 10; of 1 to 5: 1.4, 4.6.
  it.each([
    ['eleven neighbours', 11, 2, 10],
    ['five', 5, 1.4, 4.6],
    ['four are too few', 4, NaN, NaN],
    ['none', 0, NaN, NaN],
  ])('of %s', (_, count, low, high) => {
    // In no order, and every second hour is missing.
    const days = Array.from({ length: count }, (_each, index) =>
      of(24, (((index * 7) % count) + 1) * 1000).map((wh, hour) => (hour % 2 === 1 ? -1 : wh)),
    );
    const found = band(days, 60);
    expect([...found.low.subarray(0, 2)]).toEqual([Math.fround(low), NaN]);
    expect([...found.high.subarray(0, 2)]).toEqual([Math.fround(high), NaN]);
    expect(found.points).toBe(count);
  });

  it('adds half-hours up, shares a day’s energy out, and reads large points in their unit', () => {
    const same = Array.from({ length: 5 }, () => of(48, 500));
    expect(band(same, 60).low[3]).toBe(1);
    expect(
      band(
        Array.from({ length: 5 }, () => [24_000]),
        60,
      ).high[23],
    ).toBe(1);
    expect(
      band(
        Array.from({ length: 5 }, () => of(24, 1_000_000)),
        60,
      ).low[0],
    ).toBe(1000);
    expect(band(same, 1440).low[0]).toBe(24);
  });

  it('counts a neighbour out where half of an hour is missing', () => {
    const gap = of(48, 500);
    gap[3] = -1;
    const found = band([gap, ...Array.from({ length: 4 }, () => of(48, 500))], 60);
    expect([...found.low.subarray(0, 3)]).toEqual([1, NaN, 1]);
  });
});
