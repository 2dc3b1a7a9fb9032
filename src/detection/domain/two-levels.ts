import type { Features } from './features.js';
import {
  gather,
  mean,
  medianDeviation,
  roundTo,
  SIGMA_PER_MAD,
  standardDeviation,
} from '../../readings/domain/numeric.js';

const LOOK_BACK_DAYS = 60;
const MIN_DAYS = 14;
/** Days either side that a cold spell is measured against. */
const SPELL_DAYS = 10;

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
  const sorted = workspace.dailyKw.subarray(0, count).sort();
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
  const shift = (axis: Float64Array) => shiftOf(axis, features, from, thresholdKw);
  const knowsCold = features.thermal !== null;
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
    coldShift: knowsCold ? roundTo(shift(workspace.heating), 2) : null,
    heatShift: knowsCold ? roundTo(shift(workspace.cooling), 2) : null,
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
function shiftOf(axis: Float64Array, features: Features, from: number, thresholdKw: number): number {
  const { days, workspace } = features;
  const spell = workspace.dailyKw;
  for (let day = from; day < days; day++) {
    spell[day] = axis[day] - mean(axis, Math.max(0, day - SPELL_DAYS), Math.min(days, day + SPELL_DAYS + 1));
  }
  return Math.max(
    differenceInSd(axis, features, from, thresholdKw),
    differenceInSd(spell, features, from, thresholdKw),
  );
}

function differenceInSd(axis: Float64Array, features: Features, from: number, thresholdKw: number): number {
  const { days, dailyFloorKw } = features;
  const sums = [0, 0];
  const counts = [0, 0];
  for (let day = from; day < days; day++) {
    const kwThatDay = dailyFloorKw[day];
    if (kwThatDay !== kwThatDay || axis[day] !== axis[day]) continue;
    const level = kwThatDay > thresholdKw ? 1 : 0;
    sums[level] += axis[day];
    counts[level]++;
  }
  const sd = standardDeviation(axis, from, days);
  if (counts[0] === 0 || counts[1] === 0 || !(sd > 0)) return 0;
  return (sums[1] / counts[1] - sums[0] / counts[0]) / sd;
}
