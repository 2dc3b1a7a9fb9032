import {
  median,
  medianDeviation,
  ramp,
  rampLog,
  roundTo,
  SIGMA_PER_MAD,
} from '../../../readings/domain/numeric.js';
import { days, kw, type Sentence } from '../phrases.js';
import { clearestStep, findSteps, locate, type Step, type StepSearch } from '../steps.js';
import { formatHour } from '../text.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';
import { isoHour } from './step-up.js';

export type LoadDropSettings = { -readonly [K in keyof StepSearch]: StepSearch[K] } & {
  /** A load that fell longer ago is history. */
  withinDays: number;
};

export type LoadDropObserved = {
  beforeKw: number;
  afterKw: number;
  dropKw: number;
  clarityRatio: number;
  suddenRatio: number;
  /** Day-to-day spread of the floor before it fell ÷ drop: a machine's is small. */
  spreadBeforeRatio: number;
  /** Full days before it fell, and days since. */
  daysBefore: number;
  daysSince: number;
  /** Start of the hour, standard time of the territory, and the hours between which it may have happened. */
  onset: string;
  earliest: string;
  latest: string;
};

/**
 * A steady load of a rig's size was there and is gone: removed before a visit, moved elsewhere, or led past the meter.
 *
 * Formula: as step-up with the daily floors upside down; the drop must have held for three full days.
 * Source: Paraguay and Irkutsk report loads that fall just before a visit; a bypass begins as a fall of the reading.
 * Worked example: 3.5 kW until day 80 20:00, then 0.2 kW → drop 3.3 kW at day 80 20:00.
 */
export const loadDrop: Detector<'load-drop', LoadDropSettings, LoadDropObserved> = {
  name: 'load-drop',
  version: 1,
  defaults: {
    minStepKw: 0.7,
    minDaysEachSide: 7,
    minDaysAfter: 3,
    compareDays: 14,
    candidates: 3,
    withinDays: 60,
  },

  detect(input, features, settings): FindingOf<LoadDropObserved> | null {
    if (!features.recent) return null;
    const step = clearestStep(findSteps({ series: 'floor', direction: 'down' }, features, settings));
    if (!step || step.daysAfter > settings.withinDays) return null;
    const hours = locate(input.window, step, features);
    return finding(this, {
      input,
      settings,
      from: 0,
      to: features.days,
      sinceDay: Math.floor(hours.onset / 24),
      observed: {
        beforeKw: roundTo(step.beforeKw, 2),
        afterKw: roundTo(step.afterKw, 2),
        dropKw: roundTo(step.stepKw, 2),
        clarityRatio: roundTo(step.clarityRatio, 2),
        suddenRatio: roundTo(step.suddenRatio, 2),
        ...before(step, features.dailyFloorKw),
        daysSince: step.daysAfter,
        onset: isoHour(input, hours.onset),
        earliest: isoHour(input, hours.earliest),
        latest: isoHour(input, hours.latest),
      },
    });
  },

  strength(o, { facts, untested, winter }): number {
    const clean = ramp(o.clarityRatio, 0.35, 0.7) * ramp(o.suddenRatio, 0.4, 0.8);
    const machine = (1 - ramp(o.spreadBeforeRatio, 0.08, 0.25)) * ramp(o.daysBefore, 7, 21);
    // Heating that is switched off in spring falls as suddenly.
    const mayHeat = Math.max(facts.electricHeating ? 0.6 : 0, 0.6 * untested, 0.4 * winter);
    return rampLog(o.dropKw, 0.7, 2.5) * clean * machine * (1 - mayHeat) * (1 - ramp(o.daysSince, 30, 60));
  },

  say: (o): Sentence => ({
    ru:
      `Ровная нагрузка в ${kw(o.dropKw).ru} держалась ${days(o.daysBefore).ru} и пропала ${formatHour(o.onset, 'ru')} по поясному времени ` +
      `(между ${formatHour(o.earliest, 'ru')} и ${formatHour(o.latest, 'ru')}): отключена, перенесена или идёт мимо счётчика.`,
    en:
      `A steady load of ${kw(o.dropKw).en} held for ${days(o.daysBefore).en} and went on ${formatHour(o.onset, 'en')} standard time ` +
      `(between ${formatHour(o.earliest, 'en')} and ${formatHour(o.latest, 'en')}): switched off, moved, or led past the meter.`,
  }),
};

function before(
  { day, stepKw, beforeKw }: Step,
  dailyFloorKw: Float64Array,
): Pick<LoadDropObserved, 'spreadBeforeRatio' | 'daysBefore'> {
  let held = 0;
  let from = day - 1;
  for (let lowInARow = 0; from >= 0 && lowInARow <= 3; from--) {
    const kwThatDay = dailyFloorKw[from];
    if (kwThatDay !== kwThatDay) continue;
    if (kwThatDay < beforeKw - stepKw / 2) lowInARow++;
    else {
      lowInARow = 0;
      held++;
    }
  }
  const centre = median(dailyFloorKw, from + 1, day);
  const spread = SIGMA_PER_MAD * medianDeviation(dailyFloorKw, from + 1, day, centre);
  return { spreadBeforeRatio: roundTo(spread / stepKw || 0, 3), daysBefore: held };
}
