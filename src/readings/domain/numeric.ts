import { quantileOf, roomFor } from './order-statistics.js';

/**
 * Numbers over ranges of typed arrays, without allocating. NaN means missing and is left out everywhere; a result
 * nothing supports is NaN. Definitions are those of simple-statistics, the oracle in numeric.spec.ts.
 */
export type Series = Float32Array | Float64Array;

/** Copies what is present of `values[from, to)` to the front of `into`; returns how many numbers that were. */
export function gather(values: Series, from: number, to: number, into: Float64Array): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (value === value) into[count++] = value;
  }
  return count;
}

/** Mean of `values[from, to)`. */
export function mean(values: Series, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (value === value) {
      sum += value;
      count++;
    }
  }
  return count === 0 ? NaN : sum / count;
}

/** Population standard deviation of `values[from, to)`, in two passes (one pass loses digits on a big flat load). */
export function standardDeviation(values: Series, from: number, to: number): number {
  const centre = mean(values, from, to);
  let squares = 0;
  let count = 0;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (value === value) {
      squares += (value - centre) * (value - centre);
      count++;
    }
  }
  return count === 0 ? NaN : Math.sqrt(squares / count);
}

/** Quantile `p` of `values[from, to)`. */
export function quantile(values: Series, from: number, to: number, p: number): number {
  const numbers = roomFor(to - from);
  return quantileOf(numbers, gather(values, from, to, numbers), p);
}

/** Median of `values[from, to)`. */
export function median(values: Series, from: number, to: number): number {
  return quantile(values, from, to, 0.5);
}

/** Median absolute deviation of `values[from, to)` from `centre`, normally their median. */
export function medianDeviation(values: Series, from: number, to: number, centre: number): number {
  const deviations = roomFor(to - from);
  const count = gather(values, from, to, deviations);
  for (let i = 0; i < count; i++) deviations[i] = Math.abs(deviations[i] - centre);
  return quantileOf(deviations, count, 0.5);
}

/** For a normal sample, the standard deviation is this many times the median absolute deviation. */
export const SIGMA_PER_MAD = 1.4826;

/** Pairs `lags` apart whose x differ by at least `minDx` and are both above `above`. */
export interface PairRule {
  readonly lags: readonly number[];
  readonly minDx: number;
  readonly above: number;
}

/** Pairs of places whose x differ enough: what a slope over them needs of x. */
export interface Pairs {
  readonly earlier: Int32Array;
  readonly later: Int32Array;
  /** x at the later place − x at the earlier. */
  readonly dx: Float64Array;
}

/** The pairs of the first `count` places of x. */
export function pairsOf(x: Series, count: number, { lags, minDx, above }: PairRule): Pairs {
  const earlier = new Int32Array(lags.length * count);
  const later = new Int32Array(lags.length * count);
  const dx = new Float64Array(lags.length * count);
  let pairs = 0;
  for (const lag of lags) {
    for (let i = lag; i < count; i++) {
      const difference = x[i] - x[i - lag];
      if (!(Math.abs(difference) >= minDx && x[i] > above && x[i - lag] > above)) continue;
      earlier[pairs] = i - lag;
      later[pairs] = i;
      dx[pairs++] = difference;
    }
  }
  return { earlier: earlier.slice(0, pairs), later: later.slice(0, pairs), dx: dx.slice(0, pairs) };
}

export interface Slope {
  /** Median of the pairs' slopes; NaN without pairs. */
  slope: number;
  /** A quarter of the pairs have a smaller, a quarter a bigger slope: the difference. NaN when it is not asked for. */
  quartileRange: number;
  /** (pairs moving together − pairs moving apart) ÷ pairs, −1 to 1: Kendall's tau over these pairs. */
  agreement: number;
  pairs: number;
}

/**
 * Theil–Sen slope of y on x over pairs a few places apart; pairs with a missing y are left out. Near pairs make it blind to a step
 * and to a slow drift in y: of 90 days only the few pairs that straddle the step see it, and the median drops them. It also bounds
 * the work to `lags.length * count` pairs. With all lags, no least difference and `above = -Infinity` it is the plain Theil–Sen
 * slope.
 */
export function pairSlope({ earlier, later, dx }: Pairs, y: Series, isRangeWanted = true): Slope {
  const slopes = roomFor(dx.length);
  let pairs = 0;
  let together = 0;
  for (let pair = 0; pair < dx.length; pair++) {
    const dy = y[later[pair]] - y[earlier[pair]];
    if (dy !== dy) continue;
    const slope = dy / dx[pair];
    slopes[pairs++] = slope;
    // As numbers: a branch would be guessed wrong half of the time.
    together += Number(slope > 0) - Number(slope < 0);
  }
  return {
    slope: quantileOf(slopes, pairs, 0.5),
    quartileRange: isRangeWanted ? quantileOf(slopes, pairs, 0.75) - quantileOf(slopes, pairs, 0.25) : NaN,
    agreement: pairs === 0 ? NaN : together / pairs,
    pairs,
  };
}

/** Smooth rise from 0 at `low` to 1 at `high` (3t² − 2t³): no cliff, no value outside 0 to 1; 0 for NaN. */
export function ramp(value: number, low: number, high: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t === t ? t * t * (3 - 2 * t) : 0;
}

/** A ramp on the logarithm: from 1 to 2 kW counts as much as from 2 to 4 kW. */
export function rampLog(value: number, low: number, high: number): number {
  return value > 0 ? ramp(Math.log(value / low) / Math.log(high / low), 0, 1) : 0;
}

export function logistic(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

export function logOdds(probability: number): number {
  return Math.log(probability / (1 - probability));
}

/** Rounded to `digits` decimals; null for NaN and the infinities, which JSON can't carry. */
export function rounded(value: number, digits: number): number | null {
  return Number.isFinite(value) ? roundTo(value, digits) : null;
}

/** Rounded to `digits` decimals, so that what is stored and what a sentence says are the same number. */
export function roundTo(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

/** Rounded to `digits` decimals; 0 for what JSON can't carry, and never −0. */
export function roundedOrZero(value: number, digits: number): number {
  return (Number.isFinite(value) && roundTo(value, digits)) || 0;
}

/** Pearson's correlation from sums over `count` pairs; 0 when one side does not move. */
export function correlationOf(sums: {
  count: number;
  x: number;
  y: number;
  xx: number;
  yy: number;
  xy: number;
}): number {
  const { count, x, y, xx, yy, xy } = sums;
  const spread = (count * xx - x * x) * (count * yy - y * y);
  return spread > 0 ? (count * xy - x * y) / Math.sqrt(spread) : 0;
}
