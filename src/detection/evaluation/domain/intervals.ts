/** A 95 % confidence interval; both ends NaN where nothing was measured. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Of the standard normal distribution: 95 % lie within ±1.96. */
const Z = 1.959963984540054;

export const UNKNOWN: Interval = { low: NaN, high: NaN };

/**
 * Interval of a share seen `hits` times in `trials` (Wilson 1927): centre (p + z²/2n) ÷ (1 + z²/n), half width
 * z·√(p(1−p)/n + z²/4n²) ÷ (1 + z²/n). Unlike p ± z·σ it stays within [0, 1] and says something for 0 of n.
 * Worked example: 0 of 400 → 0 to 0.95 %; 8 of 10 → 49.0 to 94.3 %.
 */
export function wilson(hits: number, trials: number): Interval {
  if (trials === 0) return UNKNOWN;
  const share = hits / trials;
  const scale = 1 + (Z * Z) / trials;
  const centre = (share + (Z * Z) / (2 * trials)) / scale;
  const half = (Z * Math.sqrt((share * (1 - share)) / trials + (Z * Z) / (4 * trials * trials))) / scale;
  // Rounding leaves 1e-17 where the ends are exact.
  return {
    low: hits === 0 ? 0 : centre - half,
    high: hits === trials ? 1 : centre + half,
  };
}

/**
 * Interval of a quantile by order statistics, normal approximation of the binomial: of sorted values, ranks
 * np ± 1.96·√(np(1−p)). Worked example: of 100 values the median lies between the 40th and the 61st.
 */
export function quantileInterval(sorted: readonly number[], share: number): Interval {
  const count = sorted.length;
  if (count === 0) return UNKNOWN;
  const half = Z * Math.sqrt(count * share * (1 - share));
  const low = Math.max(0, Math.floor(count * share - half) - 1);
  const high = Math.min(count - 1, Math.ceil(count * share + half));
  return { low: sorted[low], high: sorted[high] };
}

/** The nearest-rank quantile of sorted values; null of none. */
export function nearestRank(sorted: readonly number[], share: number): number | null {
  return sorted.length === 0 ? null : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Where the middle 95 % of resampled figures lie; figures that could not be computed are left out. */
export function percentileInterval(resampled: ArrayLike<number>): Interval {
  const sorted = Array.from(resampled)
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b);
  if (sorted.length === 0) return UNKNOWN;
  return { low: nearestRank(sorted, 0.025)!, high: nearestRank(sorted, 0.975)! };
}
