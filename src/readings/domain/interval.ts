/** Interval lengths the store takes, longest first: 24, 48, 96 or 288 intervals a day. */
export const INTERVAL_MINUTES = [60, 30, 15, 5] as const;

/** One interval a day: the energy of a whole day, where a meter tells nothing finer. */
export const DAILY_MINUTES = 1440;

export function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
