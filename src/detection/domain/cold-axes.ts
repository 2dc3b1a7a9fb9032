import {
  mean,
  pairsOf,
  standardDeviation,
  type PairRule,
  type Pairs,
} from '../../readings/domain/numeric.js';

/** Heating starts below this: high on purpose, so that more of the load counts as heating and less as remainder. */
export const HEATING_BASE_C = 18;
export const COOLING_BASE_C = 22;
/** This share of other homes' median day does not follow the season (cooking, light, cold storage). */
const FIXED_RATIO = 0.2;
/** Days apart: longer than a home's thermal lag (a day or two), shorter than a rig's stay or a season. */
export const LAGS: PairRule['lags'] = [3, 5, 7, 10];
/** Days that differ by less say nothing of a slope: °C, or units of movement. */
export const LEAST_DEGREES = 2.5;
const LEAST_MOVEMENT = 0.08;
/** Days either side that a spell is measured against. */
const SPELL_DAYS = 10;

/** `heating`: homes declared as electrically heated; `heating_inferred`: homes that swing alike; `peers`: comparable ones. */
export type ColdBasis = 'weather' | 'heating' | 'heating_inferred' | 'peers';

/** What a load may follow, by day; NaN = unknown. Whatever depends on it alone is reckoned once, for all points of a place. */
export class Axis {
  private knownPairs: Pairs | null = null;
  private knownSpells: Float64Array | null = null;
  private knownDeviations: {
    readonly from: number;
    readonly values: number;
    readonly spells: number;
  } | null = null;

  constructor(
    readonly values: Float64Array,
    private readonly minDx: number,
  ) {}

  /** Pairs of two-day means, {@link LAGS} days apart, that differ enough to tell a slope. */
  get pairs(): Pairs {
    if (this.knownPairs === null) {
      const smooth = new Float64Array(this.values.length);
      twoDayMeans(this.values, smooth.length, smooth);
      this.knownPairs = pairsOf(smooth, smooth.length, { lags: LAGS, minDx: this.minDx, above: 0 });
    }
    return this.knownPairs;
  }

  /** Each day beside the three weeks around it. */
  get spells(): Float64Array {
    this.knownSpells ??= this.values.map(
      (value, day) =>
        value -
        mean(this.values, Math.max(0, day - SPELL_DAYS), Math.min(this.values.length, day + SPELL_DAYS + 1)),
    );
    return this.knownSpells;
  }

  /** Standard deviations from day `from` on, of the values and of the spells. */
  deviations(from: number): { readonly values: number; readonly spells: number } {
    if (this.knownDeviations?.from !== from) {
      const deviation = (series: Float64Array) => standardDeviation(series, from, series.length);
      this.knownDeviations = { from, values: deviation(this.values), spells: deviation(this.spells) };
    }
    return this.knownDeviations;
  }
}

/** The axes of heating and of cooling, and what they come from. */
export interface ColdAxes {
  readonly basis: ColdBasis;
  readonly days: number;
  /** °C of cold below 18 °C, or units of other homes' movement. */
  readonly heating: Axis;
  /** °C of heat above 22 °C; nothing where there is no weather. */
  readonly cooling: Axis;
}

/** Of the first `days` days of outdoor temperatures, °C, or of how other homes move together, in units of their usual day. */
export function axesFrom(series: Float32Array, basis: ColdBasis, days: number): ColdAxes {
  const values = Float64Array.from(series.subarray(0, days));
  const axis = (least: number, valueOf: (value: number) => number) => new Axis(values.map(valueOf), least);
  return basis === 'weather'
    ? {
        basis,
        days,
        heating: axis(LEAST_DEGREES, (t) => Math.max(0, HEATING_BASE_C - t)),
        cooling: axis(LEAST_DEGREES, (t) => Math.max(0, t - COOLING_BASE_C)),
      }
    : {
        basis,
        days,
        heating: axis(LEAST_MOVEMENT, (times) => Math.max(0, times - FIXED_RATIO)),
        cooling: axis(LEAST_MOVEMENT, () => 0),
      };
}

/** Mean of each day and the one before; the first has none. */
export function twoDayMeans(values: Float64Array, days: number, into: Float64Array): void {
  into[0] = NaN;
  for (let day = 1; day < days; day++) into[day] = (values[day - 1] + values[day]) / 2;
}
