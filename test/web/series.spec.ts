import { coarser, dailyKwh, loadSeries, minutesFor, runsOf } from '../../web/src/charts/load-series.js';
import {
  apiFilter,
  filterFromQuery,
  filterFromView,
  NO_FILTER,
  queryFromFilter,
} from '../../web/src/pages/queue/filter.js';
import { matchPath } from '../../web/src/app/router-path.js';

const packed = (values: Float32Array | Uint8Array) => ({
  base64: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
});

/** Two days from 31 January: quota of January 744 kWh, which is 1 kW; none in February. */
const curve = {
  from: '2026-01-31',
  minutes: 30,
  kwh: packed(Float32Array.from({ length: 96 }, (_, at) => (at < 48 ? 1 : at < 72 ? 0.5 : NaN))),
  quality: packed(
    Uint8Array.from({ length: 96 }, (_, at) => (at < 47 ? 0 : at < 50 ? 1 : at < 72 ? 0 : 255)),
  ),
  neighbours: {
    minutes: 60,
    p10_kwh: packed(new Float32Array(48).fill(0.2)),
    p90_kwh: packed(new Float32Array(48).fill(0.8)),
  },
  temperature: { minutes: 60, celsius: packed(Float32Array.from({ length: 48 }, (_, hour) => hour)) },
  quota: [{ month: '2026-01-01', kwh_per_slot: 0.5 }],
};

describe('a curve', () => {
  const series = loadSeries(curve);

  test('is in kW on its own slots, whatever its neighbours have', () => {
    expect([series.kw[0], series.kw[48], series.kw[95]]).toEqual([2, 1, NaN]);
    expect([series.low.length, series.high[95]]).toEqual([96, Math.fround(0.8)]);
    expect([series.celsius![1], series.celsius![2]]).toEqual([0, 1]);
  });

  test('has the quota of a month on the slots of that month only', () => {
    expect([series.quotaKw[0], series.quotaKw[47], series.quotaKw[48]]).toEqual([1, 1, NaN]);
  });

  test('marks guesses, and not what is missing', () =>
    expect(runsOf(series.isEstimated)).toEqual([[47, 50]]));

  test('by days has means of what is known, where half of it is', () => {
    const days = coarser(series, 1440);
    expect([...days.kw]).toEqual([2, 1]);
    expect([...days.isEstimated]).toEqual([1, 1]);
    expect(days.celsius![0]).toBeCloseTo(11.5);
    const mostlyMissing = coarser({ ...series, kw: series.kw.fill(NaN, 60) }, 1440);
    expect(mostlyMissing.kw[1]).toBeNaN();
  });

  test('has energy by the day', () => {
    expect([...dailyKwh(loadSeries(curve))]).toEqual([48, 12]);
  });

  test.each([
    [365, 30, 1440],
    [91, 30, 60],
    [7, 30, 30],
    [7, 60, 60],
    [365, 1440, 1440],
  ])('of %d days in %d minutes is drawn by %d', (days, stored, minutes) => {
    expect(minutesFor(days, stored)).toBe(minutes);
  });
});

describe("a queue's filter", () => {
  test('is what its address says', () => {
    const filter = {
      ...NO_FILTER,
      state: 'closed',
      kind: 'quota_exceeded',
      text: 'IRK 44',
      minKwh: '6000',
    } as const;
    expect(filterFromQuery(queryFromFilter(filter))).toEqual(filter);
    expect(queryFromFilter(NO_FILTER)).toBe('');
  });

  test('leaves out what nobody knows', () => {
    expect(filterFromQuery('?state=<b>&kind=x&sort=y&min_kwh=-1')).toEqual(NO_FILTER);
  });

  test('comes back from a saved view', () => {
    for (const state of ['open', 'closed', 'all'] as const) {
      const filter = { ...NO_FILTER, state, sort: 'kwh' as const, minKwh: '500' };
      expect(filterFromView(apiFilter(filter))).toEqual(filter);
    }
  });
});

test.each([
  ['/cases/:id', '/cases/17', { id: '17' }],
  ['/cases', '/cases/', {}],
  ['/cases', '/cases/17', null],
  ['/cases/:id', '/cases', null],
])('%s fits %s: %j', (pattern, path, values) => expect(matchPath(pattern, path)).toEqual(values));
