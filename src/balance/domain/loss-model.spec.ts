import { syntheticTransformer } from '../../../test/balance/synthetic-transformer.js';
import { fitQuadraticLoss, lossBounds } from './loss-model.js';
import { BalanceWorkspace } from './workspace.js';

describe('lossBounds', () => {
  it('of the worked example: a peak of 60 kW', () => {
    const bounds = lossBounds(60);
    expect(bounds.noLoadLowestKw).toBeCloseTo(0.11, 2);
    expect(bounds.noLoadHighestKw).toBeCloseTo(1.44, 2);
    expect(bounds.quadraticLowestPerKw * 3600).toBeCloseTo(0.17, 2);
    expect(bounds.quadraticHighestPerKw * 3600).toBeCloseTo(7.41, 2);
  });

  // Catalogue figures of the series TMG at the load such transformers are chosen for: no load and rated load, kW.
  it.each([
    [100, 0.29, 1.97],
    [160, 0.41, 2.65],
    [250, 0.58, 3.7],
    [400, 0.83, 5.5],
    [630, 1.06, 7.6],
  ])('holds a transformer of %i kVA, with lines that lose 4 %% more', (ratedKva, noLoadKw, windingsKw) => {
    for (const share of [0.3, 0.6, 1.2]) {
      const bounds = lossBounds(share * ratedKva);
      const quadratic = (windingsKw + 0.04 * ratedKva) / ratedKva ** 2;
      expect(noLoadKw).toBeGreaterThan(bounds.noLoadLowestKw);
      expect(noLoadKw).toBeLessThan(bounds.noLoadHighestKw);
      expect(quadratic).toBeGreaterThan(bounds.quadraticLowestPerKw);
      expect(quadratic).toBeLessThan(bounds.quadraticHighestPerKw);
    }
  });
});

describe('fitQuadraticLoss', () => {
  const fit = (hidden?: (hour: number) => number) => {
    const load = syntheticTransformer({ seed: 8, quadraticPerKw: 0.0006, hidden });
    const hours = load.days * 24;
    const workspace = new BalanceWorkspace(load.days);
    const inflowKw = Float64Array.from(load.inflowKw);
    const missingKw = inflowKw.map((kw, hour) =>
      load.points.reduce((left, { hourlyKw }) => left - hourlyKw[hour], kw),
    );
    return fitQuadraticLoss(inflowKw, missingKw, hours, lossBounds(30), workspace);
  };

  it.each<[string, ((hour: number) => number) | undefined]>([
    ['nothing else', undefined],
    ['a farm', () => 6.6],
    ['a farm that begins', (hour) => (hour < 700 ? 0 : 9.9)],
    ['rigs that rest at times', (hour) => (hour % 50 < 10 ? 0 : 6.6)],
  ])('finds the coefficient beside %s', (_name, hidden) => {
    const { perKw, bound } = fit(hidden);
    expect(bound).toBeNull();
    // 2 to 8 % below the 0.0006 per kW² of load that the transformer was made with: per kW² of inflow.
    expect(perKw).toBeGreaterThan(0.00053);
    expect(perKw).toBeLessThan(0.00061);
  });

  it('stays within what is physical', () => {
    // A third of the load past every meter moves with the load, and is no loss.
    const load = syntheticTransformer({ seed: 8, metered: (_home, _hour, kw) => 0.3 * kw });
    const inflowKw = Float64Array.from(load.inflowKw);
    const missingKw = inflowKw.map((kw, hour) =>
      load.points.reduce((left, { hourlyKw }) => left - hourlyKw[hour], kw),
    );
    const fitted = fitQuadraticLoss(inflowKw, missingKw, 1440, lossBounds(30), new BalanceWorkspace(60));
    expect(fitted).toEqual({ perKw: lossBounds(30).quadraticHighestPerKw, bound: 'highest' });
  });

  it('without readings takes the middle of the bounds', () => {
    const nothing = new Float64Array(1440).fill(NaN);
    const bounds = lossBounds(30);
    const { perKw } = fitQuadraticLoss(nothing, nothing, 1440, bounds, new BalanceWorkspace(60));
    expect(perKw).toBeGreaterThan(bounds.quadraticLowestPerKw);
    expect(perKw).toBeLessThan(bounds.quadraticHighestPerKw);
  });
});
