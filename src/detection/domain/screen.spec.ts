import { logistic } from '../../readings/domain/numeric.js';
import type { Features } from './features.js';
import { atSecondSight, DEFAULT_SCREEN, keepReasons, withinTheLaw } from './screen.js';
import { DEFAULT_SETTINGS } from './settings.js';
import type { DetectorInput, MonthUse, PointScore } from './types.js';

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
    expect(score?.score ?? null).toBe(
      isPutAside ? logistic(Math.floor(PRIOR + DEFAULT_SCREEN.heatingLogOdds)) : null,
    );
  });

  it('is blind where only comparable homes tell of the cold', () => {
    const features = heated({ remainderKw: 0.2, remainderLowKw: 0, mildFloorKw: 0.2 });
    const thermal = { ...features.thermal!, basis: 'peers' as const };
    expect(atSecondSight(INPUT, { ...features, thermal }, PRIOR)).toBeNull();
  });
});

describe('a score without reasons', () => {
  const told = (logOdds: number) => {
    const score = { score: logistic(logOdds), explained: true, kind: 'none', caseWorthy: false };
    return keepReasons({ ...score, since: null, findings: [], evidence: [] } as PointScore, DEFAULT_SCREEN);
  };

  it.each([
    [-5.01, -6],
    [-5.99, -6],
    [-6.01, -7],
    [-4.6, -5],
  ])('is told in whole units of log-odds, rounded down: of %d as %d', (logOdds, step) => {
    expect(told(logOdds).score).toBeCloseTo(logistic(step), 12);
    expect(told(logOdds)).toMatchObject({ explained: false });
  });

  it('is none from one in a hundred on', () => {
    expect(told(-4.5)).toMatchObject({ score: logistic(-4.5), explained: true });
  });
});

describe('where mining is free', () => {
  const QUOTA = { countedPer: 'household', limitKwh: 6000, ruleId: 'quota' };

  interface Place {
    readonly ban: string;
    readonly unitKwh: number;
    readonly declaredLoadKw?: number;
    readonly hiddenLoad?: object;
    /** kWh of each of the last days. */
    readonly lately?: readonly number[];
  }

  function household({ ban, unitKwh, declaredLoadKw, hiddenLoad, lately = [] }: Place): DetectorInput {
    const month: Pick<MonthUse, 'unitKwh' | 'hoursPresent' | 'hoursExpected'> = {
      unitKwh,
      hoursPresent: 744,
      hoursExpected: 744,
    };
    return {
      window: {
        days: lately.length,
        dailyKwh: Float32Array.from(lately),
        hoursPresent: Uint8Array.from(lately, (kwh) => (Number.isNaN(kwh) ? 0 : 24)),
      },
      facts: { declaredLoadKw: declaredLoadKw ?? null },
      surroundings: {
        legal: { ban: { status: ban }, quota: QUOTA },
        months: [month],
        hiddenLoad: hiddenLoad ?? null,
      },
    } as unknown as DetectorInput;
  }

  it.each<[string, Place, boolean]>([
    ['a household far below the quota is put aside, whatever it draws', { ban: 'free', unitKwh: 3500 }, true],
    [
      'one whose last weeks were light too',
      { ban: 'free', unitKwh: 500, lately: Array.from({ length: 40 }, (_, day) => (day < 12 ? 240 : 100)) },
      true,
    ],
    [
      'one that used as much lately as would pass the quota is looked at, whatever the month says so far',
      {
        ban: 'free',
        unitKwh: 500,
        lately: Array.from({ length: 40 }, (_, day) => (day < 26 ? 10 : day < 36 ? 240 : NaN)),
      },
      false,
    ],
    ['one near the quota is looked at', { ban: 'free', unitKwh: 3700 }, false],
    ['one with a declared load is looked at', { ban: 'free', unitKwh: 500, declaredLoadKw: 3 }, false],
    ['one that may pass its meter is looked at', { ban: 'free', unitKwh: 500, hiddenLoad: {} }, false],
    ['under a ban every household is looked at', { ban: 'banned', unitKwh: 500 }, false],
  ])('%s', (_, place, isPutAside) => {
    const score = withinTheLaw(household(place), PRIOR, DEFAULT_SETTINGS);
    const lawful = logistic(PRIOR + DEFAULT_SETTINGS.judgement.withinQuotaLogOdds);
    expect(score).toEqual(
      isPutAside ? expect.objectContaining({ score: lawful, explained: false, kind: 'none' }) : null,
    );
  });
});
