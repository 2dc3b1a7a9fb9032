import { logLoss } from '../../src/detection/learning/domain/fit-weights.js';
import {
  DEFAULT_LEARNING,
  learnWeights,
  type Decision,
  type LearnedWeights,
} from '../../src/detection/learning/domain/learn-weights.js';
import { reweigh } from '../../src/detection/learning/domain/reweigh.js';
import { STRATUM_BOUNDS, stratumOf } from '../../src/detection/learning/domain/sampling.js';
import {
  STARTING_VERSION,
  versionOf,
  type WeightSet,
} from '../../src/detection/learning/domain/weight-set.js';

/**
 * A region where the truth is known: four detectors, whose true weights are not the starting ones, and what dealers know
 * beside them (a hint that is in the score they choose by and in the truth, but in no evidence).
 */
const STARTING: WeightSet = {
  priorShift: 0,
  weights: {
    level: { kind: 'level', for: 3, against: 1.5 },
    shape: { kind: 'shape', for: 2, against: 2 },
    onset: { kind: 'onset', for: 4, against: 0 },
    peers: { kind: 'comparison', for: 1.5, against: 2 },
  },
};
const TRUTH = {
  'level for': 4,
  'shape for': 1,
  'onset for': 4,
  'peers for': 2.5,
  'peers against': 1,
} as const;
const PRIOR = -4.5;
const HOUSEHOLDS = 40_000;
const AUDITED = 0.05;
const TARGETED = 1_500;
const SEED = 20261121;
/** Loose, so that the study shows what the decisions say and not the prior. */
const LOOSE = { ...DEFAULT_LEARNING, priorSdRatio: 2, minPriorSd: 2, priorShiftSd: 3 };
const STARTING_SETS = new Map([[versionOf(STARTING), STARTING]]);

interface Household {
  readonly decision: Decision;
  readonly audited: boolean;
}

const region = simulateRegion(SEED);
const miners = region.filter(({ decision }) => decision.confirmed).length;
const byStratum = STRATUM_BOUNDS.concat(1).map(
  (_, stratum) => region.filter(({ decision }) => stratumOf(decision.score) === stratum).length,
);
const targeted = new Set(
  [...region]
    .sort((a, b) => b.decision.score - a.decision.score)
    .slice(0, TARGETED)
    .map(({ decision }) => decision.meteringPointId),
);
const census = asCensus(region.map(({ decision }) => decision));
const corrected = learn(decided((household) => household.audited));
/** The same decisions, without asking how they came about. */
const uncorrected = asCensus(decided((household) => household.audited));
const targetedOnly = learn(decided(() => false));

describe(`decisions chosen by score, seed ${SEED}`, () => {
  it('a census of all households finds the true weights, but for the shift by what it does not know', () => {
    for (const [name, value] of Object.entries(TRUTH))
      expect(Math.abs(fitted(census, name) - value)).toBeLessThan(0.45);
  });

  it('uncorrected they see miners everywhere: the prior and with it all scores drift', () => {
    expect(shift(uncorrected) - shift(census)).toBeGreaterThan(0.6);
    expect(expectedMiners(uncorrected) / miners).toBeGreaterThan(1.4);
    expect(Math.abs(expectedMiners(census) / miners - 1)).toBeLessThan(0.01);
  });

  it('the targeted alone mistake the weights: where everything is high, what is usual looks like a word for', () => {
    expect(distance(targetedOnly)).toBeGreaterThan(0.9);
  });

  it('corrected by the audit they come back to what a census says', () => {
    expect(Math.abs(expectedMiners(corrected) / miners - 1)).toBeLessThan(0.1);
    expect(excessLoss(corrected)).toBeLessThan(excessLoss(uncorrected) / 5);
    expect(excessLoss(corrected)).toBeLessThan(excessLoss(targetedOnly) / 5);
    for (const { fitted: value, standardError, detector, direction } of corrected.report.coefficients)
      expect(Math.abs(value - fitted(census, `${detector} ${direction}`))).toBeLessThan(3 * standardError!);
    expect(corrected.report.sampling!.auditProbability).toBeCloseTo(AUDITED, 10);
  });

  it('are worth adopting, and say why where they are not', () => {
    expect(corrected.report).toMatchObject({ worthAdopting: true, doubts: [] });
    expect(targetedOnly.report.doubts).toContain('no_audit');
  });
});

describe('the same decisions give the same weights', () => {
  it('to the last bit, in any order', () => {
    const decisions = decided((household) => household.audited);
    const again = learn([...decisions].reverse());
    expect(JSON.stringify(again)).toBe(JSON.stringify(corrected));
  });
});

describe('no decision, no change', () => {
  it('the starting weights come back as they are', () => {
    const { set, report } = learn([]);
    expect(set).toEqual({ ...STARTING, version: versionOf(STARTING) });
    expect(report).toMatchObject({ worthAdopting: false, doubts: ['no_decisions'] });
    const built = learnWeights({ decisions: [], households: byStratum, sets: new Map() });
    expect(built.set.version).toBe(STARTING_VERSION);
  });

  it('a detector that no decision spoke of keeps its weights to the bit', () => {
    const decisions = decided((household) => household.audited).map((decision) => ({
      ...decision,
      evidence: decision.evidence.filter(({ detector }) => detector !== 'shape'),
    }));
    expect(learn(decisions).set.weights.shape).toEqual(STARTING.weights.shape);
  });

  it('decisions that the starting weights predict already are not worth a new set', () => {
    const random = seeded(7);
    const decisions = decided((household) => household.audited).map((decision) => ({
      ...decision,
      confirmed: random() < logistic(decision.evidence.reduce((sum, { logOdds }) => sum + logOdds, 0)),
    }));
    const { report } = learn(decisions, DEFAULT_LEARNING);
    expect(report.crossValidation!.gain).toBeLessThan(report.crossValidation!.gainStandardError);
    expect(report).toMatchObject({ worthAdopting: false, doubts: ['not_better'] });
  });
});

describe('odd decisions', () => {
  const some = decided((household) => household.audited).slice(0, 400);

  it('all confirmed: finite, and not worth adopting', () => {
    const { set, report } = learn(
      some.map((decision) => ({ ...decision, confirmed: true })),
      DEFAULT_LEARNING,
    );
    expect(report.doubts).toContain('one_outcome');
    expect(report.worthAdopting).toBe(false);
    expect(Object.values(set.weights).every((weight) => weight.for < 20)).toBe(true);
  });

  it('of weights that nobody remembers: left out and counted', () => {
    const { report } = learn([...some, { ...some[0], weightsVersion: 'feedbeefdeadcafe' }]);
    expect(report.decisions).toBe(400);
    expect(report.unknownVersions).toEqual({ feedbeefdeadcafe: 1 });
  });

  it('of two versions of weights: taken apart by their own', () => {
    const doubled: WeightSet = {
      priorShift: 0.7,
      weights: Object.fromEntries(
        Object.entries(STARTING.weights).map(([name, { kind, for: towards, against }]) => [
          name,
          { kind, for: 2 * towards, against: 2 * against },
        ]),
      ),
    };
    const mixed = decided((household) => household.audited).map((decision, i) =>
      i % 2 === 0
        ? decision
        : {
            ...decision,
            weightsVersion: versionOf(doubled),
            evidence: decision.evidence.map((item) =>
              item.detector === 'place'
                ? { ...item, logOdds: item.logOdds + 0.7 }
                : { ...item, logOdds: 2 * item.logOdds },
            ),
          },
    );
    const { set } = learnWeights({
      decisions: mixed,
      households: byStratum,
      sets: new Map([...STARTING_SETS, [versionOf(doubled), doubled]]),
      starting: STARTING,
      settings: LOOSE,
    });
    for (const [name, weight] of Object.entries(corrected.set.weights)) {
      expect(set.weights[name].for).toBeCloseTo(weight.for, 5);
      expect(set.weights[name].against).toBeCloseTo(weight.against, 5);
    }
    expect(set.priorShift).toBeCloseTo(corrected.set.priorShift, 5);
  });

  it('with a detector that has no weights: its word stands, and it is named', () => {
    const { report } = learn(
      some.map((decision) => ({
        ...decision,
        evidence: [...decision.evidence, { detector: 'seance', kind: 'declared' as const, logOdds: 0.5 }],
      })),
    );
    expect(report.unknownDetectors).toEqual(['seance']);
  });

  it('one targeted arm that knew more than the score is told apart', () => {
    const tipped = decided((household) => household.audited).map((decision) =>
      decision.arm === 'targeted' ? { ...decision, confirmed: true } : decision,
    );
    expect(learn(tipped).report.doubts).toContain('beyond_score');
  });
});

function learn(decisions: readonly Decision[], settings = LOOSE): LearnedWeights {
  return learnWeights({
    decisions,
    households: byStratum,
    sets: STARTING_SETS,
    starting: STARTING,
    settings,
  });
}

/** As if the decided households were all there are: each counts once. */
function asCensus(decisions: readonly Decision[]): LearnedWeights {
  return learnWeights({
    decisions: decisions.map((decision) => ({ ...decision, arm: 'random_audit', auditProbability: 1 })),
    households: [],
    sets: STARTING_SETS,
    starting: STARTING,
    settings: { ...LOOSE, folds: 2 },
  });
}

function decided(isAudited: (household: Household) => boolean): Decision[] {
  return region.flatMap((household) => {
    const { decision } = household;
    const everTargeted = targeted.has(decision.meteringPointId);
    if (!everTargeted && !isAudited(household)) return [];
    const auditProbability = isAudited(household) ? AUDITED : null;
    return [{ ...decision, everTargeted, auditProbability, arm: everTargeted ? 'targeted' : 'random_audit' }];
  });
}

function fitted({ report }: LearnedWeights, name: string): number {
  return report.coefficients.find(({ detector, direction }) => `${detector} ${direction}` === name)!.fitted;
}

function shift({ set }: LearnedWeights): number {
  return set.priorShift;
}

/** Of all households, by the set's probabilities. */
function expectedMiners({ set }: LearnedWeights): number {
  return region.reduce((sum, { decision }) => sum + logistic(logOddsUnder(set, decision)), 0);
}

/** Mean log-loss over all households, beyond the census's. */
function excessLoss({ set }: LearnedWeights): number {
  const loss = (under: WeightSet) =>
    region.reduce(
      (sum, { decision }) => sum + logLoss(logOddsUnder(under, decision), decision.confirmed),
      0,
    ) / region.length;
  return loss(set) - loss(census.set);
}

function logOddsUnder(set: WeightSet, { evidence }: Decision): number {
  return reweigh(evidence, { from: STARTING, to: set }).reduce((sum, { logOdds }) => sum + logOdds, 0);
}

/** Root mean square difference from what the census found. */
function distance(learned: LearnedWeights): number {
  const names = Object.keys(TRUTH);
  const squares = names.map((name) => (fitted(learned, name) - fitted(census, name)) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / names.length);
}

function simulateRegion(seed: number): Household[] {
  const random = seeded(seed);
  const sign = (x: number) => (x >= 0 ? 'for' : 'against');
  return Array.from({ length: HOUSEHOLDS }, (_, id) => {
    const fires = (share: number) => (random() < share ? random() : 0);
    const strengths = {
      level: fires(0.3),
      shape: fires(0.25),
      onset: fires(0.1),
      peers: 2 * random() - 1,
    };
    const hint = random() < 0.15 ? 2.5 * random() : 0;
    const evidence = Object.entries(strengths).map(([detector, strength]) => {
      const weight = STARTING.weights[detector];
      return { detector, kind: weight.kind, logOdds: strength * weight[sign(strength)] };
    });
    const trueLogOdds = Object.entries(strengths).reduce(
      (sum, [detector, x]) => sum + x * (TRUTH[`${detector} ${sign(x)}` as keyof typeof TRUTH] ?? 0),
      PRIOR + hint,
    );
    const logOdds = evidence.reduce((sum, item) => sum + item.logOdds, PRIOR + 2 * hint);
    return {
      audited: random() < AUDITED,
      decision: {
        meteringPointId: id + 1,
        score: logistic(logOdds),
        confirmed: random() < logistic(trueLogOdds),
        arm: 'targeted',
        everTargeted: true,
        auditProbability: null,
        evidence: [{ detector: 'place', kind: 'context', logOdds: PRIOR }, ...evidence],
        weightsVersion: versionOf(STARTING),
      },
    };
  });
}

function logistic(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
