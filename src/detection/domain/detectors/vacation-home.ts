import { median, quantile, ramp, rampLog, roundTo } from '../../../readings/domain/numeric.js';
import { days as daysOf, kw, type Sentence } from '../phrases.js';
import { formatPercent } from '../text.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type VacationHomeSettings = {
  /** A day is empty below this share of a full one, and below so many kW. */
  emptyRatio: number;
  emptyKw: number;
  minDays: number;
};

export type VacationHomeObserved = {
  daysSeen: number;
  emptyDays: number;
  /** Longest stretch of empty days. */
  longestEmpty: number;
  /** Share of the days with somebody there that are Saturdays and Sundays: 0.29 by chance. */
  weekendRatio: number;
  /** Mean and usual floor of those days, kW. */
  livedInKw: number;
  livedInFloorKw: number;
};

/** 1 January 1970 was a Thursday: Saturdays leave 2, Sundays 3. */
const SATURDAY = 2;
const SUNDAY = 3;

/**
 * Empty for most of the time and lived in at weekends or for a holiday: a dacha. What comes and goes there is people.
 *
 * Formula over the window: empty = days whose mean is below a quarter of the 95th percentile day and below 0.12 kW; share of the
 * other days that are Saturdays and Sundays; their mean and their median floor.
 * Source: dachas are lived in at weekends from May to September; a machine does not know Saturday.
 * Worked example: 0.02 kW, and 0.5 kW more on Saturdays and Sundays → of 84 days 60 empty, weekend share 1, floor 0.52 kW.
 */
export const vacationHome: Detector<'vacation-home', VacationHomeSettings, VacationHomeObserved> = {
  name: 'vacation-home',
  version: 1,
  defaults: { emptyRatio: 0.25, emptyKw: 0.12, minDays: 42 },

  detect(input, features, settings): FindingOf<VacationHomeObserved> | null {
    const { recent, days, daysPresent, dailyMeanKw, dailyFloorKw, workspace } = features;
    if (!recent || daysPresent < settings.minDays) return null;
    const { dailyKw } = workspace;
    // Cheaply first: where a tenth of the days is not empty, nobody is away for long.
    const fullKw = quantile(dailyMeanKw, 0, days, 0.95);
    const thresholdKw = Math.min(settings.emptyKw, settings.emptyRatio * fullKw);
    if (!(quantile(dailyMeanKw, 0, days, 0.3) < thresholdKw)) return null;
    const { firstDay } = input.window;
    let emptyDays = 0;
    let longestEmpty = 0;
    let stretch = 0;
    let weekend = 0;
    let livedIn = 0;
    let livedInSum = 0;
    for (let day = 0; day < days; day++) {
      const meanKw = dailyMeanKw[day];
      if (meanKw !== meanKw) continue;
      if (meanKw < thresholdKw) {
        emptyDays++;
        longestEmpty = Math.max(longestEmpty, ++stretch);
        continue;
      }
      stretch = 0;
      livedInSum += meanKw;
      dailyKw[livedIn++] = dailyFloorKw[day];
      const weekday = (firstDay + day) % 7;
      if (weekday === SATURDAY || weekday === SUNDAY) weekend++;
    }
    if (livedIn < 4) return null;
    return finding(this, {
      input,
      settings,
      from: 0,
      to: days,
      sinceDay: null,
      observed: {
        daysSeen: livedIn + emptyDays,
        emptyDays,
        longestEmpty,
        weekendRatio: roundTo(weekend / livedIn, 2),
        livedInKw: roundTo(livedInSum / livedIn, 2),
        livedInFloorKw: roundTo(median(dailyKw, 0, livedIn), 2),
      },
    });
  },

  strength: (o) =>
    -ramp(o.emptyDays / o.daysSeen, 0.3, 0.6) *
    ramp(o.weekendRatio, 0.4, 0.7) *
    ramp(o.longestEmpty, 3, 5) *
    (1 - rampLog(o.livedInFloorKw, 0.8, 2.5)),

  say: (o): Sentence => ({
    ru: `Из ${daysOf(o.daysSeen).ru} пустовали ${o.emptyDays}, из остальных на выходные пришлось ${formatPercent(o.weekendRatio, 'ru')} (в среднем ${kw(o.livedInKw).ru}): так живёт дача.`,
    en: `Of ${daysOf(o.daysSeen).en} ${o.emptyDays} were empty, of the others ${formatPercent(o.weekendRatio, 'en')} were weekends (mean ${kw(o.livedInKw).en}): as a holiday home is lived in.`,
  }),
};
