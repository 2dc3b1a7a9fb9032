import {
  informationScale,
  samplingWeights,
  STRATUM_BOUNDS,
  stratumOf,
  type SampledDecision,
} from './sampling.js';

const decision = (changes: Partial<SampledDecision>): SampledDecision => ({
  score: 0.0005,
  confirmed: false,
  arm: 'targeted',
  everTargeted: changes.arm !== 'random_audit',
  auditProbability: changes.arm === 'random_audit' ? 0.01 : null,
  ...changes,
});
const times = (count: number, changes: Partial<SampledDecision>) =>
  Array.from({ length: count }, () => decision(changes));
/** 1,000 below the first bound, ten above the last. */
const HOUSEHOLDS = [1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10];

it.each([
  [0, 0],
  [0.000999, 0],
  [0.001, 1],
  [0.5, 7],
  [0.97, 10],
  [1, 10],
])('a score of %s lies in stratum %s', (score, stratum) => expect(stratumOf(score)).toBe(stratum));

it('the docstring: what each decision stands for', () => {
  const decisions = [...times(10, { arm: 'random_audit' }), ...times(9, { score: 0.98, confirmed: true })];
  const { weights, report } = samplingWeights(decisions, HOUSEHOLDS);
  expect(weights[0]).toBeCloseTo(100, 9);
  expect(weights[10]).toBeCloseTo(1 / 0.901, 9);
  expect(report).toMatchObject({ truncated: 0, armContrastZ: null });
  expect(report.auditProbability).toBeCloseTo(0.01, 12);
  expect(report.strata[0]).toEqual({
    from: 0,
    to: STRATUM_BOUNDS[0],
    households: 1000,
    targeted: 0,
    audited: 10,
    confirmed: 0,
  });
});

it('a single audited household among many targeted ones is cut to ten times the mean', () => {
  const decisions = [
    ...times(1, { arm: 'random_audit', auditProbability: 0.001 }),
    ...times(99, { score: 0.98 }),
  ];
  const { weights, report } = samplingWeights(decisions, [1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99]);
  expect(report.cap).toBeCloseTo((10 * (1000 + 99)) / 100, 9);
  expect(report.truncated).toBe(1);
  expect(weights[0]).toBe(report.cap);
});

it('without an audit only the strata tell', () => {
  const { weights, report } = samplingWeights(times(5, { score: 0.98 }), HOUSEHOLDS);
  expect(report.auditProbability).toBe(0);
  expect(weights[0]).toBeCloseTo(2, 12);
});

it('more decided than scored in a stratum: each stands for itself', () => {
  expect([...samplingWeights(times(3, { score: 0.98 }), []).weights]).toEqual([1, 1, 1]);
});

it('the arms are compared at equal score (Mantel–Haenszel by hand)', () => {
  // Targeted 8 of 10 confirmed, audited 2 of 10: expected 5, variance 10·10·10·10 / (400·19) = 1.3158.
  const decisions = [
    ...times(8, { score: 0.6, confirmed: true }),
    ...times(2, { score: 0.6 }),
    ...times(2, { score: 0.6, confirmed: true, arm: 'random_audit' }),
    ...times(8, { score: 0.6, arm: 'random_audit' }),
  ];
  expect(samplingWeights(decisions, []).report.armContrastZ).toBeCloseTo(3 / Math.sqrt(1.315789), 5);
});

it('equal weights count once each, whatever they are; one heavy decision counts all others down', () => {
  const ones = new Float64Array([1, 1, 1]);
  expect(informationScale(new Float64Array([7, 7, 7]), ones)).toBeCloseTo(1 / 7, 12);
  expect(informationScale(new Float64Array([100, 1, 1]), ones)).toBeCloseTo(102 / 10002, 12);
  expect(informationScale(new Float64Array([2, 2]), new Float64Array(2))).toBeCloseTo(0.5, 12);
  expect(informationScale(new Float64Array(0), new Float64Array(0))).toBe(1);
});
