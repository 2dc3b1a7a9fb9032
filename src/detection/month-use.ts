import type { DayNumber } from '../grid/domain/calendar.js';
import { judgeMonthlyQuota } from '../rulebook/domain/monthly-quota.js';
import type { LegalSituation } from '../rulebook/domain/rule.js';
import { quantile } from '../readings/domain/numeric.js';
import type { MonthUse } from './domain/types.js';
import type { MonthSpan } from './month-spans.js';
import type { ProfileWindow } from './profile-windows.js';
import type { RegisterUse } from './register-use.js';

/**
 * From this share of the limit on, a month is judged whoever the household is. A percentile of every month of every household
 * would cost as much as a pass over all its hours, a row of it as much again every day, and hardly one household in fifty uses
 * 3,000 kWh in a month.
 */
const NEAR_SHARE = 0.5;

/** A month held against the quota that was in force then. */
export interface QuotaJudgement {
  readonly month: DayNumber;
  readonly countedPer: 'metering_point' | 'household';
  readonly ruleId: string;
  readonly limitKwh: number;
  readonly meteredKwh: number;
  readonly unitKwh: number;
  /** Energy of the load that never goes away: the month's steady floor over the hours that were read. */
  readonly flatKwh: number;
  readonly intervalsPresent: number;
  readonly intervalsExpected: number;
  readonly exceeded: boolean;
}

/** What is known of a point's months besides its window. */
interface BesidesWindow {
  /** What its household used over all its points, by month; null when the point is the whole unit. */
  readonly unitKwh: ReadonlyMap<DayNumber, number> | null;
  /** What its registers say, by month; null when it has none. */
  readonly registers: RegisterUse | null;
}

/**
 * What a metering point used in each month since its first reading, by its intervals or, where a register knows more, by
 * both; a month without readings shows no hours.
 */
export function monthUse(
  window: ProfileWindow,
  spans: readonly MonthSpan[],
  { unitKwh, registers }: BesidesWindow,
): MonthUse[] {
  const months: MonthUse[] = [];
  for (const span of spans) {
    const register = registers?.get(span.month);
    if (register && register.source !== 'intervals' && register.hoursPresent > 0) {
      const { month, kwh, allocatedKwh, hoursPresent, hoursExpected, source } = register;
      const unit = unitKwh?.get(month) ?? kwh;
      months.push({
        month,
        meteredKwh: kwh,
        unitKwh: unit,
        hoursPresent,
        hoursExpected,
        source,
        allocatedKwh,
      });
      continue;
    }
    const minutes = minutesPresent(window, span);
    if (minutes === 0 && months.length === 0) continue;
    const meteredKwh = meteredIn(window, span);
    months.push({
      month: span.month,
      meteredKwh,
      unitKwh: unitKwh?.get(span.month) ?? meteredKwh,
      hoursPresent: minutes / 60,
      hoursExpected: span.days * 24,
    });
  }
  return months;
}

interface JudgementRequest {
  readonly quotaIn: (month: DayNumber) => LegalSituation['quota'];
  /** Something is suspected, or somebody asks: every month is judged; else those near their limit. */
  readonly isAsked: boolean;
}

/**
 * Judges each month that has readings by the quota in force on its first day: a limit that begins in mid-month can't
 * judge the days before it. Missing intervals are shown beside the judgement and never filled in.
 */
export function judgeMonths(
  window: ProfileWindow,
  spans: readonly MonthSpan[],
  months: readonly MonthUse[],
  { quotaIn, isAsked }: JudgementRequest,
): QuotaJudgement[] {
  const judgements: QuotaJudgement[] = [];
  const first = spans.length - months.length;
  // Hours where registers are all there is.
  const intervalMinutes = window.intervalMinutes || 60;
  for (let index = 0; index < months.length; index++) {
    const use = months[index];
    const quota = quotaIn(use.month);
    if (quota === null || use.hoursPresent === 0) continue;
    const unitKwh = quota.countedPer === 'household' ? use.unitKwh : use.meteredKwh;
    if (!isAsked && unitKwh < NEAR_SHARE * quota.limitKwh) continue;
    judgements.push({
      month: use.month,
      countedPer: quota.countedPer,
      ruleId: quota.ruleId,
      limitKwh: quota.limitKwh,
      meteredKwh: use.meteredKwh,
      unitKwh,
      flatKwh: flatKwh(window, spans[first + index], use),
      intervalsPresent: Math.round((use.hoursPresent * 60) / intervalMinutes),
      intervalsExpected: Math.round((use.hoursExpected * 60) / intervalMinutes),
      exceeded: judgeMonthlyQuota({ ...use, unitKwh }, quota).exceeded,
    });
  }
  return judgements;
}

function flatKwh(window: ProfileWindow, span: MonthSpan, { hoursPresent }: MonthUse): number {
  return toWholeWh((steadyFloorKw(window.hourlyKw, span) || 0) * hoursPresent);
}

/** kWh of the intervals present in a month. */
export function meteredIn(window: ProfileWindow, { from, to }: MonthSpan): number {
  let kwh = 0;
  for (let day = from; day < to; day++) if (window.minutesPresent[day] > 0) kwh += window.dailyKwh[day];
  return toWholeWh(kwh);
}

function minutesPresent(window: ProfileWindow, { from, to }: MonthSpan): number {
  let minutes = 0;
  for (let day = from; day < to; day++) minutes += window.minutesPresent[day];
  return minutes;
}

/** Daily sums are Float32; stored energies are whole Wh, so that is what their sum is. */
function toWholeWh(kwh: number): number {
  return Math.round(kwh * 1000) / 1000;
}

/** 5th percentile of the month's complete hours, kW; NaN without any. */
export function steadyFloorKw(hourlyKw: Float32Array, { from, to }: Pick<MonthSpan, 'from' | 'to'>): number {
  return quantile(hourlyKw, from * 24, to * 24, 0.05);
}
