import type { DayNumber } from '../../grid/domain/calendar.js';

/** Something a meter reported of itself that fits tampering: cover opened, magnet, phase missing or reversed. */
export interface TamperEvent {
  /** Hours since the window's first midnight; may be negative or fractional. */
  readonly atHour: number;
  readonly kind: string;
}

/** One metering point registered under the transformer. */
export interface MeteredPoint {
  /** Mean kW by hour, `days * 24`, NaN = missing; all NaN = registered and never read. */
  readonly hourlyKw: Float32Array;
  /** Hours that have a value, where known: without a gap none need be looked for. */
  readonly hoursRead?: number;
  /** Load the registry declares; allowed for where the point is never read. */
  readonly declaredKw?: number | null;
  readonly tamper?: readonly TamperEvent[];
}

/** What a transformer's balance is made from: `days` standard-time days from `firstDay`. */
export interface TransformerLoad {
  readonly firstDay: DayNumber;
  readonly days: number;
  /** Mean kW by hour that enter through the balance meter, `days * 24`, NaN = missing. */
  readonly inflowKw: Float32Array;
  readonly points: readonly MeteredPoint[];
}

/** Everything that can change a balance besides the data and the code. */
export type BalanceSettings = {
  /** Days at the end that say how it is now; fewer when the load stepped within them. */
  recentDays: number;
  /** Fewest days that can be judged, and fewest that a level must last to be one. */
  minDays: number;
  /** Hours in which more than this share of the inflow (or this many kW) had to be estimated are dropped. */
  maxEstimatedShare: number;
  maxEstimatedKw: number;
  /** Longest clock skew looked for, hours, and by how much a shift must raise the correlation to be believed. */
  maxSkewHours: number;
  minSkewGain: number;
  /** Share of the load by which meters and current transformers may be wrong together. */
  meterErrorShare: number;
  /** Smallest step of the remainder worth naming, kW. */
  minStepKw: number;
  /** A flat remainder counts as hidden load from this lower bound on, kW. */
  minHiddenKw: number;
  /** Least floor ÷ mean of a remainder that is called flat. */
  minFlatness: number;
  /** Most hour-to-hour scatter ÷ floor: thermostats of unread homes add up to a floor too, and never come to rest. */
  maxScatterRatio: number;
  /** Less flat than {@link steadyFlatness}, it must not move with the homes around from day to day more than this. */
  maxFollowsHomes: number;
  /** As flat and as still as this, no heating is: then a smaller lower bound will do, kW. */
  steadyFlatness: number;
  steadyScatterRatio: number;
  minSteadyKw: number;
  /** A remainder by night that is this much above that by day, kW, is told apart. */
  minNightKw: number;
};

export const DEFAULT_BALANCE_SETTINGS: Readonly<BalanceSettings> = Object.freeze({
  recentDays: 28,
  minDays: 4,
  maxEstimatedShare: 0.05,
  maxEstimatedKw: 1,
  maxSkewHours: 3,
  minSkewGain: 0.05,
  meterErrorShare: 0.01,
  minStepKw: 0.7,
  minHiddenKw: 1.5,
  minFlatness: 0.6,
  maxScatterRatio: 0.2,
  maxFollowsHomes: 0.5,
  steadyFlatness: 0.85,
  steadyScatterRatio: 0.1,
  minSteadyKw: 0.8,
  minNightKw: 1.5,
});

/**
 * What the remainder is:
 * - `hidden_load`: flat and more than the transformer can lose: a hidden farm, or another load that never pauses;
 * - `night_load`: comes every night and goes by day;
 * - `household_like`: more than is metered, but it rises and falls as homes do (a forgotten or never-read meter);
 * - `none`: nothing beyond the losses, or so little that a lossy transformer explains it;
 * - `inconsistent`: less flows in than is metered: the registry hangs points on the wrong transformer, or a ratio is wrong;
 * - `unclear`: too few usable hours to say.
 */
export type BalanceVerdict =
  'hidden_load' | 'night_load' | 'household_like' | 'none' | 'inconsistent' | 'unclear';

/** A lasting change of the remainder. Hours count from the start of the window. */
export interface ResidualStep {
  readonly hour: number;
  /** Between these hours it may have happened, both included. */
  readonly earliestHour: number;
  readonly latestHour: number;
  /** Positive: the remainder rose. */
  readonly stepKw: number;
}

/** How far the balance can be trusted. */
export interface BalanceConfidence {
  /** 0 to 1: all of the below together. */
  readonly ratio: number;
  /** Points registered, and those of them without a single reading. */
  readonly points: number;
  readonly pointsNeverRead: number;
  /** Share of the point-hours registered that hold a reading. */
  readonly coverageRatio: number;
  /** Hours of the window, those the balance was struck in, and those of them with an estimate in the sum. */
  readonly hours: number;
  readonly hoursUsed: number;
  readonly hoursEstimated: number;
  /** Share of the metered sum that was estimated, in the hours used. */
  readonly estimatedRatio: number;
  /** Hours by which the balance meter's clock is ahead (+) of or behind (−) the households'; corrected when not 0. */
  readonly clockSkewHours: number;
  /** Correlation of the hourly changes of inflow and metered sum, with and without that shift. */
  readonly correlation: number;
  readonly correlationUnshifted: number;
}

/** The technical loss: `noLoadKw + quadraticPerKw · inflow²`, kW. */
export interface LossModel {
  readonly noLoadKw: number;
  /** What a transformer of a size that carries this load may lose without load. */
  readonly noLoadLowestKw: number;
  readonly noLoadHighestKw: number;
  /** kW per kW² of inflow. */
  readonly quadraticPerKw: number;
  /** The fit lay outside what windings and lines can lose, and was moved to that bound. */
  readonly quadraticBound: 'lowest' | 'highest' | null;
  /** Highest hourly inflow but for the top half per cent, kW. */
  readonly peakKw: number;
  readonly meanInflowKw: number;
  /** Mean of the loss in the recent days, kW. */
  readonly meanLossKw: number;
}

/** What is left after metered load and loss, over the recent days. */
export interface Residual {
  /** Hours into the window from which on the numbers below are taken. */
  readonly fromHour: number;
  /** The part that never pauses, kW, and the bounds between which it lies by meter error, loss and unread points. */
  readonly floorKw: number;
  readonly floorLowerKw: number;
  readonly floorUpperKw: number;
  readonly meanKw: number;
  /** Floor ÷ mean, 0 to 1: a rig is near 1, homes are below 0.5. */
  readonly flatnessRatio: number;
  /** Hour-to-hour scatter, kW. */
  readonly scatterKw: number;
  /** Median by night (0 to 5) minus median by day (10 to 16), kW. */
  readonly nightRiseKw: number;
  /** The part that comes and goes, kW: mean − floor. */
  readonly variableKw: number;
  /** Correlation with the metered sum, day by day: 1 = moves as the homes around do. */
  readonly followsHomes: number;
}

/** A point under the transformer that may hold what the balance misses; the numbers behind its share. */
export interface Suspect {
  /** Place in {@link TransformerLoad.points}. */
  readonly point: number;
  /** Share of responsibility, 0 to 1; all of a transformer add up to at most 1. The rest is nobody known here. */
  readonly share: number;
  /** Metered load that went away beyond the neighbours' movement when the remainder rose, kW; negative = it rose. */
  readonly dropKw: number;
  /** That in standard deviations of the point's own days. */
  readonly dropSigmas: number;
  /** Day (whole days into the window) of the step it was measured at; null without a step. */
  readonly dropDay: number | null;
  /** Steep metered rise in the same hours as the remainder's, kW (a partial bypass shows its other phase). */
  readonly riseKw: number;
  /** Correlation of the remainder's hourly changes with the point's, neighbours' common movement taken off. */
  readonly completes: number;
  readonly completesSigmas: number;
  /** Metered floor that never pauses, kW, and its share of the point's mean. */
  readonly floorKw: number;
  readonly flatnessRatio: number;
  readonly tamperEvents: number;
  /** Tamper events within a week of the step. */
  readonly tamperAtStep: number;
}

/** A transformer's balance: plain data, with everything that reproduces the verdict. */
export interface TransformerBalance {
  readonly version: number;
  readonly firstDay: DayNumber;
  readonly days: number;
  readonly verdict: BalanceVerdict;
  /** The flat (or nightly) load that nothing accounts for, kW, with bounds; 0 when there is none. */
  readonly hiddenKw: number;
  readonly hiddenLowerKw: number;
  readonly hiddenUpperKw: number;
  /** The step it began with; null when it was there before the window (or there is none). */
  readonly onset: ResidualStep | null;
  /** All lasting changes, oldest first. */
  readonly steps: readonly ResidualStep[];
  readonly confidence: BalanceConfidence;
  readonly loss: LossModel | null;
  readonly residual: Residual | null;
  /** Most likely first; empty unless there is hidden load. */
  readonly suspects: readonly Suspect[];
  readonly settings: Readonly<BalanceSettings>;
}
