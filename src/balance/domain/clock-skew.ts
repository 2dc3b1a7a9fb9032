import { correlationOf } from '../../readings/domain/numeric.js';
import type { BalanceSettings } from './types.js';

export interface ClockSkew {
  /** The inflow of hour `h` belongs to the metered hour `h − hours`; 0 unless a shift is clearly better. */
  readonly hours: number;
  readonly correlation: number;
  readonly correlationUnshifted: number;
}

/** A shift is believed only when the shifted curves do go together. */
const LEAST_CORRELATION = 0.5;

/**
 * By how many whole hours the balance meter's clock differs from the households': the shift at which the hourly changes
 * of inflow and metered sum correlate best. Changes and not levels, because any two loads share the day's shape.
 * Example: an inflow that repeats the metered sum two hours later has skew +2 and correlation 1.
 */
export function clockSkew(
  inflowKw: Float32Array,
  meteredKw: Float64Array,
  hours: number,
  { maxSkewHours, minSkewGain }: BalanceSettings,
): ClockSkew {
  const unshifted = changesCorrelation(inflowKw, meteredKw, hours, 0);
  let best = 0;
  let correlation = unshifted;
  // Well matched clocks, the usual case, need no search: no shift could be better by the gain asked for.
  for (let lag = -maxSkewHours; unshifted < 1 - minSkewGain && lag <= maxSkewHours; lag++) {
    if (lag === 0) continue;
    const shifted = changesCorrelation(inflowKw, meteredKw, hours, lag);
    if (shifted > correlation) {
      best = lag;
      correlation = shifted;
    }
  }
  const isClear = correlation >= LEAST_CORRELATION && correlation >= unshifted + minSkewGain;
  return {
    hours: isClear ? best : 0,
    correlation: isClear ? correlation : unshifted,
    correlationUnshifted: unshifted,
  };
}

function changesCorrelation(
  inflowKw: Float32Array,
  meteredKw: Float64Array,
  hours: number,
  lag: number,
): number {
  const sums = { count: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 };
  let { count, x, y, xx, yy, xy } = sums;
  for (let hour = Math.max(1, 1 - lag); hour < hours && hour + lag < hours; hour++) {
    const dx = inflowKw[hour + lag] - inflowKw[hour + lag - 1];
    if (dx !== dx) continue;
    const dy = meteredKw[hour] - meteredKw[hour - 1];
    count++;
    x += dx;
    y += dy;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return correlationOf({ count, x, y, xx, yy, xy });
}
