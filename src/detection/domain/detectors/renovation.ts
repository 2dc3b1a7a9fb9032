import { isoFromDay } from '../../../grid/domain/calendar.js';
import type { Features } from '../features.js';
import { gather, mean, median, ramp, roundTo } from '../../../readings/domain/numeric.js';
import { quantileOf } from '../../../readings/domain/order-statistics.js';
import { days as daysOf, kw, type Sentence } from '../phrases.js';
import { formatDate } from '../text.js';
import type { FindingOf, PointWindow } from '../types.js';
import { finding, type Detector } from './detector.js';

export type RenovationSettings = {
  lookBackDays: number;
  /** A stretch of working days lasts this long, and has quiet days before it. */
  minDays: number;
  maxDays: number;
  quietDays: number;
  /** Working hours, and how much more than usual they draw, kW. */
  fromHour: number;
  toHour: number;
  minToolsKw: number;
};

export type RenovationObserved = {
  firstDay: string;
  lastDay: string;
  workDays: number;
  /** Mean load of the working hours beyond the night's and beyond other days', kW. */
  toolsKw: number;
  /** Days since it ended; 0 = it goes on. */
  daysSince: number;
  /** Share of its days that drew more than nine in ten of the other days. */
  clearRatio: number;
  /** By how much the floor was higher in that time, kW. */
  floorRiseKw: number;
};

/**
 * Tools by day for some weeks, once: a plateau of days that came and went, with the night as it was.
 *
 * Formula over the last 120 days: by day, mean of 9–19 less mean of 0–6, less its median over all days and 0.25 kW; the stretch of
 * days with the greatest sum is the work, if it lasts 10 to 60 days, began after a week of quiet, and averages 0.3 kW or more.
 * Source: two to seven weeks of drills, mixers and vacuum cleaners, with a heat gun for some days.
 * Worked example: 0.2 kW, and 1 kW more from 9 to 19 on days 40 to 64 of 90 → 25 days, 1 kW, ended 25 days ago.
 */
export const renovation: Detector<'renovation', RenovationSettings, RenovationObserved> = {
  name: 'renovation',
  version: 1,
  defaults: {
    lookBackDays: 120,
    minDays: 10,
    maxDays: 60,
    quietDays: 7,
    fromHour: 9,
    toHour: 19,
    minToolsKw: 0.3,
  },

  detect(input, features, settings): FindingOf<RenovationObserved> | null {
    const { recent, thermal, days, dailyFloorKw, workspace } = features;
    // Heating moves the days far more than tools do.
    if (!recent || (thermal?.explainedMeanKw ?? 0) > settings.minToolsKw) return null;
    const { dailyKw } = workspace;
    const from = Math.max(0, days - settings.lookBackDays);
    fillWork(input.window, features, from, settings);
    const usualKw = median(dailyKw, from, days);
    const stretch = busiestStretch(dailyKw, from, days, usualKw + 0.25);
    const workDays = stretch.to - stretch.from;
    if (workDays < settings.minDays || workDays > settings.maxDays) return null;
    if (stretch.from - from < settings.quietDays) return null;
    const toolsKw = mean(dailyKw, stretch.from, stretch.to) - usualKw;
    if (!(toolsKw >= settings.minToolsKw)) return null;
    const { firstDay } = input.window;
    const floorBeforeKw = median(dailyFloorKw, from, stretch.from);
    const floorRiseKw = median(dailyFloorKw, stretch.from, stretch.to) - floorBeforeKw;
    return finding(this, {
      input,
      settings,
      from,
      to: days,
      sinceDay: null,
      observed: {
        firstDay: isoFromDay(firstDay + stretch.from),
        lastDay: isoFromDay(firstDay + stretch.to - 1),
        workDays,
        toolsKw: roundTo(toolsKw, 2),
        clearRatio: roundTo(clearOf(features, from, stretch), 2),
        daysSince: days - stretch.to,
        floorRiseKw: roundTo(Math.max(0, floorRiseKw) || 0, 2),
      },
    });
  },

  /** What still goes on may be more than work; what ended long ago explains nothing of today. */
  strength: (o, { pausing }) =>
    -ramp(o.toolsKw, 0.25, 0.6) *
    ramp(o.workDays, 8, 14) *
    ramp(o.clearRatio, 0.4, 0.7) *
    (o.daysSince > 2 ? 1 : 0.5) *
    (1 - ramp(o.daysSince, 30, 75)) *
    (1 - ramp(o.floorRiseKw, 0.2, 0.6)) *
    (1 - pausing),

  say: (o): Sentence => ({
    ru: `С ${formatDate(o.firstDay, 'ru')} по ${formatDate(o.lastDay, 'ru')} (${daysOf(o.workDays).ru}) днём было на ${kw(o.toolsKw).ru} больше обычного, ночью по-прежнему: так бывает при ремонте.`,
    en: `From ${formatDate(o.firstDay, 'en')} to ${formatDate(o.lastDay, 'en')} (${daysOf(o.workDays).en}) the days drew ${kw(o.toolsKw).en} more than usual and the nights did not: as during a renovation.`,
  }),
};

/** By day, mean of the working hours less mean of the night, into the workspace's `dailyKw`. */
function fillWork(
  { hourlyKw }: PointWindow,
  { days, workspace: { dailyKw } }: Features,
  from: number,
  { fromHour, toHour }: RenovationSettings,
): void {
  for (let day = from; day < days; day++) {
    const start = day * 24;
    dailyKw[day] = mean(hourlyKw, start + fromHour, start + toHour) - mean(hourlyKw, start, start + 6);
  }
}

function clearOf(
  { days, workspace: { dailyKw, scratch } }: Features,
  from: number,
  stretch: { from: number; to: number },
): number {
  const before = gather(dailyKw, from, stretch.from, scratch);
  const count = before + gather(dailyKw, stretch.to, days, scratch.subarray(before));
  const highKw = quantileOf(scratch, count, 0.9);
  let clear = 0;
  for (let day = stretch.from; day < stretch.to; day++) if (dailyKw[day] > highKw) clear++;
  return clear / (stretch.to - stretch.from);
}

/** The run of days with the greatest sum above `thresholdKw` (Kadane); missing days add nothing. */
function busiestStretch(
  dailyKw: Float64Array,
  from: number,
  to: number,
  thresholdKw: number,
): { from: number; to: number } {
  let best = { from, to: from };
  let bestSum = 0;
  let sum = 0;
  let start = from;
  for (let day = from; day < to; day++) {
    if (sum <= 0) {
      sum = 0;
      start = day;
    }
    sum += dailyKw[day] - thresholdKw || 0;
    if (sum > bestSum) {
      bestSum = sum;
      best = { from: start, to: day + 1 };
    }
  }
  return best;
}
