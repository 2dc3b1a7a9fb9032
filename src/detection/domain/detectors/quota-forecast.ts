import { kwh } from '../phrases.js';
import { formatDate } from '../text.js';
import { isoFromDay, monthStart, nextMonthStart, type DayNumber } from '../../../grid/domain/calendar.js';
import type { Features } from '../features.js';
import { gather, roundTo } from '../../../readings/domain/numeric.js';
import { quantileOf } from '../../../readings/domain/order-statistics.js';
import type { FindingOf } from '../types.js';
import type { Detector } from './detector.js';
import { judgingQuota, unit } from './quota-exceeded.js';

export type QuotaForecastSettings = {
  /** Days of the running month that must be known before it is foretold. */
  minDaysOfMonth: number;
  /** Days whose use is carried forward. */
  lookBackDays: number;
  /** Length of the running mean that gives the interval: weeks differ less than days, and hold a weekend each. */
  meanDays: number;
};

export type QuotaForecastObserved = {
  month: string;
  unitKwh: number;
  limitKwh: number;
  /** Of the counting unit, kWh a day: usual, slow and fast weeks (10th and 90th percentile). */
  dailyKwh: number;
  slowDailyKwh: number;
  fastDailyKwh: number;
  crossing: string;
  earliest: string;
  /** Null when a slow month would stay below the limit. */
  latest: string | null;
  countedPer: 'metering_point' | 'household';
};

/**
 * The running month is on its way over the quota: the day it crosses, with an interval.
 *
 * Formula: crossing = as-of + ⌈(limit − used) ÷ daily use⌉ − 1 (a date), daily use = median of the 7-day means of the
 * last 28 days; the interval takes their 90th and 10th percentiles instead. A household's other points are assumed to
 * go on in proportion. Silent once the month is over the limit, when the crossing falls after the month, and under a
 * ban.
 * Worked example: 4,000 kWh used by 17 March, 200 kWh a day: 2,000 ÷ 200 = 10 more days, crossed on 26 March.
 */
export const quotaForecast: Detector<'quota-forecast', QuotaForecastSettings, QuotaForecastObserved> = {
  name: 'quota-forecast',
  version: 1,
  defaults: { minDaysOfMonth: 5, lookBackDays: 28, meanDays: 7 },

  detect({ surroundings }, features, settings): FindingOf<QuotaForecastObserved> | null {
    const quota = judgingQuota(surroundings.legal);
    const use = surroundings.months.at(-1);
    const { asOf } = surroundings;
    if (!quota || !use || use.month !== monthStart(asOf) || asOf - use.month < settings.minDaysOfMonth)
      return null;
    const leftKwh = quota.limitKwh - use.unitKwh;
    const perUnit = use.meteredKwh > 0 ? use.unitKwh / use.meteredKwh : 1;
    const rates = weeklyRates(features, settings);
    if (leftKwh < 0 || !rates) return null;

    const end = nextMonthStart(use.month);
    const crossing = crossingDay(asOf, leftKwh, rates.usual * perUnit);
    if (crossing >= end) return null;
    const latest = crossingDay(asOf, leftKwh, rates.slow * perUnit);
    return {
      detector: this.name,
      version: this.version,
      window: { from: isoFromDay(asOf - settings.lookBackDays), to: isoFromDay(asOf) },
      settings,
      observed: {
        month: isoFromDay(use.month),
        unitKwh: roundTo(use.unitKwh, 1),
        limitKwh: quota.limitKwh,
        dailyKwh: roundTo(rates.usual * perUnit, 1),
        slowDailyKwh: roundTo(rates.slow * perUnit, 1),
        fastDailyKwh: roundTo(rates.fast * perUnit, 1),
        crossing: isoFromDay(crossing),
        earliest: isoFromDay(crossingDay(asOf, leftKwh, rates.fast * perUnit)),
        latest: latest < end ? isoFromDay(latest) : null,
        countedPer: quota.countedPer,
      },
      since: isoFromDay(use.month),
    };
  },

  strength: ({ latest }) => (latest === null ? 0.5 : 1),

  say: (o) => ({
    ru:
      `С начала месяца учтено ${kwh(o.unitKwh).ru} ${unit(o.countedPer).ru}; при ${kwh(o.dailyKwh).ru} в день квота ${kwh(o.limitKwh).ru} ` +
      `будет пройдена ${formatDate(o.crossing, 'ru')} (не раньше ${formatDate(o.earliest, 'ru')}, ` +
      `${o.latest ? `не позже ${formatDate(o.latest, 'ru')}` : 'а может и не быть пройдена'}).`,
    en:
      `${kwh(o.unitKwh).en} metered ${unit(o.countedPer).en} so far this month; at ${kwh(o.dailyKwh).en} a day the quota of ${kwh(o.limitKwh).en} ` +
      `will be passed on ${formatDate(o.crossing, 'en')} (not before ${formatDate(o.earliest, 'en')}, ` +
      `${o.latest ? `not after ${formatDate(o.latest, 'en')}` : 'and perhaps not at all'}).`,
  }),
};

/** Day within which the limit is passed: `asOf` is the first day not yet counted. */
function crossingDay(asOf: DayNumber, leftKwh: number, dailyKwh: number): DayNumber {
  return dailyKwh > 0 ? asOf + Math.max(1, Math.ceil(leftKwh / dailyKwh - 1e-6)) - 1 : Infinity;
}

/** kWh a day of a usual, a slow and a fast week among the last ones; null when too few weeks are known. */
function weeklyRates(
  { days, dailyMeanKw, workspace }: Features,
  { lookBackDays, meanDays }: QuotaForecastSettings,
): { usual: number; slow: number; fast: number } | null {
  const from = Math.max(0, days - lookBackDays);
  const means = workspace.prefixSum;
  let weeks = 0;
  for (let day = from; day + meanDays <= days; day++) {
    const present = gather(dailyMeanKw, day, day + meanDays, workspace.scratch);
    if (present < meanDays - 2) continue;
    let sum = 0;
    for (let i = 0; i < present; i++) sum += workspace.scratch[i];
    means[weeks++] = (sum / present) * 24;
  }
  if (weeks < meanDays) return null;
  return {
    usual: quantileOf(means, weeks, 0.5),
    slow: quantileOf(means, weeks, 0.1),
    fast: quantileOf(means, weeks, 0.9),
  };
}
