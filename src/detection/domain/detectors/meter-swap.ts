import { isoFromDay } from '../../../grid/domain/calendar.js';
import type { Features } from '../features.js';
import { median, ramp, roundTo } from '../../../readings/domain/numeric.js';
import { days as daysOf, kw, type Sentence } from '../phrases.js';
import { formatDate } from '../text.js';
import type { DetectorInput, FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type MeterSwapSettings = {
  /** Days either side that are compared, and full days wanted of them. */
  compareDays: number;
  minDaysEachSide: number;
  minChangeKw: number;
  /** A longer silence is an empty house, not a visit. */
  maxGapDays: number;
};

export type MeterSwapObserved = {
  day: string;
  /** Full days without readings; 0 when an event says it. */
  gapDays: number;
  /** Whether the registry or the meter says that it was replaced, or only a gap suggests it. */
  isReported: boolean;
  beforeKw: number;
  afterKw: number;
  changeKw: number;
};

/**
 * The level changed exactly where the readings stopped for a day or more, or where a meter was replaced: it may be the new
 * meter's, its transformer ratio's, or the way it is connected.
 *
 * Formula: for each gap of 1 to 30 days, and each `meter_replaced` event, medians of the daily floors of up to 14 days before and
 * after; the greatest difference of 0.5 kW or more is named.
 * Source: a wrong ratio after a swap multiplies a household by ten; the first days after one are read by hand.
 * Worked example: 0.2 kW, no readings on days 50 and 51, then 1.4 kW → 2 days without readings, 1.2 kW more.
 */
export const meterSwap: Detector<'meter-swap', MeterSwapSettings, MeterSwapObserved> = {
  name: 'meter-swap',
  version: 1,
  defaults: { compareDays: 14, minDaysEachSide: 5, minChangeKw: 0.5, maxGapDays: 30 },

  detect(input, features, settings): FindingOf<MeterSwapObserved> | null {
    if (!features.recent) return null;
    let found: Change | null = null;
    for (const place of swaps(input, features, settings)) {
      const change = changeAt(place, features, settings);
      if (change && (!found || Math.abs(change.changeKw) > Math.abs(found.changeKw))) found = change;
    }
    if (!found || Math.abs(found.changeKw) < settings.minChangeKw) return null;
    const { from, to, isReported, beforeKw, afterKw, changeKw } = found;
    return finding(this, {
      input,
      settings,
      from: Math.max(0, from - settings.compareDays),
      to: Math.min(features.days, to + settings.compareDays),
      sinceDay: null,
      observed: {
        day: isoFromDay(input.window.firstDay + to),
        gapDays: to - from,
        isReported,
        beforeKw: roundTo(beforeKw, 2),
        afterKw: roundTo(afterKw, 2),
        changeKw: roundTo(changeKw, 2),
      },
    });
  },

  /** Gaps are common, and rigs come while the power is off: a gap alone says half of what a report does. */
  strength: ({ changeKw, isReported }) => -ramp(Math.abs(changeKw), 0.4, 1) * (isReported ? 1 : 0.5),

  say(o): Sentence {
    const where = o.isReported
      ? {
          ru: `когда заменили счётчик (${formatDate(o.day, 'ru')})`,
          en: `when the meter was replaced (${formatDate(o.day, 'en')})`,
        }
      : {
          ru: `как раз за ${daysOf(o.gapDays).ru} без показаний до ${formatDate(o.day, 'ru')}`,
          en: `just within ${daysOf(o.gapDays).en} without readings up to ${formatDate(o.day, 'en')}`,
        };
    return {
      ru: `Нижний уровень нагрузки сменился с ${kw(o.beforeKw).ru} на ${kw(o.afterKw).ru} ${where.ru}: это может быть новый счётчик или его подключение.`,
      en: `The floor of the load changed from ${kw(o.beforeKw).en} to ${kw(o.afterKw).en} ${where.en}: it may be the new meter or how it is connected.`,
    };
  },
};

interface Place {
  /** Days `[from, to)` without readings; equal for an event. */
  readonly from: number;
  readonly to: number;
  readonly isReported: boolean;
}

interface Change extends Place {
  readonly beforeKw: number;
  readonly afterKw: number;
  readonly changeKw: number;
}

function swaps(
  { surroundings: { events } }: DetectorInput,
  { days, daysPresent, dailyFloorKw }: Features,
  { maxGapDays }: MeterSwapSettings,
): Place[] {
  const places: Place[] = [];
  for (const { atHour, kind } of events ?? []) {
    const day = Math.floor(atHour / 24);
    if (kind === 'meter_replaced' && day > 0 && day < days)
      places.push({ from: day, to: day, isReported: true });
  }
  if (daysPresent === days) return places;
  let from = -1;
  for (let day = 0; day < days; day++) {
    const isMissing = dailyFloorKw[day] !== dailyFloorKw[day];
    if (isMissing && from < 0) from = day;
    if (isMissing || from < 0) continue;
    if (from > 0 && day - from <= maxGapDays) places.push({ from, to: day, isReported: false });
    from = -1;
  }
  return places;
}

function changeAt(
  place: Place,
  { days, dailyFloorKw }: Features,
  { compareDays, minDaysEachSide }: MeterSwapSettings,
): Change | null {
  const start = Math.max(0, place.from - compareDays);
  const end = Math.min(days, place.to + compareDays);
  if (place.from - start < minDaysEachSide || end - place.to < minDaysEachSide) return null;
  const beforeKw = median(dailyFloorKw, start, place.from);
  // The day of the visit is neither meter's.
  const afterKw = median(dailyFloorKw, place.isReported ? place.to + 1 : place.to, end);
  const changeKw = afterKw - beforeKw;
  return Number.isNaN(changeKw) ? null : { ...place, beforeKw, afterKw, changeKw };
}
