const SECOND = 1;
const MINUTE = 60;
const HOUR = 3600;

/**
 * Pauses after the first, second, … failed attempt: the schedule that Standard Webhooks 1.0 recommends, 75.6 hours in all.
 * A receiver that is down from Friday evening to Monday morning loses nothing.
 */
export const RETRY_PAUSES_SECONDS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** A pause is longer by up to this share, so that what failed together does not come back together. */
const JITTER_RATIO = 0.1;

/**
 * Seconds until the next attempt after `attempts` that failed; null when that was the last. `chance` is 0 ≤ x < 1.
 * A receiver's own wish (`Retry-After`) lengthens a pause, up to the longest of the schedule, and never shortens it.
 * Worked example: after the second failure, chance 0.5: 300 s × 1.05 = 315 s.
 */
export function pauseAfter(
  attempts: number,
  { chance, wishedSeconds = 0 }: { readonly chance: number; readonly wishedSeconds?: number },
): number | null {
  const pause = RETRY_PAUSES_SECONDS[attempts - 1];
  if (pause === undefined) return null;
  const wished = Math.min(wishedSeconds, Math.max(...RETRY_PAUSES_SECONDS));
  return Math.max(pause * (1 + JITTER_RATIO * chance), wished);
}
