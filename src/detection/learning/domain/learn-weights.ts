import { etaOf, fitWeights, logLoss, type Coefficient, type Fit, type FitRow } from './fit-weights.js';
import { unpack, type WeighedEvidence } from './reweigh.js';
import { informationScale, samplingWeights, type SampledDecision, type SamplingReport } from './sampling.js';
import { STARTING_SET, versionOf, type VersionedWeights, type WeightSet } from './weight-set.js';

/** The newest decision about a metering point, with the evidence that lay before the inspector. */
export interface Decision extends SampledDecision {
  readonly meteringPointId: number;
  readonly evidence: readonly WeighedEvidence[];
  /** Version of the weights that made the evidence. */
  readonly weightsVersion: string;
}

export type LearningSettings = {
  /** Prior standard deviation of a weight, as a share of its starting weight, and at least so many log-odds. */
  readonly priorSdRatio: number;
  readonly minPriorSd: number;
  /** The same of the shift of all priors, log-odds. */
  readonly priorShiftSd: number;
  /** No weight falls below this share of its start: evidence stored with no weight could never speak again. */
  readonly lowestRatio: number;
  readonly folds: number;
  /** With fewer confirmed or fewer dismissed, out-of-sample gain is luck. */
  readonly minOfEachOutcome: number;
};

/**
 * Two thirds of the prior lie within 30 % of the starting weight, so that some dozens of decisions that all say the same
 * move it and a handful do not. The base rate may be off by a factor of e^0.5 = 1.6 as easily.
 */
export const DEFAULT_LEARNING: LearningSettings = Object.freeze({
  priorSdRatio: 0.3,
  minPriorSd: 0.25,
  priorShiftSd: 0.5,
  lowestRatio: 0.05,
  folds: 10,
  minOfEachOutcome: 10,
});

export interface CoefficientReport {
  readonly detector: string;
  readonly direction: 'for' | 'against' | 'prior';
  readonly start: number;
  readonly fitted: number;
  readonly standardError: number | null;
  /** Decisions in which it spoke. */
  readonly decisions: number;
}

export interface CrossValidation {
  readonly folds: number;
  /** Weighted mean log-loss of decisions that the fit had not seen, in nats; lower is better. */
  readonly logLossStarting: number;
  readonly logLossFitted: number;
  readonly gain: number;
  readonly gainStandardError: number;
}

export const DOUBTS = {
  no_decisions: 'there are no usable decisions: the starting weights stay',
  one_outcome: 'all decisions say the same: there is nothing to tell apart',
  too_few: 'too few confirmed or dismissed decisions',
  no_audit: 'no random audit: what low scores hide is not known, and the prior is left alone',
  beyond_score:
    'at equal score the targeted points are confirmed more often than the audited: chosen by more than score',
  not_converged: 'the fit did not converge',
  not_better:
    'the fit does not predict unseen decisions better than the starting weights by more than its standard error',
} as const;
export type Doubt = keyof typeof DOUBTS;

/** Doubts under which a set is said to be not worth adopting; the others are warnings. */
const AGAINST_ADOPTING: readonly Doubt[] = [
  'no_decisions',
  'one_outcome',
  'too_few',
  'not_converged',
  'not_better',
];

export interface LearningReport {
  readonly decisions: number;
  readonly confirmed: number;
  readonly dismissed: number;
  readonly targeted: number;
  readonly audited: number;
  /** Left out: made by weights that nobody remembers. */
  readonly unknownVersions: Readonly<Record<string, number>>;
  /** Detectors whose evidence stands as it was, since the weights that made it or the starting ones have none for it. */
  readonly unknownDetectors: readonly string[];
  readonly sampling: SamplingReport | null;
  readonly coefficients: readonly CoefficientReport[];
  readonly iterations: number;
  readonly crossValidation: CrossValidation | null;
  readonly worthAdopting: boolean;
  readonly doubts: readonly Doubt[];
}

export interface LearnedWeights {
  readonly set: VersionedWeights;
  readonly report: LearningReport;
}

export interface LearningInput {
  readonly decisions: readonly Decision[];
  /** Scored households by score stratum. */
  readonly households: readonly number[];
  /** The sets that made the evidence, by version. */
  readonly sets: ReadonlyMap<string, WeightSet>;
  readonly starting?: WeightSet;
  readonly settings?: LearningSettings;
}

/** Of a published weight: it must not depend on the last bits of an engine's exponential. */
const DECIMALS = 6;

/**
 * Weights refitted from decisions: from the starting weights (not from those in force, or what was learnt would count
 * twice), with the sampling corrected. Pure; the order of `decisions` does not matter. Without decisions the starting
 * weights come back as they are.
 */
export function learnWeights({
  decisions,
  households,
  sets,
  starting = STARTING_SET,
  settings = DEFAULT_LEARNING,
}: LearningInput): LearnedWeights {
  const unknownVersions: Record<string, number> = {};
  const usable = decisions.filter(({ weightsVersion }) => {
    const known = sets.has(weightsVersion);
    if (!known) unknownVersions[weightsVersion] = (unknownVersions[weightsVersion] ?? 0) + 1;
    return known;
  });
  usable.sort((a, b) => a.meteringPointId - b.meteringPointId);
  const confirmed = usable.filter((decision) => decision.confirmed).length;
  const counted = {
    decisions: usable.length,
    confirmed,
    dismissed: usable.length - confirmed,
    targeted: usable.filter(({ arm }) => arm === 'targeted').length,
    audited: usable.filter(({ arm }) => arm === 'random_audit').length,
    unknownVersions,
  };
  if (usable.length === 0) return { set: versioned(starting), report: nothingLearnt(counted) };

  const audited = usable.some(({ auditProbability }) => auditProbability !== null);
  const model = modelOf(starting, settings, audited);
  const unknownDetectors = new Set<string>();
  const rowsAlone = usable.map((decision) =>
    rowOf(decision, sets.get(decision.weightsVersion)!, starting, model, unknownDetectors),
  );
  const { weights, report: sampled } = samplingWeights(usable, households);
  const scale = informationScale(weights, informationOf(rowsAlone, model));
  const rows = rowsAlone.map((row, i) => ({ ...row, weight: weights[i] * scale }));

  const fit = fitWeights(model.coefficients, rows);
  const set = versioned(setOf(fit, model, starting));
  const crossValidation = crossValidate(rows, model, settings);
  const doubts = doubtsOf({ counted, sampled, audited, fit, crossValidation, settings });
  return {
    set,
    report: {
      ...counted,
      unknownDetectors: [...unknownDetectors].sort(),
      sampling: { ...sampled, scale },
      coefficients: reportCoefficients(fit, model, rows),
      iterations: fit.iterations,
      crossValidation,
      worthAdopting: !doubts.some((doubt) => AGAINST_ADOPTING.includes(doubt)),
      doubts,
    },
  };
}

type Counted = Pick<
  LearningReport,
  'decisions' | 'confirmed' | 'dismissed' | 'targeted' | 'audited' | 'unknownVersions'
>;

function versioned(set: WeightSet): VersionedWeights {
  return { ...set, version: versionOf(set) };
}

function nothingLearnt(counted: Counted): LearningReport {
  return {
    ...counted,
    unknownDetectors: [],
    sampling: null,
    coefficients: [],
    iterations: 0,
    crossValidation: null,
    worthAdopting: false,
    doubts: ['no_decisions'],
  };
}

interface Slot {
  readonly detector: string;
  readonly direction: CoefficientReport['direction'];
}

/** The coefficients to fit: a starting weight of 0 says that the detector does not speak that way, and is none. */
interface Model {
  readonly slots: readonly Slot[];
  readonly coefficients: readonly Coefficient[];
  readonly columnOf: ReadonlyMap<string, number>;
}

function modelOf(starting: WeightSet, settings: LearningSettings, audited: boolean): Model {
  const slots: Slot[] = [];
  const coefficients: Coefficient[] = [];
  for (const detector of Object.keys(starting.weights).sort()) {
    for (const direction of ['for', 'against'] as const) {
      const start = starting.weights[detector][direction];
      if (start === 0) continue;
      slots.push({ detector, direction });
      const priorSd = Math.max(settings.minPriorSd, settings.priorSdRatio * start);
      coefficients.push({ start, priorSd, lowest: settings.lowestRatio * start });
    }
  }
  // The prior is about all households, and only an audit has seen them.
  if (audited) {
    slots.push({ detector: 'place', direction: 'prior' });
    const { priorShiftSd } = settings;
    coefficients.push({ start: starting.priorShift, priorSd: priorShiftSd, lowest: -Infinity });
  }
  const columnOf = new Map(slots.map(({ detector, direction }, j) => [`${detector} ${direction}`, j]));
  return { slots, coefficients, columnOf };
}

/** A decision as the model sees it: unit contributions to the weights, all else in the offset. */
function rowOf(
  { evidence, confirmed }: Decision,
  madeBy: WeightSet,
  starting: WeightSet,
  { columnOf }: Model,
  unknownDetectors: Set<string>,
): FitRow {
  let offset = starting.priorShift - madeBy.priorShift;
  const contributions = new Map<number, number>();
  for (const { detector, kind, logOdds, strength, share } of unpack(evidence, madeBy)) {
    if (strength === 0) continue;
    const column = columnOf.get(`${detector} ${logOdds > 0 ? 'for' : 'against'}`);
    if (strength !== null && column !== undefined)
      contributions.set(column, (contributions.get(column) ?? 0) + strength * share);
    else {
      offset += logOdds;
      if (kind !== 'context') unknownDetectors.add(detector);
    }
  }
  const prior = columnOf.get('place prior');
  if (prior !== undefined) {
    contributions.set(prior, 1);
    offset -= starting.priorShift;
  }
  return {
    offset,
    columns: [...contributions.keys()],
    values: [...contributions.values()],
    confirmed,
    weight: 1,
  };
}

/** What each decision says about the weights at their start: squared residual times squared contributions. */
function informationOf(rows: readonly FitRow[], { coefficients }: Model): Float64Array {
  const at = Float64Array.from(coefficients, ({ start }) => start);
  return Float64Array.from(rows, (row) => {
    const residual = (row.confirmed ? 1 : 0) - 1 / (1 + Math.exp(-etaOf(row, at)));
    return residual ** 2 * row.values.reduce((sum, x) => sum + x * x, 0);
  });
}

function setOf(fit: Fit, { slots, coefficients }: Model, starting: WeightSet): WeightSet {
  const weights = Object.fromEntries(
    Object.entries(starting.weights).map(([name, weight]) => [name, { ...weight }]),
  );
  let { priorShift } = starting;
  slots.forEach(({ detector, direction }, j) => {
    const value = published(fit.coefficients[j], coefficients[j]);
    if (direction === 'prior') priorShift = value;
    else weights[detector][direction] = value;
  });
  return { weights, priorShift };
}

/** What no decision spoke of is its start to the last bit. */
function published(value: number, { start }: Coefficient): number {
  return value === start ? start : Number(value.toFixed(DECIMALS));
}

function reportCoefficients(
  fit: Fit,
  { slots, coefficients }: Model,
  rows: readonly FitRow[],
): CoefficientReport[] {
  const decisions = slots.map(() => 0);
  for (const row of rows) for (const column of row.columns) decisions[column]++;
  return slots.map((slot, j) => ({
    ...slot,
    start: coefficients[j].start,
    fitted: published(fit.coefficients[j], coefficients[j]),
    standardError: fit.standardErrors[j],
    decisions: decisions[j],
  }));
}

/**
 * k-fold: each decision is predicted by a fit to the others. Folds hold their share of either outcome and are dealt by
 * the points' order, so that they never change between runs. Null when a fit would have nothing to learn from.
 */
function crossValidate(
  rows: readonly FitRow[],
  { coefficients }: Model,
  settings: LearningSettings,
): CrossValidation | null {
  const folds = Math.min(settings.folds, rows.length);
  if (folds < 2) return null;
  const foldOf = dealFolds(rows, folds);
  const start = Float64Array.from(coefficients, (each) => each.start);
  const [lossStarting, lossFitted] = [new Float64Array(rows.length), new Float64Array(rows.length)];
  for (let fold = 0; fold < folds; fold++) {
    const fitted = fitWeights(
      coefficients,
      rows.filter((_, i) => foldOf[i] !== fold),
    ).coefficients;
    rows.forEach((row, i) => {
      if (foldOf[i] !== fold) return;
      lossStarting[i] = logLoss(etaOf(row, start), row.confirmed);
      lossFitted[i] = logLoss(etaOf(row, fitted), row.confirmed);
    });
  }
  const mean = (values: Float64Array) => weightedMean(rows, values);
  const gains = lossStarting.map((loss, i) => loss - lossFitted[i]);
  const gain = mean(gains);
  const total = rows.reduce((sum, { weight }) => sum + weight, 0);
  const squares = rows.reduce((sum, { weight }, i) => sum + (weight * (gains[i] - gain)) ** 2, 0);
  return {
    folds,
    logLossStarting: mean(lossStarting),
    logLossFitted: mean(lossFitted),
    gain,
    gainStandardError: Math.sqrt(squares) / total,
  };
}

function dealFolds(rows: readonly FitRow[], folds: number): number[] {
  const dealt = { true: 0, false: 0 };
  return rows.map(({ confirmed }) => dealt[`${confirmed}`]++ % folds);
}

function weightedMean(rows: readonly FitRow[], values: Float64Array): number {
  let sum = 0;
  let total = 0;
  rows.forEach(({ weight }, i) => {
    sum += weight * values[i];
    total += weight;
  });
  return sum / total;
}

function doubtsOf(known: {
  counted: Counted;
  sampled: Omit<SamplingReport, 'scale'>;
  audited: boolean;
  fit: Fit;
  crossValidation: CrossValidation | null;
  settings: LearningSettings;
}): Doubt[] {
  const { counted, sampled, audited, fit, crossValidation, settings } = known;
  const rarer = Math.min(counted.confirmed, counted.dismissed);
  const better = crossValidation !== null && crossValidation.gain > crossValidation.gainStandardError;
  const doubts: [Doubt, boolean][] = [
    ['one_outcome', rarer === 0],
    ['too_few', rarer > 0 && rarer < settings.minOfEachOutcome],
    ['no_audit', !audited],
    ['beyond_score', sampled.armContrastZ !== null && sampled.armContrastZ > 2],
    ['not_converged', !fit.converged],
    ['not_better', !better],
  ];
  return doubts.filter(([, holds]) => holds).map(([doubt]) => doubt);
}
