import type { Axis } from './cold-axes.js';
import type { Features } from './features.js';
import { gather, medianDeviation, roundTo, SIGMA_PER_MAD } from '../../readings/domain/numeric.js';
import { sortFirst } from '../../readings/domain/order-statistics.js';

const LOOK_BACK_DAYS = 60;
const MIN_DAYS = 14;

/** The floor of the load, as if it stood at one of two levels. */
export type TwoLevels = {
  /** First day looked at, counted from the window's first. */
  fromDay: number;
  lowKw: number;
  highKw: number;
  stepKw: number;
  /** Day-to-day spread within each level ÷ step. */
  highSpreadRatio: number;
  lowSpreadRatio: number;
  highDays: number;
  lowDays: number;
  /** Times it went from one level to the other. */
  switches: number;
  /** First day at the high level among those looked at, counted from the window's first. */
  firstHighDay: number;
  /** Days at the high level less days at the low one, in standard deviations: of the cold, and of the heat; null = not known. */
  coldShift: number | null;
  heatShift: number | null;
};

/**
 * Formula: the daily floors (third-lowest hours) of the last 60 days, split in two where the variance between is greatest
 * (Otsu); step = difference of the medians. Null with fewer than 14 full days.
 */
export function measureLevels(features: Features): TwoLevels | null {
  const from = Math.max(0, features.days - LOOK_BACK_DAYS);
  const { days, dailyFloorKw, workspace } = features;
  const count = gather(dailyFloorKw, from, days, workspace.dailyKw);
  if (count < MIN_DAYS) return null;
  sortFirst(workspace.dailyKw, count);
  const sorted = workspace.dailyKw.subarray(0, count);
  const split = otsu(sorted);
  const thresholdKw = (sorted[split - 1] + sorted[split]) / 2;
  const low = sorted.subarray(0, split);
  const high = sorted.subarray(split);
  const lowKw = middle(low);
  const highKw = middle(high);
  const stepKw = highKw - lowKw;
  if (!(stepKw > 0)) return null;
  const highSpreadKw = spread(high, highKw);
  const lowSpreadKw = spread(low, lowKw);
  let switches = 0;
  let before: boolean | null = null;
  let firstHighDay = -1;
  for (let day = from; day < days; day++) {
    const kwThatDay = dailyFloorKw[day];
    if (kwThatDay !== kwThatDay) continue;
    const isHigh = kwThatDay > thresholdKw;
    if (isHigh && firstHighDay < 0) firstHighDay = day;
    if (before !== null && before !== isHigh) switches++;
    before = isHigh;
  }
  const shift = (axis: Axis) => roundTo(shiftOf(axis, features, from, thresholdKw), 2);
  const axes = features.thermal && features.axes;
  return {
    fromDay: from,
    lowKw: roundTo(lowKw, 2),
    highKw: roundTo(highKw, 2),
    stepKw: roundTo(stepKw, 2),
    highSpreadRatio: roundTo(highSpreadKw / stepKw, 3),
    lowSpreadRatio: roundTo(lowSpreadKw / stepKw, 3),
    highDays: high.length,
    lowDays: low.length,
    switches,
    firstHighDay,
    coldShift: axes && shift(axes.heating),
    heatShift: axes && shift(axes.cooling),
  };
}

/** Number of values in the lower class when the variance between the classes is greatest. */
function otsu(sorted: Float64Array): number {
  let total = 0;
  for (const value of sorted) total += value;
  let best = 1;
  let bestBetween = -1;
  let lower = 0;
  for (let split = 1; split < sorted.length; split++) {
    lower += sorted[split - 1];
    const distance = lower / split - (total - lower) / (sorted.length - split);
    const between = split * (sorted.length - split) * distance * distance;
    if (between > bestBetween) {
      bestBetween = between;
      best = split;
    }
  }
  return best;
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

function spread(values: Float64Array, centre: number): number {
  return SIGMA_PER_MAD * medianDeviation(values, 0, values.length, centre);
}

/** Either way a day can be cold: in the year, and beside the three weeks around it (a spell, whatever the season). */
function shiftOf(axis: Axis, features: Features, from: number, thresholdKw: number): number {
  const deviations = axis.deviations(from);
  const levels = { from, thresholdKw };
  return Math.max(
    deviations.values > 0 ? shiftIn(axis.values, features, levels) / deviations.values : 0,
    deviations.spells > 0 ? shiftIn(axis.spells, features, levels) / deviations.spells : 0,
  );
}

/** Mean of the days at the high level less mean of those at the low one; 0 when one of them has none. */
function shiftIn(
  series: Float64Array,
  { days, dailyFloorKw }: Features,
  { from, thresholdKw }: { from: number; thresholdKw: number },
): number {
  let high = 0;
  let low = 0;
  let highDays = 0;
  let lowDays = 0;
  for (let day = from; day < days; day++) {
    const kwThatDay = dailyFloorKw[day];
    const value = series[day];
    if (kwThatDay !== kwThatDay || value !== value) continue;
    if (kwThatDay > thresholdKw) {
      high += value;
      highDays++;
    } else {
      low += value;
      lowDays++;
    }
  }
  return highDays === 0 || lowDays === 0 ? 0 : high / highDays - low / lowDays;
}
