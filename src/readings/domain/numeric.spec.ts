import { describe, expect, it } from '@jest/globals';
import * as oracle from 'simple-statistics';
import { seeded } from '../../../test/detection/load-text.js';
import {
  gather,
  logistic,
  logOdds,
  mean,
  median,
  medianDeviation,
  pairSlope,
  pairsOf,
  quantile,
  ramp,
  rounded,
  standardDeviation,
} from './numeric.js';

const SEED = 'numeric 20261120';

/** Series of 1 to 60 numbers, about one in six missing, some repeated. */
function* series(count: number): Generator<{ values: Float64Array; present: number[] }> {
  const random = seeded(SEED);
  for (let i = 0; i < count; i++) {
    const values = Float64Array.from({ length: 1 + Math.floor(random() * 60) }, () => {
      const roll = random();
      return roll < 0.17 ? NaN : roll < 0.3 ? 2.5 : (random() - 0.3) * 10;
    });
    const present = [...values].filter((value) => !Number.isNaN(value));
    if (present.length > 0) yield { values, present };
  }
}

describe(`against simple-statistics on random series with gaps (seed "${SEED}")`, () => {
  it('mean and standard deviation', () => {
    for (const { values, present } of series(300)) {
      expect(mean(values, 0, values.length)).toBeCloseTo(oracle.mean(present), 10);
      expect(standardDeviation(values, 0, values.length)).toBeCloseTo(oracle.standardDeviation(present), 10);
    }
  });

  it('quantiles, median, median absolute deviation', () => {
    for (const { values, present } of series(300)) {
      for (const p of [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1]) {
        expect(quantile(values, 0, values.length, p)).toBe(oracle.quantile(present, p));
      }
      const centre = median(values, 0, values.length);
      expect(centre).toBe(oracle.median(present));
      expect(medianDeviation(values, 0, values.length, centre)).toBeCloseTo(
        oracle.medianAbsoluteDeviation(present),
        12,
      );
    }
  });

  it('Theil–Sen slope over all pairs, and over near pairs by the slow way', () => {
    const random = seeded(`${SEED} slope`);
    for (let round = 0; round < 40; round++) {
      const x = Float64Array.from({ length: 25 }, () => (random() < 0.1 ? NaN : random() * 20));
      const y = x.map((value) => 3 - 0.4 * value + random());
      const all = Array.from({ length: 24 }, (_, i) => i + 1);
      for (const [lags, minDx, above] of [
        [all, 0, -Infinity],
        [[3, 5], 2, 4],
      ] as const) {
        const slopes: number[] = [];
        for (let i = 0; i < 25; i++) {
          for (let j = 0; j < i; j++) {
            const fits = (lags as readonly number[]).includes(i - j) && x[i] > above && x[j] > above;
            if (fits && Math.abs(x[i] - x[j]) >= minDx) slopes.push((y[i] - y[j]) / (x[i] - x[j]));
          }
        }
        const fit = pairSlope(pairsOf(x, 25, { lags, minDx, above }), y);
        expect(fit.pairs).toBe(slopes.length);
        expect(fit.slope).toBeCloseTo(oracle.median(slopes), 12);
        const range = oracle.quantile(slopes, 0.75) - oracle.quantile(slopes, 0.25);
        expect(fit.quartileRange).toBeCloseTo(range, 12);
        const signs = slopes.reduce((sum, slope) => sum + Math.sign(slope), 0);
        expect(fit.agreement).toBeCloseTo(signs / slopes.length, 12);
      }
    }
  });
});

describe('with nothing to go on', () => {
  const nothing = new Float64Array([NaN, NaN]);
  const scratch = new Float64Array(2);

  it.each([
    ['mean', () => mean(nothing, 0, 2)],
    ['standard deviation', () => standardDeviation(nothing, 0, 2)],
    ['quantile', () => quantile(nothing, 0, 2, 0.5)],
    ['an empty range', () => mean(nothing, 1, 1)],
    ['slope', () => pairSlope(pairsOf(nothing, 2, { lags: [1], minDx: 0, above: 0 }), nothing).slope],
  ])('%s is NaN', (_, result) => {
    expect(result()).toBeNaN();
  });

  it('gathers nothing', () => {
    expect(gather(nothing, 0, 2, scratch)).toBe(0);
  });
});

it('a step in y leaves the near-pair slope alone', () => {
  const x = Float64Array.from({ length: 90 }, (_, day) => 15 + 8 * Math.sin(day / 5));
  const y = x.map((value, day) => 0.2 * value + (day < 45 ? 0 : 3.3));
  const fit = pairSlope(pairsOf(x, 90, { lags: [3, 5, 7, 10], minDx: 2.5, above: 0 }), y);
  expect(fit.slope).toBeCloseTo(0.2, 6);
});

it.each([
  [0, 0],
  [1, 0],
  [2, 0.5],
  [3, 1],
  [9, 1],
  [NaN, 0],
])('ramp(%p, 1, 3) = %p', (value, want) => {
  expect(ramp(value, 1, 3)).toBe(want);
});

it('log-odds and back', () => {
  expect(logistic(logOdds(0.008))).toBeCloseTo(0.008, 12);
  expect(rounded(NaN, 2)).toBeNull();
  expect(rounded(3.14159, 2)).toBe(3.14);
});
