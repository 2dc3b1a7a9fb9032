import { isoFromDay } from '../../../grid/domain/calendar.js';
import type { Features } from '../features.js';
import { floorOnDay } from '../full-day.js';
import { median, ramp, rampLog, roundTo } from '../../../readings/domain/numeric.js';
import { kw, kwh, type Sentence } from '../phrases.js';
import { clearestStep, findSteps, type StepSearch } from '../steps.js';
import { formatDate } from '../text.js';
import type { FindingOf, PointWindow } from '../types.js';
import { finding, type Detector } from './detector.js';

export type LinkedPointsSettings = { -readonly [K in keyof StepSearch]: StepSearch[K] } & {
  /** Steps this close together happened at once. */
  sameDays: number;
};

export type LinkedPointsObserved = {
  /** Other metering points of the household with readings. */
  others: number;
  /** Those of them that rose when this one did, and by how much together, kW. */
  roseTogether: number;
  togetherKw: number;
  stepKw: number;
  onset: string | null;
  /** Floor of this point and of all of them together, kW. */
  floorKw: number;
  sumFloorKw: number;
  /** A month of 30 days at the household's recent use, kWh. */
  sumMonthlyKwh: number;
};

/**
 * One household's machines, spread over several meters: each is modest, together they are a farm, and they start at once.
 *
 * Formula: the point's clearest step of the floor; another point of the household rose with it when the medians of its daily
 * floors ten days before and after differ by a rig's worth within two days of it. Floors are medians of the last 14 days.
 * Source: after tariff bands came in 2025 loads were split over meters and garages.
 * Worked example: two meters, 0.2 kW each, both 3.5 kW from day 60 on → 1 rose together, 3.3 kW, floors 7 kW together.
 */
export const linkedPoints: Detector<'linked-points', LinkedPointsSettings, LinkedPointsObserved> = {
  name: 'linked-points',
  version: 1,
  defaults: {
    minStepKw: 0.7,
    minDaysEachSide: 7,
    minDaysAfter: 5,
    compareDays: 14,
    candidates: 3,
    sameDays: 2,
  },

  detect(input, features, settings): FindingOf<LinkedPointsObserved> | null {
    const others = input.surroundings.household ?? [];
    if (others.length === 0 || !features.recent) return null;
    const step = clearestStep(findSteps({ series: 'floor', direction: 'up' }, features, settings));
    const along = others.map((window) => lookAt(window, step?.day ?? null, features, settings));
    const together = along.filter(({ riseKw }) => riseKw >= settings.minStepKw);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const { floorKw, meanKw } = features.recent;
    return finding(this, {
      input,
      settings,
      from: 0,
      to: features.days,
      sinceDay: step?.day ?? null,
      observed: {
        others: others.length,
        roseTogether: together.length,
        togetherKw: roundTo(sum(together.map(({ riseKw }) => riseKw)), 2),
        stepKw: roundTo(step?.stepKw ?? 0, 2),
        onset: step ? isoFromDay(input.window.firstDay + step.day) : null,
        floorKw: roundTo(floorKw, 2),
        sumFloorKw: roundTo(floorKw + sum(along.map((each) => each.floorKw)), 2),
        sumMonthlyKwh: roundTo((meanKw + sum(along.map((each) => each.meanKw))) * 720, 0),
      },
    });
  },

  strength({ roseTogether, togetherKw, floorKw, sumFloorKw }): number {
    const atOnce = roseTogether > 0 ? rampLog(togetherKw, 0.7, 2) : 0;
    const spread = rampLog(sumFloorKw, 2, 6) * ramp(1 - floorKw / Math.max(sumFloorKw, 0.1), 0.2, 0.5);
    return Math.max(atOnce, 0.5 * spread);
  },

  say(o): Sentence {
    const start = {
      ru: `У домохозяйства есть другие точки учёта (${o.others}): вместе они не опускаются ниже ${kw(o.sumFloorKw).ru}, за 30 дней выходит ${kwh(o.sumMonthlyKwh).ru}.`,
      en: `The household has other metering points (${o.others}): together they do not fall below ${kw(o.sumFloorKw).en}, 30 days make ${kwh(o.sumMonthlyKwh).en}.`,
    };
    if (o.roseTogether === 0 || o.onset === null) return start;
    return {
      ru: `${start.ru} Одновременно с этой, ${formatDate(o.onset, 'ru')}, выросли и другие (${o.roseTogether}), на ${kw(o.togetherKw).ru}.`,
      en: `${start.en} Together with this one, on ${formatDate(o.onset, 'en')}, others rose too (${o.roseTogether}), by ${kw(o.togetherKw).en}.`,
    };
  },
};

/** Another point's recent floor and mean, and the rise of its floor at `day`, kW; 0 where nothing is known. */
function lookAt(
  window: PointWindow,
  day: number | null,
  { workspace: { dailyKw } }: Features,
  { sameDays }: LinkedPointsSettings,
): { floorKw: number; meanKw: number; riseKw: number } {
  const { days, dailyKwh, hoursPresent } = window;
  for (let d = 0; d < days; d++) dailyKw[d] = floorOnDay(window, d);
  const recent = Math.max(0, days - 14);
  let kwhSum = 0;
  let hourSum = 0;
  for (let d = recent; d < days; d++) {
    if (hoursPresent[d] === 0) continue;
    kwhSum += dailyKwh[d];
    hourSum += hoursPresent[d];
  }
  const floorKw = median(dailyKw, recent, days) || 0;
  const meanKw = hourSum > 0 ? kwhSum / hourSum : 0;
  if (day === null) return { floorKw, meanKw, riseKw: 0 };
  const before = median(dailyKw, Math.max(0, day - sameDays - 10), Math.max(0, day - sameDays));
  const after = median(dailyKw, Math.min(days, day + sameDays), Math.min(days, day + sameDays + 10));
  return { floorKw, meanKw, riseKw: Math.max(0, after - before) || 0 };
}
