import { monthStart, type DayNumber } from '../../../grid/domain/calendar.js';
import { mean, median, quantile, standardDeviation } from '../../../readings/domain/numeric.js';
import { hoursOfDay, quantileOf, roomFor } from '../../../readings/domain/order-statistics.js';
import { floorsLessCold } from './floor-and-cold.js';
import { isolationScores } from './isolation-forest.js';
import type { PointWindow } from '../../domain/types.js';

/** What the simple methods look at, of one metering point. */
export interface BaselineFeatures {
  /** Comparable points share it: region and what the registry says of heating. */
  readonly group: string;
  readonly mostMonthKwh: number;
  /** Of the last 28 days, as are the next three. */
  readonly meanKw: number;
  /** Mean ÷ 99th percentile. */
  readonly loadFactorRatio: number;
  /** 5th percentile of hourly kW. */
  readonly floorKw: number;
  /** The same less what follows the cold. */
  readonly warmFloorKw: number;
  /** Standard deviation ÷ mean of the daily kWh of the last 28 days: a rig that came lately is steady since. */
  readonly dailySpreadRatio: number;
  /** Mean kW of June to August; where the readings have none, of their warmest third; NaN without either. */
  readonly summerKw: number;
  /** What the isolation forest is shown. */
  readonly forest: Float64Array;
}

/** A ranking by one simple method, aligned with the features. */
export interface Baseline {
  readonly name: BaselineName;
  readonly scores: ArrayLike<number>;
}

export const BASELINES = [
  'quota_only',
  'load_factor',
  'base_load',
  'base_load_less_cold',
  'irkutsk_rule',
  'isolation_forest',
] as const;
export type BaselineName = (typeof BASELINES)[number];

const LAST_DAYS = 28;

/** Null of a window without readings. */
export function baselineFeatures(
  window: PointWindow,
  temperatureC: Float32Array | null,
  group: string,
): BaselineFeatures | null {
  const { hourlyKw, dailyKwh, days } = window;
  const from = Math.max(0, days - LAST_DAYS) * 24;
  const to = days * 24;
  const wholeKw = mean(hourlyKw, 0, to);
  if (Number.isNaN(wholeKw)) return null;
  const floorKw = orZero(quantile(hourlyKw, from, to, 0.05));
  const recentKw = orZero(mean(hourlyKw, from, to));
  const peakKw = orZero(quantile(hourlyKw, from, to, 0.99));
  const dailySpreadRatio = ratio(
    standardDeviation(dailyKwh, from / 24, days),
    mean(dailyKwh, from / 24, days),
  );
  const warmFloorKw = warmFloor(window, temperatureC, floorKw);
  const mostMonthKwh = mostMonth(window);
  const profile = profileOf(window, from / 24);
  const nightKw = mean(profile, 0, 6);
  const dayKw = mean(profile, 9, 21);
  const hourlySpreadRatio = ratio(standardDeviation(hourlyKw, from, to), recentKw);
  return {
    group,
    mostMonthKwh,
    meanKw: recentKw,
    loadFactorRatio: ratio(recentKw, peakKw),
    floorKw,
    warmFloorKw,
    dailySpreadRatio,
    summerKw: summerMean(window, temperatureC),
    forest: Float64Array.from(
      [
        wholeKw,
        mostMonthKwh,
        recentKw,
        floorKw,
        ratio(floorKw, recentKw),
        ratio(recentKw, peakKw),
        peakKw,
        hourlySpreadRatio,
        dailySpreadRatio,
        ratio(nightKw, dayKw),
        ratio(medianStep(window, from), recentKw),
        ratio(standardDeviation(profile, 0, 24), recentKw),
      ],
      orZero,
    ),
  };
}

/** Every baseline's ranking of the same points; null features rank last. */
export function baselineScores(features: readonly (BaselineFeatures | null)[]): Baseline[] {
  const read = features.filter((each): each is BaselineFeatures => each !== null);
  const forest = isolationScores(read.map((each) => each.forest));
  const forestOf = new Map(read.map((each, at) => [each, forest[at]]));
  const irkutsk = irkutskRule(read);
  const by = (score: (each: BaselineFeatures) => number) =>
    features.map((each) => (each === null ? -Infinity : score(each)));
  const scores: Record<BaselineName, number[]> = {
    quota_only: by(({ mostMonthKwh }) => mostMonthKwh),
    load_factor: by(({ loadFactorRatio }) => loadFactorRatio),
    base_load: by(({ floorKw }) => floorKw),
    base_load_less_cold: by(({ warmFloorKw }) => warmFloorKw),
    irkutsk_rule: by(irkutsk),
    isolation_forest: by((each) => forestOf.get(each)!),
  };
  return BASELINES.map((name) => ({ name, scores: scores[name] }));
}

/**
 * The official indicators of Irkutsk oblast as a graded score: use ÷ the median of comparable points (half of it: the rule
 * asks for twice), × steadiness (1 ÷ (1 + 3 × the daily spread)), × summer use ÷ the median summer use of comparable
 * points, at most threefold; without a summer the other two.
 * Worked example: thrice the comparable use, spread 0.1, twice the comparable summer: 1.5 × 0.77 × 2 = 2.31.
 */
function irkutskRule(features: readonly BaselineFeatures[]): (point: BaselineFeatures) => number {
  const usual = new Map<string, { meanKw: number; summerKw: number }>();
  for (const group of new Set(features.map((each) => each.group))) {
    const members = features.filter((each) => each.group === group);
    usual.set(group, {
      meanKw: middle(members.map(({ meanKw }) => meanKw)),
      summerKw: middle(members.map(({ summerKw }) => summerKw)),
    });
  }
  return ({ group, meanKw, dailySpreadRatio, summerKw }) => {
    const comparable = usual.get(group)!;
    const use = ratio(meanKw, comparable.meanKw) / 2;
    const steady = 1 / (1 + 3 * dailySpreadRatio);
    const summer = Math.min(3, summerKw / comparable.summerKw);
    return use * steady * (Number.isFinite(summer) ? summer : 1);
  };
}

function mostMonth({ firstDay, days, dailyKwh }: PointWindow): number {
  const months = new Map<DayNumber, number>();
  for (let day = 0; day < days; day++) {
    const month = monthStart(firstDay + day);
    months.set(month, (months.get(month) ?? 0) + orZero(dailyKwh[day]));
  }
  return Math.max(...months.values());
}

/** Median over the last 28 days of the day's floor less what follows the cold. */
function warmFloor(window: PointWindow, temperatureC: Float32Array | null, floorKw: number): number {
  if (temperatureC === null) return floorKw;
  const adjusted = floorsLessCold(window, temperatureC);
  const corrected = median(adjusted, Math.max(0, window.days - LAST_DAYS), window.days);
  return Number.isNaN(corrected) ? floorKw : corrected;
}

function summerMean(window: PointWindow, temperatureC: Float32Array | null): number {
  const { firstDay, days, dailyKwh } = window;
  const calendar = dailyKwh.filter((_, day) => isSummer(firstDay + day));
  const summerKw = mean(calendar, 0, calendar.length) / 24;
  if (!Number.isNaN(summerKw) || temperatureC === null) return summerKw;
  const warm = quantile(temperatureC, 0, days, 2 / 3);
  const warmest = dailyKwh.filter((_, day) => temperatureC[day] >= warm);
  return mean(warmest, 0, warmest.length) / 24;
}

function isSummer(day: DayNumber): boolean {
  const month = new Date(day * 86_400_000).getUTCMonth();
  return month >= 5 && month <= 7;
}

function profileOf({ hourlyKw, days }: PointWindow, fromDay: number): Float64Array {
  hoursOfDay.take(hourlyKw, fromDay, days);
  return Float64Array.from({ length: 24 }, (_, hour) => orZero(hoursOfDay.quantile(hour, 0.5)));
}

function medianStep({ hourlyKw }: PointWindow, from: number): number {
  const steps = roomFor(hourlyKw.length - from);
  let count = 0;
  for (let at = from + 1; at < hourlyKw.length; at++) {
    const step = Math.abs(hourlyKw[at] - hourlyKw[at - 1]);
    if (!Number.isNaN(step)) steps[count++] = step;
  }
  return orZero(quantileOf(steps, count, 0.5));
}

function middle(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[sorted.length >> 1];
}

function ratio(value: number, by: number): number {
  return by > 0 ? value / by : 0;
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
