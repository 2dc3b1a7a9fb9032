import { describe, expect, it } from '@jest/globals';
import { Random } from './random.js';

function draws(random: Random, count: number, draw: (random: Random) => number): number[] {
  return Array.from({ length: count }, () => draw(random));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

describe('a labelled stream of random numbers', () => {
  it('is the same for the same labels and another for others', () => {
    const first = draws(new Random(1, 'point', 7), 8, (random) => random.bits());
    expect(draws(new Random(1, 'point', 7), 8, (random) => random.bits())).toEqual(first);
    for (const other of [new Random(2, 'point', 7), new Random(1, 'point', 8), new Random(1, 'plan', 7)]) {
      expect(draws(other, 8, (random) => random.bits())).not.toEqual(first);
    }
  });

  it('does not show the order of its labels: first draws of neighbours are spread and uncorrelated', () => {
    const firsts = Array.from({ length: 4000 }, (_, index) => new Random(1, 'point', index).uniform());
    expect(mean(firsts)).toBeCloseTo(0.5, 1);
    expect(deviation(firsts)).toBeCloseTo(Math.sqrt(1 / 12), 1);
    const products = firsts.slice(1).map((value, i) => (value - 0.5) * (firsts[i] - 0.5));
    // The standard error of a lag-one correlation over 4,000 draws is 0.016.
    expect(Math.abs(mean(products) * 12)).toBeLessThan(0.06);
  });

  // Expected: the distributions' own moments; 20,000 draws put the standard error of a mean at 0.7 % of a deviation.
  it.each([
    ['uniform', (random: Random) => random.uniform(), 0.5, Math.sqrt(1 / 12)],
    ['between 2 and 6', (random: Random) => random.between(2, 6), 4, 4 / Math.sqrt(12)],
    ['whole 1 to 6', (random: Random) => random.whole(1, 6), 3.5, Math.sqrt(35 / 12)],
    ['gaussian', (random: Random) => random.gaussian(), 0, 1],
    ['exponential of mean 3', (random: Random) => random.exponential(3), 3, 3],
    ['logarithm of a lognormal', (random: Random) => Math.log(random.lognormal(Math.E, 0.5)), 1, 0.5],
  ])('%s has the mean and deviation it should', (_name, draw, expectedMean, expectedDeviation) => {
    const values = draws(new Random(42), 20_000, draw);
    expect(Math.abs(mean(values) - expectedMean)).toBeLessThan(0.03 * expectedDeviation);
    expect(Math.abs(deviation(values) / expectedDeviation - 1)).toBeLessThan(0.03);
  });

  it('reaches both ends of a whole range and no further', () => {
    const values = draws(new Random(3), 1000, (random) => random.whole(1, 6));
    expect([...new Set(values)].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('knows the normal distribution: 2.5 % of the draws are above 1.96', () => {
    const values = draws(new Random(5), 40_000, (random) => random.gaussian());
    expect(values.filter((value) => value > 1.96).length / values.length).toBeCloseTo(0.025, 2);
  });
});
