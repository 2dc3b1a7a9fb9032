import { hours, kwh, type Sentence } from '../phrases.js';
import { formatMonth } from '../text.js';
import { isoFromDay } from '../../../grid/domain/calendar.js';
import { roundTo, ramp } from '../../../readings/domain/numeric.js';
import type { LegalSituation } from '../../../rulebook/domain/rule.js';
import type { DetectorInput, FindingOf, MonthUse } from '../types.js';
import type { Detector } from './detector.js';

export type QuotaExceededSettings = {
  /** How many of the newest months are judged: the running one, and the last one until it has been dealt with. */
  months: number;
};

export type QuotaExceededObserved = {
  month: string;
  unitKwh: number;
  limitKwh: number;
  overKwh: number;
  meteredKwh: number;
  countedPer: 'metering_point' | 'household';
  hoursPresent: number;
  hoursExpected: number;
  monthsInARow: number;
};

/**
 * A month's metered energy is above the limit of the quota rule that holds here.
 *
 * Formula: over = Σ kWh of the counting unit in the local month − limit, found when over > 0. Only intervals that
 * were metered count: what is missing is shown, never filled in. Where mining is banned the ban judges, and this is
 * silent.
 * Source: decree 1469 of 1 November 2024, 6,000 kWh a month ("not exceed", so `>`).
 * Worked example: 6,812.4 kWh metered in 696 of 744 hours of March against 6,000 kWh → over by 812.4 kWh.
 */
export const quotaExceeded: Detector<'quota-exceeded', QuotaExceededSettings, QuotaExceededObserved> = {
  name: 'quota-exceeded',
  version: 1,
  defaults: { months: 2 },

  detect({ surroundings }, _features, settings): FindingOf<QuotaExceededObserved> | null {
    const quota = judgingQuota(surroundings.legal);
    if (!quota) return null;
    const { months } = surroundings;
    const newest = newestOver(months, quota.limitKwh, settings.months);
    if (newest < 0) return null;
    const first = firstOfRun(months, newest, quota.limitKwh);
    const use = months[newest];
    return {
      detector: this.name,
      version: this.version,
      window: { from: isoFromDay(months[first].month), to: isoFromDay(surroundings.asOf) },
      settings,
      observed: {
        month: isoFromDay(use.month),
        unitKwh: roundTo(use.unitKwh, 1),
        limitKwh: quota.limitKwh,
        overKwh: roundTo(measuredKwh(use) - quota.limitKwh, 1),
        meteredKwh: roundTo(use.meteredKwh, 1),
        countedPer: quota.countedPer,
        hoursPresent: use.hoursPresent,
        hoursExpected: use.hoursExpected,
        monthsInARow: newest - first + 1,
      },
      since: isoFromDay(months[first].month),
    };
  },

  /** A tenth over the limit already counts for most of it. */
  strength: ({ overKwh, limitKwh }) => 0.4 + 0.6 * ramp(overKwh / limitKwh, 0, 0.2),

  say: (o) => {
    const missing = o.hoursExpected - o.hoursPresent;
    return {
      ru:
        `За ${formatMonth(o.month, 'ru')} учтено ${kwh(o.unitKwh).ru} ${unit(o.countedPer).ru}: на ${kwh(o.overKwh).ru} больше ` +
        `квоты ${kwh(o.limitKwh).ru}${inARow(o.monthsInARow).ru}. Нет данных за ${hours(missing).ru}; они не достраиваются. ` +
        'Само по себе превышение не нарушение: причину предстоит установить.',
      en:
        `${kwh(o.unitKwh).en} were metered ${unit(o.countedPer).en} in ${formatMonth(o.month, 'en')}: ${kwh(o.overKwh).en} above the ` +
        `quota of ${kwh(o.limitKwh).en}${inARow(o.monthsInARow).en}. ${hours(missing).en} of data are missing and not filled in. ` +
        'Exceeding it is not an offence in itself: the cause is to be established.',
    };
  },
};

/** The quota that judges here: none where a ban does. */
export function judgingQuota(legal: LegalSituation): NonNullable<LegalSituation['quota']> | null {
  return legal.ban.status === 'banned' ? null : legal.quota;
}

function newestOver(months: DetectorInput['surroundings']['months'], limitKwh: number, look: number): number {
  for (let i = months.length - 1; i >= Math.max(0, months.length - look); i--) {
    if (measuredKwh(months[i]) > limitKwh) return i;
  }
  return -1;
}

/** What was laid on the month by days between two register readings proves no breach of this month. */
function measuredKwh({ unitKwh, allocatedKwh }: MonthUse): number {
  return unitKwh - (allocatedKwh ?? 0);
}

function firstOfRun(months: readonly MonthUse[], newest: number, limitKwh: number): number {
  let first = newest;
  while (first > 0 && measuredKwh(months[first - 1]) > limitKwh) first--;
  return first;
}

/** Whose use is counted. */
export function unit(countedPer: 'metering_point' | 'household'): Sentence {
  return countedPer === 'household'
    ? { ru: 'по домохозяйству', en: 'for the household' }
    : { ru: 'по точке учёта', en: 'at the metering point' };
}

function inARow(months: number): Sentence {
  if (months < 2) return { ru: '', en: '' };
  return {
    ru: `, ${months}-й месяц подряд`,
    en: `, for ${months} months in a row`,
  };
}
