import type { DayNumber } from '../../grid/domain/calendar.js';
import type { LegalSituation } from '../../rulebook/domain/rule.js';

/**
 * One metering point's load as the detectors see it: `days` standard-time days from `firstDay`.
 * Missing is NaN, never zero. Mean power over an hour in kW equals the hour's energy in kWh.
 */
export interface PointWindow {
  readonly firstDay: DayNumber;
  readonly days: number;
  /** kW, `days * 24`, hour `h` of day `d` at `d * 24 + h`. */
  readonly hourlyKw: Float32Array;
  /** kWh of the intervals present, length `days`; NaN when the day has none. */
  readonly dailyKwh: Float32Array;
  /** Hours of the day that have every interval, 0 to 24, length `days`. */
  readonly hoursPresent: Uint8Array;
  /** Minutes of the day that have readings, length `days`; 1440 without hours = the day's sum is all there is. */
  readonly minutesPresent?: Uint16Array;
  /**
   * The day's floor (see {@link dayFloorKw}), NaN where the day is not full, length `days`; where whoever made the window found
   * it on the way. Measured from the hours when absent.
   */
  readonly dailyFloorKw?: Float32Array;
}

/** What the registry says of the metering point; null = not stated. */
export interface PointFacts {
  readonly meteringPoint: string;
  readonly tariffCategory: string | null;
  readonly electricHeating: boolean | null;
  readonly contractedKw: number | null;
  readonly declaredLoadKw: number | null;
  readonly declaredPurpose: string | null;
}

/** Comparable points: same territory, tariff category and heating. Statistics over a sample of the group. */
export interface PeerGroup {
  readonly key: string;
  /** Points in the sample the statistics come from (the point itself may be one of them). */
  readonly size: number;
  /**
   * Length `days`, aligned with the window: median over peers of (a day's kWh ÷ that peer's median daily kWh); NaN
   * = no peer.
   */
  readonly movement: Float32Array;
  /** kWh a day, length `days`: median over peers; NaN = no peer. */
  readonly dailyKwhMedian: Float32Array;
  /** Of the peers' mean daily kWh over the window. */
  readonly meanDailyKwh: Spread;
  /** Of the peers' steady floor (5th percentile of hourly kW over the last 28 days). */
  readonly floorKw: Spread;
}

/** The common movement of the homes around that heat electrically: what the cold does to them, it does to others. */
export interface HeatingMovement {
  readonly key: string;
  /** Whether the registry calls these homes electrically heated, or how they swing together suggests it. */
  readonly source: 'declared' | 'inferred';
  /** Homes it comes from. */
  readonly homes: number;
  /** Length `days`, aligned with the window: median over homes of (a day's kWh ÷ that home's median day); NaN = none. */
  readonly movement: Float32Array;
}

/** Robust spread: median, median absolute deviation, 90th percentile. */
export interface Spread {
  readonly median: number;
  readonly mad: number;
  readonly p90: number;
}

/** One local month's use, as far as it has come by the as-of day. */
export interface MonthUse {
  /** First day of the month. */
  readonly month: DayNumber;
  /** Metered at this metering point, kWh, of the intervals present only. */
  readonly meteredKwh: number;
  /** The same over the unit the quota counts by (household or metering point). */
  readonly unitKwh: number;
  /** Hours present and hours of the whole month. */
  readonly hoursPresent: number;
  readonly hoursExpected: number;
  /** Whether it comes from interval energies, from registers, or from both; intervals when not said. */
  readonly source?: 'intervals' | 'registers' | 'mixed';
  /** Of `unitKwh`, what lies between two register readings and was laid on this month by days, kWh. */
  readonly allocatedKwh?: number;
}

export interface Surroundings {
  /** Exclusive end of what is known: the first day not yet complete. */
  readonly asOf: DayNumber;
  /** Daily mean outdoor temperature in °C, length `days`, NaN = unknown; null when the territory has no weather. */
  readonly temperatureC: Float32Array | null;
  /** Stand-in for outdoor temperature where there is no weather; null when nobody around is known to heat. */
  readonly heating: HeatingMovement | null;
  readonly peers: PeerGroup | null;
  readonly legal: LegalSituation;
  /** The last months up to the as-of day, oldest first; the last one may be unfinished. */
  readonly months: readonly MonthUse[];
  /** The household's other metering points over the same days; none when it has no others or they are not at hand. */
  readonly household?: readonly PointWindow[];
  /** What the meters of its devices reported in the window, oldest first. */
  readonly events?: readonly MeterEvent[];
  /** What the balance of its transformer says of this point; null when there is no balance or it holds. */
  readonly hiddenLoad?: HiddenLoadShare | null;
}

/** A tamper or supply event of a meter. */
export interface MeterEvent {
  /** Hours since the window's first midnight, standard time of the territory; may be negative or fractional. */
  readonly atHour: number;
  /** As `readings/domain/meter-events.ts` names it: `magnetic_field`, `cover_opened` … */
  readonly kind: string;
}

/** A share in the load that passes no meter under the point's transformer. */
export interface HiddenLoadShare {
  readonly transformer: string;
  /** Flat kW that no meter saw: estimate and lower bound. */
  readonly residualKw: number;
  readonly residualLowKw: number;
  /** Day index in the window since when; null when it was there from the start. */
  readonly sinceDay: number | null;
  /** 0 to 1: how well the balance is known (coverage, clocks). */
  readonly confidence: number;
  /** 1 = the likeliest of the households under the transformer, and its share of responsibility, 0 to 1. */
  readonly rank: number;
  readonly shareRatio: number;
  /** kW by which the point's own metered load fell when the residual rose; 0 = it did not. */
  readonly dropKw: number;
  /** Metering points under the transformer. */
  readonly points: number;
}

export interface DetectorInput {
  readonly window: PointWindow;
  readonly facts: PointFacts;
  readonly surroundings: Surroundings;
}

export type Observed = Readonly<Record<string, number | string | boolean | null>>;

/** One detector's output: data that reproduces it. Days are ISO dates; numbers carry their unit in the name. */
export interface Finding {
  readonly detector: string;
  readonly version: number;
  /** Half-open window the numbers were taken from, ISO dates. */
  readonly window: { readonly from: string; readonly to: string };
  readonly settings: Observed;
  readonly observed: Observed;
  /** ISO date since when what was found holds; null when the detector does not date it. */
  readonly since: string | null;
}

/** A finding whose observed numbers are known by name. `O` must be a type alias, so that it fits {@link Observed}. */
export interface FindingOf<O extends Observed> extends Finding {
  readonly observed: O;
}

/**
 * Kinds of evidence: a case needs two different ones, or a rule broken by measurement.
 * `context` (the place's prior, gaps in the data) is shown beside the others and never counts towards a case.
 */
export type EvidenceKind =
  | 'context'
  | 'measured_breach'
  | 'level'
  | 'shape'
  | 'pattern'
  | 'onset'
  | 'temperature'
  | 'comparison'
  | 'declared'
  | 'linked'
  | 'balance'
  | 'events'
  | 'innocent';

/** A finding turned into a signed weight: log-odds, positive for mining, negative for an innocent explanation. */
export interface Evidence {
  readonly detector: string;
  readonly kind: EvidenceKind;
  readonly logOdds: number;
  readonly sentence: { readonly ru: string; readonly en: string };
}

/** What a metering point is suspected of, if anything; `none` below every threshold. */
export type ScoreKind = 'none' | 'quota_forecast' | 'quota_exceeded' | 'mining_suspected' | 'hidden_load';

export interface PointScore {
  /** Probability, 0 to 1. */
  readonly score: number;
  /** False when the load was put aside at first sight, with nothing in it to explain: no findings, no evidence. */
  readonly explained: boolean;
  readonly kind: ScoreKind;
  readonly caseWorthy: boolean;
  readonly since: DayNumber | null;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Evidence[];
}
