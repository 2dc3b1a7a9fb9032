import type { Features } from './features.js';
import { FULL_DAY_HOURS } from './full-day.js';
import {
  gather,
  mean,
  median,
  medianDeviation,
  roundTo,
  SIGMA_PER_MAD,
} from '../../readings/domain/numeric.js';
import { hoursOfDay, quantileOf, roomFor, sortFirst } from '../../readings/domain/order-statistics.js';
import { followedPart } from './thermal-fit.js';
import type { PointWindow } from './types.js';

/** Days looked at. */
const LOOK_BACK_DAYS = 21;

/** A plateau over the same hours of every day. */
export type HourBlock = {
  /** First day looked at, counted from the window's first. */
  fromDay: number;
  /** First hour of the day it is on and first it is off again, local standard time; the longest run of two. */
  onHour: number;
  offHour: number;
  hoursOn: number;
  /** Runs of hours a day: 1, or 2 when it also rests at noon or between two peaks. */
  runs: number;
  /** Usual kW while on less usual kW while off. */
  blockKw: number;
  /** Differences among the hours that are on ÷ block: a machine's plateau is level. */
  unevenRatio: number;
  /** How much of the block comes and goes within an hour or two: a timer's edge. */
  edgeRatio: number;
  /** Share of the days on which the plateau never gave way. */
  keptRatio: number;
  /** Day-to-day spread of the plateau ÷ block. */
  levelSpreadRatio: number;
  /** Share of the hours from midnight to six that are on. */
  nightRatio: number;
  /** Share of the hours it rests that lie in the grid's peaks, 7–11 and 17–21. */
  restsInPeaksRatio: number;
  /** kW of the plateau that follow the cold, and how well days agree; 0 when nothing tells of the cold. */
  coldKw: number;
  coldAgreement: number;
  /** Spread of the block's daily length in hours, and how well pairs of days agree that it grows with the cold. */
  lengthSpreadHours: number;
  lengthAgreement: number;
  daysSeen: number;
  /** Hour since which the plateau has come every day, counted from the window's first; days without readings are passed over. */
  heldFromHour: number;
};

const PEAK_HOURS = new Set([7, 8, 9, 10, 17, 18, 19, 20]);

/**
 * Formula over the days looked at: by hour of the day the median and the lower third (30th percentile); on = hours whose
 * lower third is above the middle between the four lowest medians and the four highest lower thirds; block = median over the
 * hours on − median over the hours off. Null without such a difference of 0.3 kW, or on for fewer than 4 or all hours.
 */
export function measureBlock(window: PointWindow, features: Features): HourBlock | null {
  const from = Math.max(0, features.days - LOOK_BACK_DAYS);
  const { hourlyKw } = window;
  const { days, workspace } = features;
  const { usualKw, lowKw, scratch } = workspace;
  hoursOfDay.take(hourlyKw, from, days);
  for (let hour = 0; hour < 24; hour++) {
    if (hoursOfDay.daysWith(hour) < 5) return null;
    usualKw[hour] = hoursOfDay.quantile(hour, 0.5);
    lowKw[hour] = hoursOfDay.quantile(hour, 0.3);
  }
  const restKw = meanOfExtremes(usualKw, 0);
  const topKw = meanOfExtremes(lowKw, 20);
  const middleKw = (restKw + topKw) / 2;
  const isOn = (hour: number) => lowKw[(hour + 48) % 24] > middleKw;
  let hoursOn = 0;
  for (let hour = 0; hour < 24; hour++) if (isOn(hour)) hoursOn++;
  if (hoursOn < 4 || hoursOn > 23 || topKw - restKw < 0.3) return null;

  let runs = 0;
  let jumps = 0;
  let longest = { on: 0, length: 0 };
  let nightOn = 0;
  let peakOff = 0;
  for (let hour = 0; hour < 24; hour++) {
    if (hour < 6 && isOn(hour)) nightOn++;
    if (!isOn(hour) && PEAK_HOURS.has(hour)) peakOff++;
    if (isOn(hour) === isOn(hour - 1)) continue;
    const [high, low] = isOn(hour) ? [1, -1] : [-1, 1];
    // A start within the hour spreads over two: the hours just around the edge are passed over when that shows more.
    jumps += usualAt(usualKw, hour + (high === 1 ? 1 : -2)) - usualAt(usualKw, hour + (low === 1 ? 1 : -2));
    if (high !== 1) continue;
    runs++;
    let length = 1;
    while (isOn(hour + length)) length++;
    if (length > longest.length) longest = { on: hour, length };
  }
  const on = medianWhere(usualKw, scratch, isOn);
  const off = medianWhere(usualKw, scratch, (hour) => !isOn(hour));
  const blockKw = on - off;
  if (!(blockKw > 0)) return null;
  const level = dailyLevel(window, features, { from, isOn, middleKw });
  const cold = followedPart(workspace.dailyKw, features);
  const lengthSpreadHours = dailyLength(window, features, { from, isOn, restKw: off, blockKw });
  const length = followedPart(workspace.dailyKw, features);
  return {
    fromDay: from,
    onHour: longest.on,
    offHour: (longest.on + longest.length) % 24,
    hoursOn,
    runs,
    blockKw: roundTo(blockKw, 2),
    unevenRatio: roundTo(spreadWithin(usualKw, scratch, isOn) / blockKw, 2),
    edgeRatio: roundTo(Math.min(1, Math.max(0, jumps / (2 * runs * blockKw))), 2),
    keptRatio: roundTo(level.kept / level.seen, 2),
    levelSpreadRatio: roundTo(level.spreadKw / blockKw, 3),
    nightRatio: roundTo(nightOn / 6, 2),
    restsInPeaksRatio: roundTo(peakOff / (24 - hoursOn), 2),
    coldKw: roundTo(cold?.explainedKw ?? 0, 2),
    coldAgreement: roundTo(cold?.agreement || 0, 2),
    lengthSpreadHours: roundTo(lengthSpreadHours, 2),
    lengthAgreement: roundTo(length?.agreement || 0, 2),
    daysSeen: level.seen,
    heldFromHour: firstHour(hourlyKw, level.heldFromDay, isOn, middleKw),
  };
}

/** Back from the first whole day, by at most a day, while every hour that should be on is. */
function firstHour(
  hourlyKw: Float32Array,
  heldFromDay: number,
  isOn: (hour: number) => boolean,
  middleKw: number,
): number {
  let first = heldFromDay * 24;
  while (first < hourlyKw.length && !isOn(first % 24)) first++;
  const earliest = Math.max(0, heldFromDay * 24 - 24);
  for (let hour = first - 1; hour >= earliest; hour--) {
    if (!isOn(hour % 24)) continue;
    if (!(hourlyKw[hour] > middleKw)) break;
    first = hour;
  }
  return first;
}

/** Mean of four of the 24 values in order of size, from `first` on. */
function meanOfExtremes(values: Float64Array, first: number): number {
  const sorted = roomFor(24);
  for (let hour = 0; hour < 24; hour++) sorted[hour] = values[hour];
  sortFirst(sorted, 24);
  return mean(sorted, first, first + 4);
}

function usualAt(usualKw: Float64Array, hour: number): number {
  return usualKw[(hour + 48) % 24];
}

function medianWhere(
  values: Float64Array,
  scratch: Float64Array,
  isWanted: (hour: number) => boolean,
): number {
  let count = 0;
  for (let hour = 0; hour < 24; hour++) if (isWanted(hour)) scratch[count++] = values[hour];
  return quantileOf(scratch, count, 0.5);
}

/** 90th less 10th percentile of the hours on, but for those at an edge, which may be on for a part. */
function spreadWithin(values: Float64Array, scratch: Float64Array, isOn: (hour: number) => boolean): number {
  let count = 0;
  for (let hour = 0; hour < 24; hour++) {
    if (isOn(hour) && isOn(hour - 1) && isOn(hour + 1)) scratch[count++] = values[hour];
  }
  if (count < 2) return 0;
  return quantileOf(scratch, count, 0.9) - quantileOf(scratch, count, 0.1);
}

/**
 * By day of the days looked at, how many hours the block lasted, those half full counting half, three hours beyond its edges
 * included: into the workspace's `dailyKw`. Night storage stops when it is full, later the colder it is; a timer is the same
 * every night. Answers the spread, hours.
 */
function dailyLength(
  { hourlyKw }: PointWindow,
  { days, workspace: { dailyKw, isLookedAt } }: Features,
  block: { from: number; isOn: (hour: number) => boolean; restKw: number; blockKw: number },
): number {
  isLookedAt.fill(0);
  for (let hour = 0; hour < 24; hour++)
    if (block.isOn(hour)) for (let off = 21; off <= 27; off++) isLookedAt[(hour + off) % 24] = 1;
  for (let day = 0; day < days; day++) {
    dailyKw[day] = NaN;
    if (day < block.from) continue;
    let length = 0;
    let present = 0;
    for (let hour = 0; hour < 24; hour++) {
      const value = hourlyKw[day * 24 + hour];
      if (value !== value) continue;
      present++;
      if (isLookedAt[hour] === 1) length += Math.min(1, Math.max(0, (value - block.restKw) / block.blockKw));
    }
    if (present === 24) dailyKw[day] = length;
  }
  const centre = median(dailyKw, block.from, days);
  return SIGMA_PER_MAD * medianDeviation(dailyKw, block.from, days, centre) || 0;
}

/**
 * By day of the whole window, the second-lowest of the hours on: into the workspace's `dailyKw`. How many of the days
 * looked at kept above the middle, and how much those that did differ.
 */
function dailyLevel(
  { hourlyKw }: PointWindow,
  { days, workspace: { dailyKw, isLookedAt, scratch } }: Features,
  block: { from: number; isOn: (hour: number) => boolean; middleKw: number },
): { seen: number; kept: number; spreadKw: number; heldFromDay: number } {
  for (let hour = 0; hour < 24; hour++)
    isLookedAt[hour] = block.isOn(hour) && block.isOn(hour - 1) && block.isOn(hour + 1) ? 1 : 0;
  let seen = 0;
  let kept = 0;
  for (let day = 0; day < days; day++) {
    let lowest = Infinity;
    let second = Infinity;
    let count = 0;
    let present = 0;
    for (let hour = 0; hour < 24; hour++) {
      const value = hourlyKw[day * 24 + hour];
      if (value !== value) continue;
      present++;
      if (isLookedAt[hour] === 0) continue;
      count++;
      if (value < lowest) {
        second = lowest;
        lowest = value;
      } else if (value < second) second = value;
    }
    dailyKw[day] = present >= FULL_DAY_HOURS && count >= 2 ? (count > 3 ? second : lowest) : NaN;
    if (day < block.from || dailyKw[day] !== dailyKw[day]) continue;
    seen++;
    if (dailyKw[day] > block.middleKw) kept++;
  }
  let heldFromDay = days;
  for (let day = days - 1, missed = 0; day >= 0 && missed <= 2; day--) {
    if (dailyKw[day] !== dailyKw[day]) continue;
    if (dailyKw[day] > block.middleKw) {
      heldFromDay = day;
      missed = 0;
    } else missed++;
  }
  const held = gather(dailyKw, block.from, days, scratch);
  let count = 0;
  for (let i = 0; i < held; i++) if (scratch[i] > block.middleKw) scratch[count++] = scratch[i];
  const centre = quantileOf(scratch, count, 0.5);
  for (let i = 0; i < count; i++) scratch[i] = Math.abs(scratch[i] - centre);
  return {
    seen,
    kept,
    heldFromDay,
    spreadKw: SIGMA_PER_MAD * quantileOf(scratch, count, 0.5) || 0,
  };
}
