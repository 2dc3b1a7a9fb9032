import { quickselect } from 'simple-statistics';

/**
 * Quantile `p` of the first `count` numbers, which are reordered; between two numbers, on the line (numpy's type 7). NaN
 * of nothing.
 */
export function quantileInPlace(numbers: Float64Array, count: number, p: number): number {
  if (count < 2) return count === 1 ? numbers[0] : NaN;
  const place = (count - 1) * p;
  const rank = Math.floor(place);
  // simple-statistics types its array as T[], but only indexes it: a typed array serves, and nothing is copied.
  quickselect(numbers as unknown as number[], rank, 0, count - 1);
  const lower = numbers[rank];
  if (place === rank) return lower;
  let next = numbers[rank + 1];
  for (let i = rank + 2; i < count; i++) if (numbers[i] < next) next = numbers[i];
  return lower + (place - rank) * (next - lower);
}

/** Copies what is present of `values[from, to)` to the front of `into`; answers how many numbers that were. */
export function gather(
  values: Float32Array | Float64Array,
  from: number,
  to: number,
  into: Float64Array,
): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (value === value) into[count++] = value;
  }
  return count;
}

export function quantile(
  values: Float32Array | Float64Array,
  from: number,
  to: number,
  p: number,
  scratch: Float64Array,
): number {
  return quantileInPlace(scratch, gather(values, from, to, scratch), p);
}

/** Mean of what is present of `values[from, to)`; NaN of nothing. */
export function meanOf(values: Float32Array | Float64Array, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (value === value) {
      sum += value;
      count++;
    }
  }
  return sum / count;
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

/** Rounded to `digits` decimals; 0 for what JSON can't carry. */
export function rounded(value: number, digits: number): number {
  if (!Number.isFinite(value)) return 0;
  const scale = 10 ** digits;
  const result = Math.round(value * scale) / scale;
  return result === 0 ? 0 : result;
}

/** For a normal sample, the standard deviation is this many times the median absolute deviation. */
export const SIGMA_PER_MAD = 1.4826;

/** Smooth rise from 0 at `low` to 1 at `high` (3t² − 2t³); 0 for NaN. */
export function ramp(value: number, low: number, high: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t === t ? t * t * (3 - 2 * t) : 0;
}
