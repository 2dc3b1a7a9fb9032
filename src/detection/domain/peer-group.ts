import { FULL_DAY_HOURS } from './full-day.js';
import { gather, median, medianDeviation, quantile } from '../../readings/domain/numeric.js';
import { quantileOf } from '../../readings/domain/order-statistics.js';
import type { PeerGroup, PointWindow, Spread } from './types.js';

/** The floor of a peer is taken over its last four weeks: long enough that one holiday does not set it. */
const FLOOR_DAYS = 28;
/** A peer with fewer full days says nothing about what is usual. */
const MIN_DAYS = 7;

/**
 * Statistics of a sample of comparable points, all over the same days.
 * @throws RangeError when the windows are not aligned.
 */
export function buildPeerGroup(key: string, windows: readonly PointWindow[]): PeerGroup {
  const days = windows[0]?.days ?? 0;
  if (windows.some((window) => window.days !== days || window.firstDay !== windows[0].firstDay)) {
    throw new RangeError(`peer windows of ${key} are not aligned`);
  }
  const scratch = new Float64Array(Math.max(windows.length, days, FLOOR_DAYS * 24));
  const members = windows.map(fullDays).filter((daily) => gather(daily, 0, days, scratch) >= MIN_DAYS);
  const usual = members.map((daily) => median(daily, 0, days));
  const movement = new Float32Array(days);
  const dailyKwhMedian = new Float32Array(days);
  for (let day = 0; day < days; day++) {
    dailyKwhMedian[day] = acrossPeers(members, scratch, (daily) => daily[day]);
    movement[day] = acrossPeers(members, scratch, (daily, i) => (usual[i] > 0 ? daily[day] / usual[i] : NaN));
  }
  return {
    key,
    size: members.length,
    movement,
    dailyKwhMedian,
    meanDailyKwh: spread(members.map((daily) => meanOf(daily, scratch))),
    floorKw: spread(windows.map((window) => floorOf(window))),
  };
}

/** kWh of each full day, scaled to 24 hours; NaN for the others. */
function fullDays({ days, dailyKwh, hoursPresent }: PointWindow): Float64Array {
  const daily = new Float64Array(days);
  for (let day = 0; day < days; day++) {
    daily[day] = hoursPresent[day] >= FULL_DAY_HOURS ? (dailyKwh[day] * 24) / hoursPresent[day] : NaN;
  }
  return daily;
}

function acrossPeers(
  members: readonly Float64Array[],
  scratch: Float64Array,
  value: (daily: Float64Array, index: number) => number,
): number {
  let count = 0;
  for (let i = 0; i < members.length; i++) {
    const v = value(members[i], i);
    if (!Number.isNaN(v)) scratch[count++] = v;
  }
  return quantileOf(scratch, count, 0.5);
}

function meanOf(daily: Float64Array, scratch: Float64Array): number {
  const count = gather(daily, 0, daily.length, scratch);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += scratch[i];
  return sum / count;
}

function floorOf({ hourlyKw, days }: PointWindow): number {
  return quantile(hourlyKw, Math.max(0, days - FLOOR_DAYS) * 24, days * 24, 0.05);
}

function spread(numbers: readonly number[]): Spread {
  const values = Float64Array.from(numbers);
  const centre = median(values, 0, values.length);
  return {
    median: centre,
    mad: medianDeviation(values, 0, values.length, centre),
    p90: quantile(values, 0, values.length, 0.9),
  };
}
