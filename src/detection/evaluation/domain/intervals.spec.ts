import { describe, expect, it } from '@jest/globals';
import { nearestRank, percentileInterval, quantileInterval, wilson } from './intervals.js';

// Expected: scipy 1.x, binomtest(hits, trials).proportion_ci(method='wilson').
describe('Wilson’s interval of a share', () => {
  it.each([
    [0, 400, 0, 0.009512294334296508],
    [8, 10, 0.4901624715366418, 0.9433178485456248],
    [10, 10, 0.7224672001371109, 1],
    [1, 1, 0.20654931437723745, 1],
    [50, 200, 0.19508168006817497, 0.31434098312045833],
  ])('%d of %d', (hits, trials, low, high) => {
    expect(wilson(hits, trials).low).toBeCloseTo(low, 10);
    expect(wilson(hits, trials).high).toBeCloseTo(high, 10);
  });

  it('of nothing is not known', () => expect(wilson(0, 0)).toEqual({ low: NaN, high: NaN }));
});

describe('quantiles of sorted values', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

  it.each([
    ['the median of a hundred', hundred, 0.5, { low: 40, high: 61 }],
    ['of one', [7], 0.5, { low: 7, high: 7 }],
    ['of none', [], 0.5, { low: NaN, high: NaN }],
    ['a tenth that never ends', [1, 2, Infinity], 0.5, { low: 1, high: Infinity }],
  ])('%s', (_, sorted, share, expected) => expect(quantileInterval(sorted, share)).toEqual(expected));

  it.each([
    [hundred, 0.9, 90],
    [[3], 0, 3],
    [[], 0.5, null],
  ])('nearest rank of %j at %d', (sorted, share, expected) =>
    expect(nearestRank(sorted, share)).toBe(expected),
  );

  it('the middle 95 % leave out what could not be computed', () => {
    const drawn = [...Array.from({ length: 1000 }, (_, index) => index), NaN, NaN];
    expect(percentileInterval(drawn)).toEqual({ low: 24, high: 974 });
    expect(percentileInterval([NaN])).toEqual({ low: NaN, high: NaN });
  });
});
