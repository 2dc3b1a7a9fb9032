import type { BalanceWorkspace } from './workspace.js';
import type { MeteredPoint } from './types.js';

export interface MeteredSum {
  readonly pointsNeverRead: number;
  /** What the registry declares of those, kW. */
  readonly declaredNeverReadKw: number;
  /** Point-hours with a reading ÷ point-hours registered. */
  readonly coverageRatio: number;
}

/** A gap is filled from the same hour of so many days before and after; beyond that nothing is known of it. */
const NEAREST_DAYS = 7;

/**
 * Adds up the metering points into `meteredKw`. A gap is filled with the point's own usual load (the mean of the same
 * hour on the nearest day before and the nearest after, at most a week away), and how much that was stands in
 * `estimatedKw`. A longer gap stays open and is counted in `unread`: nothing is invented for it.
 */
export function sumMetered(
  points: readonly MeteredPoint[],
  hours: number,
  { meteredKw, estimatedKw, unread }: BalanceWorkspace,
): MeteredSum {
  meteredKw.fill(0, 0, hours);
  estimatedKw.fill(0, 0, hours);
  unread.fill(0, 0, hours);
  let pointsNeverRead = 0;
  let declaredNeverReadKw = 0;
  let present = 0;
  for (const { hourlyKw, declaredKw, hoursRead } of points) {
    const read =
      hoursRead === hours ? addAll(hourlyKw, hours, meteredKw) : addPresent(hourlyKw, hours, meteredKw);
    present += read;
    if (read === 0) {
      pointsNeverRead++;
      declaredNeverReadKw += declaredKw ?? 0;
    } else if (read < hours) fillGaps(hourlyKw, hours, meteredKw, estimatedKw, unread);
  }
  return {
    pointsNeverRead,
    declaredNeverReadKw,
    coverageRatio: points.length === 0 ? 0 : present / (points.length * hours),
  };
}

function addAll(kw: Float32Array, hours: number, sumKw: Float64Array): number {
  for (let hour = 0; hour < hours; hour++) sumKw[hour] += kw[hour];
  return hours;
}

function addPresent(kw: Float32Array, hours: number, sumKw: Float64Array): number {
  let present = 0;
  for (let hour = 0; hour < hours; hour++) {
    const value = kw[hour];
    if (value === value) {
      sumKw[hour] += value;
      present++;
    }
  }
  return present;
}

function fillGaps(
  kw: Float32Array,
  hours: number,
  sumKw: Float64Array,
  estimatedKw: Float64Array,
  unread: Uint16Array,
): void {
  for (let hour = 0; hour < hours; hour++) {
    if (kw[hour] === kw[hour]) continue;
    const usualKw = usualAt(kw, hour, hours);
    if (usualKw === usualKw) {
      sumKw[hour] += usualKw;
      estimatedKw[hour] += usualKw;
    } else {
      unread[hour]++;
    }
  }
}

/** NaN when no day near enough has the hour. */
function usualAt(kw: Float32Array, hour: number, hours: number): number {
  const before = nearest(kw, hour, -24, hours);
  const after = nearest(kw, hour, 24, hours);
  if (before !== before) return after;
  return after === after ? (before + after) / 2 : before;
}

function nearest(kw: Float32Array, hour: number, stride: number, hours: number): number {
  for (let day = 1, at = hour + stride; day <= NEAREST_DAYS && at >= 0 && at < hours; day++, at += stride) {
    if (kw[at] === kw[at]) return kw[at];
  }
  return NaN;
}
