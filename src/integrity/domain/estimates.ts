/*
 * Estimates from few cases. Each is drawn towards what everybody has, the more so the fewer cases there are, and comes with
 * the interval in which it lies nineteen times in twenty.
 */

export interface Estimate {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  /** Of how many. */
  readonly n: number;
}

const Z = 1.959963984540054;

/**
 * A share of `k` in `n`, as if `strength` further ones had been seen of which `prior` are: the mean of Beta(prior × strength + k,
 * (1 − prior) × strength + n − k). The interval is Wilson's over those.
 *
 * Worked example: 0 of 2, where everybody has 0.3 and strength is 8: (0.3 × 8 + 0) ÷ (8 + 2) = 0.24.
 */
export function shareEstimate(
  { k, n }: { readonly k: number; readonly n: number },
  { prior, strength }: { readonly prior: number; readonly strength: number },
): Estimate {
  const all = n + strength;
  if (all === 0) return { estimate: prior, lower: 0, upper: 1, n };
  const p = (k + prior * strength) / all;
  const middle = (p + Z ** 2 / (2 * all)) / (1 + Z ** 2 / all);
  const half = (Z / (1 + Z ** 2 / all)) * Math.sqrt((p * (1 - p)) / all + Z ** 2 / (4 * all ** 2));
  // Exactly at the ends, where rounding would leave a hair's breadth.
  const lower = p === 0 ? 0 : Math.max(0, middle - half);
  const upper = p === 1 ? 1 : Math.min(1, middle + half);
  return { estimate: p, lower, upper, n };
}

/**
 * How many times as often as expected: `k` observed where `expected` were, as if `strength` further expected ones had come
 * true: the mean of Gamma(strength + k, strength + expected), whose quantiles are Wilson and Hilferty's (1931).
 *
 * Worked example: 0 where 4 were expected, strength 5: (5 + 0) ÷ (5 + 4) = 0.556; from 0.18 to 1.14, so that nothing is said.
 */
export function ratioEstimate(
  { k, expected, n }: { readonly k: number; readonly expected: number; readonly n: number },
  strength: number,
): Estimate {
  const [shape, rate] = [strength + k, strength + expected];
  const quantile = (z: number) => (shape * (1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))) ** 3) / rate;
  return { estimate: shape / rate, lower: Math.max(0, quantile(-Z)), upper: quantile(Z), n };
}

/** Null without values. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
