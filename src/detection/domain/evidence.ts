import { isFindingOf, type DetectorName, type ObservedOf } from './detectors/index.js';
import { ramp } from './numeric.js';
import { sentence } from './sentences.js';
import type { DetectorInput, Evidence, EvidenceKind, Finding, PointFacts } from './types.js';

export type Weights = {
  readonly [N in DetectorName]: {
    readonly kind: EvidenceKind;
    readonly for: number;
    readonly against: number;
  };
};

/**
 * How far one finding can move the log-odds, for mining and against: the table to argue about. Starting values come
 * from how often real homes look that way (data of docs/detection.md); a fit to inspectors' decisions replaces them.
 *
 * - base-load: of 69 real homes under one fortnight in a hundred rests above 1 kW, a steady rig always does (+3);
 *   less where heating is electric (see below). A home that rests far below a rig can only hide one that pauses
 *   (−1.8).
 * - flatness: says less than the floor it needs (+2.2); people's rhythm speaks against (−1.2), opening hours or a
 *   timer's plateau more (−2).
 * - step-up: a sudden rig-sized step of the floor that stays (+4.2 from 1 kW on, +5.2 from a whole rig on): in 2,185
 *   looks at 69 real homes, 15 days apart, no step of the floor got a tenth of that.
 * - temperature-remainder: the best separator, as a rig draws a little more in the heat and electric heating much
 *   less: hence the strongest word against (−3.5), and +2.2 when the load stayed flat through weather that should
 *   have moved it. Where nothing tells of the cold, what may be heating is doubted (−2.8), and its floor and step
 *   count for less.
 * - peers: an official indicator, "at least twice comparable objects", but size alone is not mining (+1.5, −2 where
 *   both the use and its floor are usual among comparable points).
 * - quota-exceeded: a broken limit, not an offence and not mining by itself (+1.5). The forecast only tells (+0.4).
 */
export const DEFAULT_WEIGHTS: Weights = Object.freeze({
  'quota-exceeded': { kind: 'measured_breach', for: 1.5, against: 0 },
  'quota-forecast': { kind: 'level', for: 0.4, against: 0 },
  'base-load': { kind: 'level', for: 3.0, against: 1.8 },
  flatness: { kind: 'shape', for: 2.2, against: 2.0 },
  'step-up': { kind: 'onset', for: 5.2, against: 0 },
  'temperature-remainder': { kind: 'temperature', for: 2.2, against: 3.5 },
  peers: { kind: 'comparison', for: 1.5, against: 2.0 },
});

/** Findings of one kind say nearly the same: the strongest counts whole, each other by this much. */
const SAME_KIND_RATIO = 0.3;

/** Each finding as signed log-odds with its sentence, strongest first. They add up: no further rule hides behind. */
export function weighFindings(
  findings: readonly Finding[],
  input: DetectorInput,
  weights: Weights = DEFAULT_WEIGHTS,
): Evidence[] {
  const context: Context = { facts: input.facts, untested: untestedBy(findings) };
  const evidence = findings.map((found) => weighFinding(found, context, weights));
  evidence.sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
  return evidence.map((item, i) => {
    const repeats = evidence.slice(0, i).some((other) => sameDirection(item, other));
    return repeats ? { ...item, logOdds: item.logOdds * SAME_KIND_RATIO } : item;
  });
}

function sameDirection(a: Evidence, b: Evidence): boolean {
  return a.kind === b.kind && a.logOdds > 0 === b.logOdds > 0;
}

/** What a finding is weighed by besides its own numbers. */
interface Context {
  readonly facts: PointFacts;
  /** 0 to 1: how little is known of the cold, so that all that heating can imitate counts for less. */
  readonly untested: number;
}

function weighFinding(found: Finding, context: Context, weights: Weights): Evidence {
  const name = found.detector as DetectorName;
  const measure = STRENGTHS[name] as (observed: Finding['observed'], context: Context) => number;
  const strength = measure(found.observed, context);
  const weight = weights[name];
  const logOdds = strength * (strength >= 0 ? weight.for : weight.against);
  return { detector: name, kind: weight.kind, logOdds, sentence: sentence(found, logOdds) };
}

/**
 * Where no weather can tell, a load as restless as a thermostat's speaks against with this part of the full weight.
 */
const UNTESTED_RATIO = 0.45;
/** The same where nothing tells of the cold at all: no case may rest on a load that may as well be heating. */
const UNKNOWN_RATIO = 0.8;
/** Neighbours' heating tells of the cold nearly as well as a thermometer. */
const STAND_IN_RATIO = 0.7;

/**
 * Strength of a finding, −1 (speaks fully against) to 1 (fully for): smooth, so that no reading decides by a watt.
 */
const STRENGTHS: {
  readonly [N in DetectorName]: (observed: ObservedOf<N>, context: Context) => number;
} = {
  /** A tenth over the limit already counts for most of it. */
  'quota-exceeded': ({ overKwh, limitKwh }) => 0.4 + 0.6 * ramp(overKwh / limitKwh, 0, 0.2),

  'quota-forecast': ({ latest }) => (latest === null ? 0.5 : 1),

  /**
   * From 0.4 kW (95 % of the Australian homes rest below 0.21 kW, a home server draws up to 0.5 kW) to 2.5 kW, most
   * of a rig.
   */
  'base-load': (observed, { facts, untested }) => {
    const { floorKw, unexplainedFloorKw, heldDays } = observed;
    const high = rampLog(unexplainedFloorKw, 0.4, 2.5);
    if (high === 0) return -(1 - ramp(floorKw, 0.15, 0.4));
    // Of electrically heated homes 4.7 % rest above 1 kW, of others 0.1 to 0.9 %: the same floor says less there.
    const heated = facts.electricHeating ? 0.65 : 1;
    const steady = 1 - 0.6 * Math.max(thermostat(observed), untested * mayHeat(observed));
    return high * heated * steady * (0.5 + 0.5 * ramp(heldDays, 7, 28));
  },

  flatness: (observed) => {
    const { flatShareRatio, variationRatio, floorKw, heldDays } = observed;
    const human = 0.6 * (1 - ramp(flatShareRatio, 0.1, 0.4)) * ramp(variationRatio, 0.4, 0.9);
    const business = openingHours(observed);
    const gate = rampLog(floorKw, 0.4, 1.2);
    // Machines hold their floor to a few per cent for weeks; heated homes vary by a fifth and more.
    const steady =
      (1 - ramp(drift(observed), 0.04, 0.2)) *
      (1 - 0.4 * restlessness(observed)) *
      (0.5 + 0.5 * ramp(heldDays, 7, 56));
    const machine = gate * ramp(flatShareRatio, 0.35, 0.8) * (0.25 + 0.75 * steady) * (1 - business);
    return machine - Math.max(human, business);
  },

  'step-up': (observed, { facts, untested }) => {
    const { series, stepKw, clarityRatio, suddenRatio, daysSince, addedScatterRatio } = observed;
    // The first cold night switches heating on as suddenly as a rig; then it comes and goes with the weather.
    const comesAndGoes = Math.min(ramp(addedScatterRatio, 0.12, 0.28), restlessness(observed));
    const mayComeAndGo = Math.min(ramp(addedScatterRatio, 0.08, 0.16), unrest(observed));
    const steady = 1 - 0.9 * Math.max(comesAndGoes, untested * mayComeAndGo);
    const clean = ramp(clarityRatio, 0.25, 0.65) * ramp(suddenRatio, 0.4, 0.8) * steady;
    const lasting = 0.3 + 0.7 * ramp(daysSince, 6, 18);
    // A daily block that came to stay may as well be a car or a storage heater.
    const certain = (series === 'floor' ? 1 : 0.28) * (facts.electricHeating ? 0.75 : 1);
    return (0.8 * rampLog(stepKw, 0.35, 1.1) + 0.2 * rampLog(stepKw, 1.1, 3)) * clean * lasting * certain;
  },

  'temperature-remainder': (observed, { untested }) => {
    const { basis, floorKw, remainderLowKw, explainedFloorKw, explainedMeanKw, meanKw } = observed;
    const heatingLike = Math.max(
      UNTESTED_RATIO * thermostat(observed),
      UNKNOWN_RATIO * untested * mayHeat(observed),
    );
    if (basis === 'none' || remainderLowKw === null) return -heatingLike;
    const tested = testedBy(observed);
    const left = rampLog(remainderLowKw, 0.6, 2.5) * accuses(observed);
    const follows = ramp(observed.agreement, 0.15, 0.5);
    const share = Math.max(explainedFloorKw / Math.max(floorKw, 0.5), explainedMeanKw / Math.max(meanKw, 1));
    const mildLow = observed.mildFloorKw !== null && observed.mildFloorKw < 0.6;
    const explained =
      follows * ramp(share, 0.25, 0.65) * (mildLow ? 1 : 0.8) * (1 - rampLog(remainderLowKw, 0.6, 2.5));
    const refrigeration = ramp(observed.warmthRatioPerC, 0.004, 0.01) * ramp(-observed.agreement, 0.25, 0.55);
    return left * (1 - refrigeration) - Math.max(explained, 0.4 * refrigeration, (1 - tested) * heatingLike);
  },

  peers: ({ timesPeers, robustZ, floorKw, peersFloorP90Kw }) => {
    // Twice as much in peaks is a big family; twice as much with a floor above nearly all peers' is not.
    const floor = 0.4 + 0.6 * ramp(floorKw / Math.max(peersFloorP90Kw, 0.3), 1, 2);
    const more = rampLog(timesPeers, 1.4, 4) * ramp(robustZ, 1, 4) * floor;
    // Among shops a refrigerator's floor is usual: the stronger word where there is a floor to explain.
    const usualFloor = 1 - ramp(floorKw / Math.max(peersFloorP90Kw, 0.1), 1, 1.8);
    const usual = 0.4 + 0.6 * ramp(floorKw, 0.4, 1) * usualFloor;
    return more - (1 - ramp(timesPeers, 0.8, 2)) * usual;
  },
};

/**
 * 0 to 1: how far the cold has put the load to the test. Comparable homes do not tell: those that do not heat hardly move
 * with the cold, and a boiler among them stands out as a rig does.
 */
function testedBy({ basis, testedRange }: ObservedOf<'temperature-remainder'>): number {
  if (basis === 'weather') return ramp(testedRange, 3, 10);
  return basis === 'heating' || basis === 'heating_inferred' ? movedBy(testedRange) : 0;
}

/**
 * 0 to 1: how much it says that a load stayed flat. Homes chosen by their likeness excuse one that moves with them, but
 * accuse none that does not; beside comparable homes only a machine's steadiness is left to speak.
 */
function accuses(observed: ObservedOf<'temperature-remainder'>): number {
  if (observed.basis === 'heating_inferred') return 0;
  if (observed.basis === 'peers') return movedBy(observed.testedRange) * (1 - mayHeat(observed));
  return testedBy(observed);
}

/** Other homes' range of movement. */
function movedBy(testedRange: number): number {
  return STAND_IN_RATIO * ramp(testedRange, 0.1, 0.4);
}

/** 0 to 1: nothing is known of the cold, neither by weather nor by heated neighbours, or it hardly changed for them. */
function untestedBy(findings: readonly Finding[]): number {
  const found = findings.find((each) => isFindingOf(each, 'temperature-remainder'));
  if (!found || found.observed.basis === 'weather') return 0;
  return 1 - testedBy(found.observed) / STAND_IN_RATIO;
}

/**
 * 0 to 1: wanders from day to day and within a day more than a machine does, so that it may be heating; asked only where
 * the cold is unknown. Simulated floors from 0.8 kW, 5th to 95th percentile, August to February: drift over the time held
 * 10 to 37 % with heating, 1 to 5 % with rigs (staged ones more); unrest 5 to 22 % with heating, 0 to 5 % with rigs.
 */
function mayHeat(observed: { floorKw: number; floorSpreadRatio: number; quietSpreadKw: number }): number {
  return Math.min(ramp(drift(observed), 0.04, 0.11), unrest(observed));
}

function unrest({ floorKw, quietSpreadKw }: { floorKw: number; quietSpreadKw: number }): number {
  return ramp(beyond(quietSpreadKw, 0.1) / floorKw, 0.035, 0.08);
}

/**
 * 0 to 1: as restless as a thermostat both from day to day and within a day. One alone is a household's, or a rig's
 * tuning.
 */
function thermostat(observed: { floorKw: number; floorSpreadRatio: number; quietSpreadKw: number }): number {
  return Math.min(ramp(drift(observed), 0.1, 0.25), restlessness(observed));
}

/** Day-to-day drift of the floor beyond what a household adds to any floor (0.15 kW), as a share of the floor. */
function drift({ floorKw, floorSpreadRatio }: { floorKw: number; floorSpreadRatio: number }): number {
  return beyond(floorSpreadRatio * floorKw, 0.15) / floorKw;
}

/**
 * Differences between the quiet hours of one day, beyond a household's own 0.1 kW. Share of the floor: rigs 1 to 6 %,
 * shops' refrigeration 5 to 8 %, electric heating 8 to 22 % (simulated region; real homes with a steady 1 kW added: 3
 * %).
 */
function restlessness({ floorKw, quietSpreadKw }: { floorKw: number; quietSpreadKw: number }): number {
  return ramp(beyond(quietSpreadKw, 0.1) / floorKw, 0.05, 0.14);
}

/** What is left of a spread when an independent one is taken off. */
function beyond(spreadKw: number, usualKw: number): number {
  return Math.sqrt(Math.max(0, spreadKw ** 2 - usualKw ** 2));
}

/** The plateau of a shop or a timer: 8 to 15 hours a day well above the rest, every day. */
function openingHours({ dayKw, nightKw, blockHours }: ObservedOf<'flatness'>): number {
  if (dayKw === null || nightKw === null) return 0;
  const contrast =
    ramp((dayKw - nightKw) / Math.max(dayKw, 0.1), 0.15, 0.4) * ramp(dayKw - nightKw, 0.3, 0.9);
  return contrast * ramp(blockHours, 7, 9) * (1 - ramp(blockHours, 14, 17));
}

/** A ramp on the logarithm: from 1 to 2 kW counts as much as from 2 to 4 kW. */
function rampLog(value: number, low: number, high: number): number {
  return value > 0 ? ramp(Math.log(value / low) / Math.log(high / low), 0, 1) : 0;
}
