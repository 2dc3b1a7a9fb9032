import { expect, it } from '@jest/globals';
import * as oracle from 'simple-statistics';
import { seeded, windowOf } from '../../../test/detection/load-text.js';
import { buildPeerGroup } from './peer-group.js';

const SEED = 'peers 20261120';

it(`is the plain statistics of its members (simple-statistics; seed "${SEED}")`, () => {
  const random = seeded(SEED);
  const days = 30;
  const kw = Array.from({ length: 15 }, () => {
    const base = 0.2 + random();
    return Float32Array.from({ length: days * 24 }, () => base + random());
  });
  const group = buildPeerGroup(
    'k',
    kw.map((hourly) => windowOf(100, hourly)),
  );

  const daily = kw.map((hourly) =>
    Array.from({ length: days }, (_, day) => oracle.sum([...hourly.subarray(day * 24, day * 24 + 24)])),
  );
  const ofDay = (day: number) => daily.map((each) => each[day]);
  expect(group.size).toBe(15);
  expect(group.dailyKwhMedian[7]).toBeCloseTo(oracle.median(ofDay(7)), 3);
  expect(group.movement[7]).toBeCloseTo(oracle.median(daily.map((each) => each[7] / oracle.median(each))), 4);
  const means = daily.map((each) => oracle.mean(each));
  expect(group.meanDailyKwh.median).toBeCloseTo(oracle.median(means), 3);
  expect(group.meanDailyKwh.mad).toBeCloseTo(oracle.medianAbsoluteDeviation(means), 3);
  expect(group.meanDailyKwh.p90).toBeCloseTo(oracle.quantile(means, 0.9), 3);
  const floors = kw.map((hourly) => oracle.quantile([...hourly.subarray(2 * 24)], 0.05));
  expect(group.floorKw.median).toBeCloseTo(oracle.median(floors), 5);
});

it('leaves out days without readings, and members without days', () => {
  const steady = new Float32Array(30 * 24).fill(1);
  const gappy = steady.map((kw, hour) => (hour < 5 * 24 ? NaN : kw));
  const silent = new Float32Array(30 * 24).fill(NaN);
  const group = buildPeerGroup('k', [windowOf(100, gappy), windowOf(100, silent)]);
  expect(group.size).toBe(1);
  expect(group.dailyKwhMedian[0]).toBeNaN();
  expect(group.dailyKwhMedian[5]).toBe(24);
});

it('of nobody knows nothing', () => {
  expect(buildPeerGroup('k', [])).toMatchObject({ size: 0, meanDailyKwh: { median: NaN } });
});

it('refuses windows of different days', () => {
  const kw = new Float32Array(48).fill(1);
  expect(() => buildPeerGroup('k', [windowOf(100, kw), windowOf(101, kw)])).toThrow(RangeError);
});
