import { logistic } from '../../readings/domain/numeric.js';
import type { Features } from './features.js';
import { atSecondSight, DEFAULT_SCREEN } from './screen.js';
import type { DetectorInput } from './types.js';

const PRIOR = -4;
const INPUT = {
  facts: { declaredLoadKw: null },
  surroundings: { legal: { quota: null }, months: [] },
} as unknown as DetectorInput;

interface Left {
  readonly remainderKw: number;
  readonly remainderLowKw: number;
  readonly mildFloorKw: number;
}

/** A floor of 4 kW in the cold, of which the weather explains 3. */
function heated(left: Left): Features {
  const floorHeating = {
    slope: 0.15,
    start: 0,
    signedSlope: 0.15,
    standardError: 0.01,
    agreement: 0.8,
    pairs: 200,
  };
  return {
    recent: { floorKw: 4, meanKw: 5 },
    thermal: { basis: 'weather', floorHeating, explainedFloorKw: 3, explainedMeanKw: 3.5, ...left },
  } as unknown as Features;
}

describe('second sight', () => {
  it.each<[string, Left, boolean]>([
    ['nothing', { remainderKw: 0.2, remainderLowKw: 0, mildFloorKw: 0.2 }, true],
    ['some of the heating in the cold', { remainderKw: 1.1, remainderLowKw: 0.1, mildFloorKw: 0.2 }, true],
    ['a rig in the cold', { remainderKw: 1.3, remainderLowKw: 0.1, mildFloorKw: 0.2 }, false],
    ['a rig at its lower bound', { remainderKw: 1.1, remainderLowKw: 0.5, mildFloorKw: 0.2 }, false],
    ['a rig on mild days', { remainderKw: 1.1, remainderLowKw: 0.1, mildFloorKw: 0.7 }, false],
  ])('of a load that the weather explains, when the fit leaves %s over', (_, left, isPutAside) => {
    const score = atSecondSight(INPUT, heated(left), PRIOR);
    expect(score?.score ?? null).toBe(isPutAside ? logistic(PRIOR + DEFAULT_SCREEN.heatingLogOdds) : null);
  });

  it('is blind where only comparable homes tell of the cold', () => {
    const features = heated({ remainderKw: 0.2, remainderLowKw: 0, mildFloorKw: 0.2 });
    const thermal = { ...features.thermal!, basis: 'peers' as const };
    expect(atSecondSight(INPUT, { ...features, thermal }, PRIOR)).toBeNull();
  });
});
