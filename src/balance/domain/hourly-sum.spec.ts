import { HourlySum, restOf } from './hourly-sum.js';
import type { LossModel } from './types.js';

const LOSS = { noLoadKw: 0.1, quadraticPerKw: 0.01 } as LossModel;
const day = (intervals: number, wh: number) => new Float64Array(intervals).fill(wh);

function sumOf(...days: Float64Array[]): HourlySum {
  const sum = new HourlySum(1);
  for (const each of days) sum.add(0, each);
  return sum;
}

describe('HourlySum', () => {
  it.each([
    ['half-hours are added up', day(48, 500), 1],
    ['hours stay', day(24, 2000), 2],
    ['a day is shared out', day(1, 48_000), 2],
  ])('%s', (_, wh, kwh) => {
    const sum = sumOf(wh);
    expect([...sum.kwh]).toEqual(new Array(24).fill(kwh));
    expect([...sum.read]).toEqual(new Array(24).fill(1));
  });

  it('an hour that misses an interval is not read', () => {
    const wh = day(48, 500);
    wh[3] = NaN;
    const sum = sumOf(wh, day(24, 1000));
    expect([...sum.read.slice(0, 3)]).toEqual([2, 1, 2]);
    expect(sum.kwh[1]).toBe(1);
  });
});

describe('restOf', () => {
  it('is what enters beyond meters and loss: 10 − 2 × 2 − (0.1 + 0.01 · 10²) = 4.9 kWh an hour', () => {
    const flows = restOf(
      { inflow: sumOf(day(24, 10_000)), metered: sumOf(day(24, 2000), day(24, 2000)), points: 2, loss: LOSS },
      24,
    );
    expect(flows.rest[0]).toBeCloseTo(4.9 * 24, 9);
    expect(flows.readRatio[0]).toBeCloseTo(1, 9);
  });

  it.each([
    ['a point that was not read', { points: 3, loss: LOSS }],
    ['a loss nobody could fit', { points: 2, loss: null }],
  ])('is not known with %s', (_, more) => {
    const flows = restOf(
      { inflow: sumOf(day(24, 10_000)), metered: sumOf(day(24, 2000), day(24, 2000)), ...more },
      1,
    );
    expect(flows.rest[0]).toBeNaN();
    expect(flows.inflow[0]).toBe(10);
  });
});
