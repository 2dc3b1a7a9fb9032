import type { PointWindow } from './types.js';

/** A day counts when at least this many of its 24 hours are complete. */
export const FULL_DAY_HOURS = 20;

/** {@link dayFloorKw} of a window's day, as it was found or from the hours; NaN where the day is not full. */
export function floorOnDay({ hourlyKw, hoursPresent, dailyFloorKw }: PointWindow, day: number): number {
  if (hoursPresent[day] < FULL_DAY_HOURS) return NaN;
  return dailyFloorKw === undefined ? dayFloorKw(hourlyKw, day * 24) : dailyFloorKw[day];
}

/**
 * A day's floor: the third-lowest of the 24 hours from `firstHour` on, kW; about its 10th percentile, blind to an outage of one
 * or two hours. Missing hours (NaN) are left out; Infinity with fewer than three hours.
 */
export function dayFloorKw(hourlyKw: Float32Array, firstHour: number): number {
  let low1 = Infinity;
  let low2 = Infinity;
  let low3 = Infinity;
  for (let i = firstHour, end = firstHour + 24; i < end; i++) {
    const kw = hourlyKw[i];
    if (!(kw < low3)) continue;
    if (kw < low1) {
      low3 = low2;
      low2 = low1;
      low1 = kw;
    } else if (kw < low2) {
      low3 = low2;
      low2 = kw;
    } else low3 = kw;
  }
  return low3;
}
