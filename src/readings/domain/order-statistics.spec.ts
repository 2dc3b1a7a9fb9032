import { describe, expect, it } from '@jest/globals';
import * as oracle from 'simple-statistics';
import { seeded } from '../../../test/detection/load-text.js';
import { hoursOfDay, orderStatistic, quantileOf, roomFor, sortFirst } from './order-statistics.js';

const SEED = 'order statistics 20261122';
const SHARES = [0, 0.05, 0.1, 0.25, 0.3, 0.5, 0.7, 0.75, 0.9, 0.95, 1];

/** Numbers of every kind that loads are: spread, mostly alike, all alike, ascending, descending, negative. */
function* samples(random: () => number, counts: readonly number[]): Generator<Float64Array> {
  for (const count of counts) {
    yield Float64Array.from({ length: count }, () => random() * 10);
    yield Float64Array.from({ length: count }, () => Math.round(random() * 3) - 1);
    yield new Float64Array(count).fill(0.4);
    yield Float64Array.from({ length: count }, (_, i) => i);
    yield Float64Array.from({ length: count }, (_, i) => -i / 7);
    yield Float64Array.from({ length: count }, () => (random() < 0.5 ? -random() : 1e9 * random()));
  }
}

const FEW = Array.from({ length: 70 }, (_, i) => i + 1);
const MANY = [100, 127, 336, 720, 2_160, 10_240];

describe(`order statistics against simple-statistics (seed "${SEED}")`, () => {
  it.each([
    ['few', FEW],
    ['many', MANY],
    ['more than the compiled code has room for', [10_241, 30_000]],
  ])('quantiles of %s numbers, which stay as they are', (_, counts) => {
    for (const values of samples(seeded(SEED), counts)) {
      const before = values.slice();
      const sorted = [...values].sort((a, b) => a - b);
      for (const p of SHARES) expect(quantileOf(values, values.length, p)).toBe(oracle.quantile(sorted, p));
      expect(values).toEqual(before);
    }
  });

  it.each([
    ['few', FEW],
    ['many', [...MANY, 12_000]],
  ])('ranks of %s numbers', (_, counts) => {
    for (const values of samples(seeded(SEED), counts)) {
      const sorted = values.slice().sort();
      for (const p of SHARES) {
        const rank = Math.floor((values.length - 1) * p);
        expect(orderStatistic(values, values.length, rank)).toBe(sorted[rank]);
      }
    }
  });

  it('sorts the first numbers', () => {
    for (const values of samples(seeded(SEED), [...FEW, 96, 97, 300])) {
      for (const count of [values.length, values.length >> 1]) {
        const sorted = values.slice();
        sortFirst(sorted, count);
        expect(sorted).toEqual(Float64Array.of(...values.slice(0, count).sort(), ...values.slice(count)));
      }
    }
  });

  it('of the first numbers only, and of those put where they need not be copied', () => {
    expect(quantileOf(Float64Array.of(3, 1, 2, 100), 3, 0.5)).toBe(2);
    const room = roomFor(4);
    room.set([4, 3, 2, 1]);
    expect(quantileOf(room, 4, 0.5)).toBe(2.5);
    expect(quantileOf(room, 3, 1)).toBe(4);
    expect(roomFor(20_000)).toHaveLength(20_000);
  });

  it('of one number that number, of none none', () => {
    expect(quantileOf(Float64Array.of(7), 1, 0.9)).toBe(7);
    expect(quantileOf(Float64Array.of(7), 0, 0.9)).toBeNaN();
  });
});

describe(`hours of the day (seed "${SEED}")`, () => {
  it.each([1, 2, 3, 5, 7, 14, 16, 21, 31, 32, 33, 100, 400])('over %d days, some hours missing', (days) => {
    const random = seeded(`${SEED} ${days}`);
    const hourlyKw = Float32Array.from({ length: (days + 2) * 24 }, (_, at) =>
      at % 24 === 5 || random() < 0.15 ? NaN : random() < 0.2 ? 0.5 : random() * 4,
    );
    hoursOfDay.take(hourlyKw, 1, days + 1);
    for (let hour = 0; hour < 24; hour++) {
      const there = Array.from({ length: days }, (_, day) => hourlyKw[(day + 1) * 24 + hour]).filter(
        (kw) => !Number.isNaN(kw),
      );
      there.sort((a, b) => a - b);
      expect(hoursOfDay.daysWith(hour)).toBe(there.length);
      expect(hoursOfDay.daysFrom(hour, 0.5)).toBe(there.filter((kw) => kw >= 0.5).length);
      for (const p of SHARES)
        expect(hoursOfDay.quantile(hour, p)).toBe(there.length === 0 ? NaN : oracle.quantile(there, p));
    }
  });

  it('without days has nothing to say', () => {
    hoursOfDay.take(new Float32Array(24), 1, 1);
    expect(hoursOfDay.daysWith(0)).toBe(0);
    expect(hoursOfDay.quantile(0, 0.5)).toBeNaN();
  });

  it('says how many days it can take', () => {
    expect(() => hoursOfDay.take(new Float32Array(24), 0, 641)).toThrow(
      '641 days by hour of the day, 640 at the most',
    );
  });
});
