import { fitWeights, logLoss, type Coefficient, type FitRow } from './fit-weights.js';

// Reference: Debian's python3-scipy (L-BFGS-B with bounds, confirmed by Nelder–Mead) and python3-statsmodels
// (GLM, binomial, offset, freq_weights), on these ten rows.
const X = [
  [0.2, -0.5],
  [0.9, 0],
  [0.7, -0.1],
  [1, 0],
  [0.1, -0.9],
  [0.4, -0.4],
  [0.8, -0.3],
  [0, -1],
  [0.6, 0],
  [0.3, -0.7],
];
const CONFIRMED = [0, 1, 1, 1, 0, 0, 0, 0, 1, 1];
const WEIGHT = [1, 1, 2, 1, 3, 1, 1, 4, 1, 0.5];
const OFFSET = [-1, -1.5, -1, -1, -1.2, -1, -1, -1.5, -1, -1];

const rowsOf = (confirmed: readonly number[]): FitRow[] =>
  X.map((values, i) => ({
    offset: OFFSET[i],
    columns: [0, 1],
    values,
    confirmed: confirmed[i] === 1,
    weight: WEIGHT[i],
  }));
const ROWS = rowsOf(CONFIRMED);
const coefficient = (start: number, priorSd: number, lowest = 0): Coefficient => ({
  start,
  priorSd,
  lowest,
});

it('the docstring: one row against the prior', () => {
  const row = { offset: 0, columns: [0], values: [1], confirmed: true, weight: 1 };
  expect(fitWeights([coefficient(0, 1)], [row]).coefficients[0]).toBeCloseTo(0.401058137541547, 12);
});

describe('as other tools find it', () => {
  it('with a ridge (scipy)', () => {
    const fit = fitWeights([coefficient(3, 0.9), coefficient(1.8, 0.54)], ROWS);
    expect(fit).toMatchObject({ converged: true });
    expect(fit.coefficients[0]).toBeCloseTo(3.1434875, 6);
    expect(fit.coefficients[1]).toBeCloseTo(1.92919924, 6);
    expect(fit.objective).toBeCloseTo(4.474958633080153, 9);
    expect(fit.standardErrors[0]).toBeCloseTo(0.72460464, 6);
    expect(fit.standardErrors[1]).toBeCloseTo(0.51097844, 6);
  });

  it('with next to none (statsmodels)', () => {
    const fit = fitWeights([coefficient(3, 1e6), coefficient(1.8, 1e6)], ROWS);
    expect(fit.coefficients[0]).toBeCloseTo(4.06146931, 5);
    expect(fit.coefficients[1]).toBeCloseTo(4.56177521, 5);
    expect(fit.standardErrors[0]).toBeCloseTo(1.63544566, 4);
    expect(fit.standardErrors[1]).toBeCloseTo(3.52869964, 4);
  });

  it('at a bound (scipy), where there is no standard error', () => {
    const opposite = rowsOf(CONFIRMED.map((each) => 1 - each));
    const fit = fitWeights([coefficient(1, 0.9, 0.05), coefficient(0.2, 0.54, 0.01)], opposite);
    expect(fit.coefficients[1]).toBe(0.01);
    expect(fit.standardErrors[1]).toBeNull();
    expect(fit.coefficients[0]).toBeCloseTo(0.70770993, 6);
    expect(fit.objective).toBeCloseTo(16.955437987543974, 9);
  });
});

it('no point of a fine grid is lower', () => {
  const coefficients = [coefficient(3, 0.9), coefficient(1.8, 0.54)];
  const { objective } = fitWeights(coefficients, ROWS);
  let lowest = Infinity;
  for (let a = 0; a <= 6; a += 0.05)
    for (let b = 0; b <= 6; b += 0.05) lowest = Math.min(lowest, objectiveOf([a, b]));
  expect(objective).toBeLessThanOrEqual(lowest);
  expect(objective).toBeCloseTo(lowest, 2);

  function objectiveOf(at: readonly number[]): number {
    const loss = ROWS.map(({ offset, values, confirmed, weight }) => {
      const p = 1 / (1 + Math.exp(-(offset + at[0] * values[0] + at[1] * values[1])));
      return -weight * Math.log(confirmed ? p : 1 - p);
    });
    const ridge = coefficients.map(({ start, priorSd }, j) => 0.5 * ((at[j] - start) / priorSd) ** 2);
    return [...loss, ...ridge].reduce((sum, each) => sum + each, 0);
  }
});

describe('decisions that say little or too much', () => {
  const only = (confirmed: boolean, x: number): FitRow => ({
    offset: -4,
    columns: [0],
    values: [x],
    confirmed,
    weight: 1,
  });

  it.each<[string, FitRow[], number, number]>([
    ['none: the start, exactly', [], 3, 3],
    ['all confirmed: up, and finite', Array.from({ length: 500 }, () => only(true, 1)), 4, 9],
    [
      'all dismissed: down, never below the bound',
      Array.from({ length: 5000 }, () => only(false, 1)),
      0.15,
      2,
    ],
    [
      'perfectly separated: finite',
      Array.from({ length: 400 }, (_, i) => only(i % 2 === 0, i % 2 === 0 ? 1 : 0.1)),
      4,
      9,
    ],
    ['evidence of strength 0: the start, exactly', [{ ...only(true, 1), columns: [], values: [] }], 3, 3],
  ])('%s', (_name, rows, atLeast, atMost) => {
    const fit = fitWeights([coefficient(3, 0.9, 0.15)], rows);
    expect(fit.converged).toBe(true);
    expect(fit.coefficients[0]).toBeGreaterThanOrEqual(atLeast);
    expect(fit.coefficients[0]).toBeLessThanOrEqual(atMost);
  });

  it('log-loss neither overflows nor goes below 0', () => {
    expect(logLoss(800, true)).toBe(0);
    expect(logLoss(800, false)).toBe(800);
    expect(logLoss(0, true)).toBeCloseTo(Math.LN2, 15);
  });
});
