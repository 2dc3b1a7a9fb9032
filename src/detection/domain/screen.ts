import type { Features } from './features.js';
import { gather, logistic, quantileInPlace, rampLog } from './numeric.js';
import type { DetectorInput, PointScore } from './types.js';

export type ScreenSettings = {
  /** A floor on a quarter of the last days, a level of the last days, or a plateau below this is no rig's, kW. */
  quietKw: number;
  /** Share of a quota from which a month is worth a look. */
  quotaRatio: number;
  /** Days looked at for floors, and for plateaus. */
  floorDays: number;
  blockDays: number;
  /** Log-odds of a load that has nothing to explain, at rest and just below the bounds above. */
  restLogOdds: number;
  edgeLogOdds: number;
  /** Below this probability, and without a kind, nobody will ask why: findings and evidence are not kept. */
  explainedFrom: number;
};

/**
 * Bounds: the smallest GPU rig draws 0.5 kW and more by itself; 95 % of 52 Australian homes rest below 0.21 kW. Log-odds: of
 * the rigs in the regions of docs/detection.md one in some hundred is put aside here, each by its own size.
 */
export const DEFAULT_SCREEN: Readonly<ScreenSettings> = Object.freeze({
  quietKw: 0.42,
  quotaRatio: 0.6,
  floorDays: 60,
  blockDays: 21,
  restLogOdds: -5.5,
  edgeLogOdds: -3,
  explainedFrom: 0.01,
});

/**
 * The score of a load that has nothing in it to explain; null when it is worth the detectors. Most homes end
 * here, for a tenth of the time. Nothing rests, stands or ran lately at a rig's level, no month is near a quota, and the
 * registry, the meter and the transformer have nothing to say.
 *
 * Formula: level = max(75th percentile of the daily floors of the last 60 days, median of the last six, highest of the eight-hour
 * plateaus of the last 21 days, where an hour counts with its 30th percentile); quiet below 0.42 kW.
 */
export function atFirstSight(
  input: DetectorInput,
  features: Features,
  priorLogOdds: number,
  settings: ScreenSettings = DEFAULT_SCREEN,
): PointScore | null {
  if (hasContext(input, settings)) return null;
  const levelKw = Math.max(floorLevel(features, settings), plateauLevel(input, features, settings));
  if (!(levelKw < settings.quietKw)) return null;
  const near = rampLog(levelKw, 0.1, settings.quietKw);
  const logOdds = priorLogOdds + settings.restLogOdds + near * (settings.edgeLogOdds - settings.restLogOdds);
  return unexplained(logistic(logOdds));
}

function unexplained(score: number): PointScore {
  return {
    score,
    explained: false,
    kind: 'none',
    caseWorthy: false,
    since: null,
    findings: [],
    evidence: [],
  };
}

/** Keeps the reasons of a score that somebody may ask about, and lets go of the others'. */
export function keepReasons(score: PointScore, { explainedFrom }: ScreenSettings): PointScore {
  return score.kind === 'none' && score.score < explainedFrom ? unexplained(score.score) : score;
}

function hasContext({ facts, surroundings }: DetectorInput, { quotaRatio }: ScreenSettings): boolean {
  const { household, events, hiddenLoad, legal, months } = surroundings;
  if (facts.declaredLoadKw !== null || hiddenLoad || household?.length || events?.length) return true;
  const { quota } = legal;
  if (!quota) return false;
  // Of the running month, what it comes to when it goes on as it began.
  return months.some(
    ({ unitKwh, hoursPresent, hoursExpected }) =>
      unitKwh * (hoursExpected / Math.max(hoursPresent, 0.2 * hoursExpected)) > quotaRatio * quota.limitKwh,
  );
}

function floorLevel(
  { days, dailyFloorKw, workspace: { scratch } }: Features,
  settings: ScreenSettings,
): number {
  const often = quantileInPlace(
    scratch,
    gather(dailyFloorKw, Math.max(0, days - settings.floorDays), days, scratch),
    0.75,
  );
  const lately = quantileInPlace(scratch, gather(dailyFloorKw, Math.max(0, days - 6), days, scratch), 0.5);
  // Without a single full day there is nothing to screen by.
  return Math.max(often, lately === lately ? lately : often);
}

/** NaN where too little is known, which is not quiet. */
function plateauLevel(
  { window: { hourlyKw } }: DetectorInput,
  { days, workspace: { scratch, lowKw } }: Features,
  { blockDays }: ScreenSettings,
): number {
  const from = Math.max(0, days - blockDays);
  for (let hour = 0; hour < 24; hour++) {
    let count = 0;
    for (let i = from * 24 + hour; i < days * 24; i += 24) {
      const value = hourlyKw[i];
      if (value === value) scratch[count++] = value;
    }
    lowKw[hour] = count < 5 ? NaN : quantileInPlace(scratch, count, 0.3);
  }
  let highest = 0;
  for (let start = 0; start < 24; start++) {
    let lowest = Infinity;
    for (let hour = start; hour < start + PLATEAU_HOURS; hour++) {
      const value = lowKw[hour % 24];
      if (value !== value) return NaN;
      if (value < lowest) lowest = value;
    }
    if (lowest > highest) highest = lowest;
  }
  return highest;
}

/** Shorter than any night or off-peak pattern, longer than most cooking and washing. */
const PLATEAU_HOURS = 5;
