import {
  gather,
  mean,
  median,
  medianDeviation,
  quantile,
  SIGMA_PER_MAD,
  standardDeviation,
} from '../../readings/domain/numeric.js';
import {
  hoursOfDay,
  orderStatistic,
  quantileOf,
  roomFor,
  sortFirst,
} from '../../readings/domain/order-statistics.js';
import { axesFrom, type ColdAxes, type ColdBasis } from './cold-axes.js';
import { floorOnDay, FULL_DAY_HOURS } from './full-day.js';
import { measureBlock, type HourBlock } from './hour-block.js';
import { chooseAxes, fitThermal, type ThermalFit } from './thermal-fit.js';
import { measureLevels, type TwoLevels } from './two-levels.js';
import type { DetectorInput, PointWindow } from './types.js';

/** "Now" for the detectors: long enough for a fortnight's rhythm, short enough that a new rig shows in two weeks. */
export const RECENT_DAYS = 14;
const MINUTES_PER_DAY = 1440;
/** The quiet hours of a day end here: see {@link RecentLoad.quietSpreadKw}. */
const QUIET_RANK = 8;
/** So many full days make a new level. */
const NEW_LEVEL_DAYS = 6;
/** Fewer full days than this say nothing about a fortnight. */
const MIN_RECENT_DAYS = 10;

/** The numbers the detectors share. Valid until the workspace is used for the next point. */
export interface Features {
  readonly days: number;
  /** Full days in the window, and missing hours as a share of all its hours. */
  daysPresent: number;
  missingRatio: number;
  /** Days known by their sum alone, without hours. */
  dailyOnly: number;
  /** kW by day, NaN where the day is not full: third-lowest hour, and mean. First `days` entries. */
  readonly dailyFloorKw: Float64Array;
  readonly dailyMeanKw: Float64Array;
  /** The last {@link RECENT_DAYS} days; null when fewer than 10 of them are full. */
  recent: RecentLoad | null;
  /** What the load is held against; null when nothing tells of the cold. */
  axes: ColdAxes | null;
  /** How the load follows the weather, or without weather other homes; null when neither is known. */
  thermal: ThermalFit | null;
  /** A plateau over the same hours of every day; null when there is none. */
  block: HourBlock | null;
  /** The floor as one of two levels; null with too few days. */
  levels: TwoLevels | null;
  readonly workspace: Workspace;
}

export interface RecentLoad {
  /** Index of the first recent day in the window: a fortnight back, or where the newest level began. */
  readonly fromDay: number;
  readonly fullDays: number;
  readonly meanKw: number;
  readonly sdKw: number;
  /**
   * What the load hardly ever falls below: 5th percentile of hourly kW, or the lower quartile of the daily floors
   * where that is higher, so that three days of outage out of fourteen do not hide what runs on the others.
   */
  readonly floorKw: number;
  /** 95th percentile of hourly kW. */
  readonly peakKw: number;
  /** Median kW by hour of the day. */
  readonly profileKw: Float64Array;
  /** Mean of 01:00–05:00 and of 09:00–21:00. */
  readonly nightKw: number;
  readonly dayKw: number;
  /** Hours of the day nearer to the highest hours of the profile than to the lowest. */
  readonly blockHours: number;
  /**
   * Median over the recent days of (eighth-lowest − third-lowest hour), kW: how much the quiet hours of one day
   * differ. A rig leaves it as it was; a thermostat's cycling and the night's cold raise it with the heating load.
   */
  readonly quietSpreadKw: number;
  /** First day (index) since which the floor has held, and full days since. */
  readonly heldFromDay: number;
  readonly heldDays: number;
  /** Robust relative spread (1.4826 MAD ÷ median) of the daily floors since then. */
  readonly floorSpreadRatio: number;
}

/** Arrays used again and again, one per worker: scoring a point allocates no array. Grows when a window is longer. */
export class Workspace {
  capacityDays = 0;
  dailyFloorKw = new Float64Array(0);
  dailyMeanKw = new Float64Array(0);
  adjustedKw = new Float64Array(0);
  /** kW by day of whatever series a detector looks at. */
  dailyKw = new Float64Array(0);
  prefixSum = new Float64Array(0);
  prefixCount = new Float64Array(0);
  smoothKw = new Float64Array(0);
  scratch = new Float64Array(0);
  readonly profileKw = new Float64Array(24);
  readonly beforeProfileKw = new Float64Array(24);
  readonly usualKw = new Float64Array(24);
  readonly lowKw = new Float64Array(24);
  /** Hours of the day that a pass looks at; filled by each. */
  readonly isLookedAt = new Uint8Array(24);
  /** Axes by the series they are made of, which stays as it is: the points of a place share one. */
  private readonly axes = new WeakMap<Float32Array, ColdAxes>();

  constructor(days = 366) {
    this.reserve(days);
  }

  axesOf(series: Float32Array, basis: ColdBasis, days: number): ColdAxes {
    let axes = this.axes.get(series);
    if (axes?.basis !== basis || axes.days !== days) {
      axes = axesFrom(series, basis, days);
      this.axes.set(series, axes);
    }
    return axes;
  }

  reserve(days: number): void {
    if (days <= this.capacityDays) return;
    this.capacityDays = days;
    for (const name of [
      'dailyFloorKw',
      'dailyMeanKw',
      'adjustedKw',
      'dailyKw',
      'prefixSum',
      'prefixCount',
      'smoothKw',
    ] as const) {
      this[name] = new Float64Array(days + 1);
    }
    this.scratch = new Float64Array(Math.max(days * 4, RECENT_DAYS * 24));
  }
}

/** One pass over the window's hours: enough for a first sight. */
export function measureDays({ window }: DetectorInput, workspace: Workspace): Features {
  workspace.reserve(window.days);
  const features: Features = {
    days: window.days,
    daysPresent: 0,
    dailyOnly: 0,
    missingRatio: 0,
    dailyFloorKw: workspace.dailyFloorKw,
    dailyMeanKw: workspace.dailyMeanKw,
    recent: null,
    axes: null,
    thermal: null,
    block: null,
    levels: null,
    workspace,
  };
  fillDays(window, features);
  return features;
}

/** The recent fortnight, and how the load follows the weather: enough for a second sight. */
export function measureHeating(input: DetectorInput, features: Features): Features {
  features.recent = measureRecent(input.window, features);
  if (!features.recent) return features;
  features.axes = chooseAxes(input, features);
  features.thermal = fitThermal(input, features);
  return features;
}

/** Everything else. */
export function measurePatterns({ window }: DetectorInput, features: Features): Features {
  if (!features.recent) return features;
  features.block = measureBlock(window, features);
  features.levels = measureLevels(features);
  return features;
}

/** All three. */
export function measure(input: DetectorInput, workspace: Workspace): Features {
  return measurePatterns(input, measureHeating(input, measureDays(input, workspace)));
}

function fillDays(window: PointWindow, features: Features): void {
  const { dailyKwh, minutesPresent, hoursPresent, days } = window;
  let hours = 0;
  for (let day = 0; day < days; day++) {
    hours += hoursPresent[day];
    const full = hoursPresent[day] >= FULL_DAY_HOURS;
    const minutes = minutesPresent === undefined ? hoursPresent[day] * 60 : minutesPresent[day];
    const byDay = hoursPresent[day] === 0 && minutes === MINUTES_PER_DAY;
    features.dailyFloorKw[day] = floorOnDay(window, day);
    features.dailyMeanKw[day] = full || byDay ? (dailyKwh[day] * 60) / minutes : NaN;
    if (full) features.daysPresent++;
    else if (byDay) features.dailyOnly++;
  }
  features.missingRatio = days === 0 ? 1 : 1 - (hours / 24 + features.dailyOnly) / days;
}

function measureRecent({ hourlyKw, days }: PointWindow, features: Features): RecentLoad | null {
  const { profileKw } = features.workspace;
  const fortnight = Math.max(0, days - RECENT_DAYS);
  let fullDays = 0;
  for (let day = fortnight; day < days; day++) if (!Number.isNaN(features.dailyFloorKw[day])) fullDays++;
  if (fullDays < MIN_RECENT_DAYS) return null;

  const { fromDay, floorKw } = newestLevel(hourlyKw, features, fortnight);
  const from = fromDay * 24;
  const to = days * 24;
  measureProfile(hourlyKw, fromDay, days, profileKw);
  const { heldFromDay, heldDays, floorSpreadRatio } = measureHold(features, floorKw);
  return {
    fromDay,
    fullDays,
    meanKw: mean(hourlyKw, from, to),
    sdKw: standardDeviation(hourlyKw, from, to),
    floorKw,
    peakKw: quantile(hourlyKw, from, to, 0.95),
    profileKw,
    nightKw: mean(profileKw, 1, 5),
    dayKw: mean(profileKw, 9, 21),
    blockHours: hoursInBlock(profileKw),
    quietSpreadKw: quietSpread(hourlyKw, features, fromDay),
    heldFromDay,
    heldDays,
    floorSpreadRatio,
  };
}

/**
 * The floor of the fortnight, or of its last days alone when they rest clearly higher: a rig that came a week ago is to be
 * seen a week later, and not after half of a fortnight more.
 */
function newestLevel(
  hourlyKw: Float32Array,
  { days, dailyFloorKw }: Features,
  fortnight: number,
): { fromDay: number; floorKw: number } {
  const floorFrom = (fromDay: number) =>
    Math.max(quantile(hourlyKw, fromDay * 24, days * 24, 0.05), quantile(dailyFloorKw, fromDay, days, 0.25));
  const floorKw = floorFrom(fortnight);
  let lately = days;
  for (let full = 0; lately > fortnight && full < NEW_LEVEL_DAYS;) {
    if (!Number.isNaN(dailyFloorKw[--lately])) full++;
  }
  const latelyKw = floorFrom(lately);
  return latelyKw > 1.3 * floorKw + 0.3
    ? { fromDay: lately, floorKw: latelyKw }
    : { fromDay: fortnight, floorKw };
}

/** Median kW by hour of the day over days `[fromDay, toDay)`, into `profileKw`. */
export function measureProfile(
  hourlyKw: Float32Array,
  fromDay: number,
  toDay: number,
  profileKw: Float64Array,
): void {
  hoursOfDay.take(hourlyKw, fromDay, toDay);
  for (let hour = 0; hour < 24; hour++) profileKw[hour] = hoursOfDay.quantile(hour, 0.5);
}

function hoursInBlock(profileKw: Float64Array): number {
  const sorted = roomFor(24);
  const count = gather(profileKw, 0, 24, sorted);
  sortFirst(sorted, count);
  const middle = (mean(sorted, 0, 4) + mean(sorted, count - 4, count)) / 2;
  let hours = 0;
  for (let i = 0; i < count; i++) if (sorted[i] > middle) hours++;
  return hours;
}

function quietSpread(
  hourlyKw: Float32Array,
  { days, dailyFloorKw, workspace: { dailyKw } }: Features,
  fromDay: number,
): number {
  const hoursKw = roomFor(24);
  let count = 0;
  for (let day = fromDay; day < days; day++) {
    const floorKw = dailyFloorKw[day];
    if (floorKw !== floorKw) continue;
    const hours = gather(hourlyKw, day * 24, day * 24 + 24, hoursKw);
    dailyKw[count++] = orderStatistic(hoursKw, hours, QUIET_RANK - 1) - floorKw;
  }
  return quantileOf(dailyKw, count, 0.5);
}

/**
 * Walks back from the end while the daily floor stays above half of today's; up to three lower days in a row (an
 * outage, a repair) do not end it, and missing days are passed over.
 */
function measureHold(
  { dailyFloorKw, days }: Features,
  floorKw: number,
): Pick<RecentLoad, 'heldFromDay' | 'heldDays' | 'floorSpreadRatio'> {
  let heldFromDay = days;
  let heldDays = 0;
  let lowInARow = 0;
  for (let day = days - 1; day >= 0 && lowInARow <= 3; day--) {
    const kw = dailyFloorKw[day];
    if (Number.isNaN(kw)) continue;
    if (kw < floorKw / 2) lowInARow++;
    else {
      lowInARow = 0;
      heldFromDay = day;
      heldDays++;
    }
  }
  return {
    heldFromDay,
    heldDays,
    floorSpreadRatio: relativeSpread(dailyFloorKw, heldFromDay, days),
  };
}

function relativeSpread(values: Float64Array, from: number, to: number): number {
  const centre = median(values, from, to);
  if (!(centre > 0)) return 1;
  return (SIGMA_PER_MAD * medianDeviation(values, from, to, centre)) / centre;
}
