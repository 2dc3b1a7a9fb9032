import { median, ratioEstimate, shareEstimate } from './estimates.js';

describe('a share of few', () => {
  // Wilson's interval of 8 in 10 without a prior: 0.490 to 0.943 (R: binom::binom.wilson(8, 10)).
  it('is Wilson’s without a prior', () => {
    const { estimate, lower, upper } = shareEstimate({ k: 8, n: 10 }, { prior: 0.5, strength: 0 });
    expect([estimate, lower, upper].map((value) => Number(value.toFixed(3)))).toEqual([0.8, 0.49, 0.943]);
  });

  it('lies near what everybody has while there are few', () => {
    const { estimate, lower, upper } = shareEstimate({ k: 0, n: 2 }, { prior: 0.3, strength: 8 });
    expect(estimate).toBeCloseTo(0.24);
    expect(lower).toBeLessThan(0.3);
    expect(upper).toBeGreaterThan(0.3);
    expect(shareEstimate({ k: 0, n: 0 }, { prior: 0.3, strength: 0 })).toMatchObject({ lower: 0, upper: 1 });
  });
});

describe('a ratio to what is expected', () => {
  // qgamma(c(0.025, 0.975), 15, 15): 0.560 and 1.566; Wilson and Hilferty's are within 0.5 % of them.
  it('has the quantiles of its gamma distribution', () => {
    const { estimate, lower, upper } = ratioEstimate({ k: 10, expected: 10, n: 40 }, 5);
    expect(estimate).toBe(1);
    expect(lower).toBeCloseTo(0.56, 2);
    expect(upper).toBeCloseTo(1.566, 2);
  });

  it.each([
    ['0 where 4 were expected says nothing', 0, 4, true],
    ['0 where 40 were expected does', 0, 40, false],
    ['5 of 5 says nothing', 5, 2.5, true],
    ['60 where 25 were expected does', 60, 25, false],
  ])('%s', (_, k, expected, unremarkable) => {
    const { lower, upper } = ratioEstimate({ k, expected, n: 99 }, 5);
    expect(lower < 1 && upper > 1).toBe(unremarkable);
  });

  it('has a median', () => {
    expect([median([]), median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([null, 2, 2.5]);
  });
});
