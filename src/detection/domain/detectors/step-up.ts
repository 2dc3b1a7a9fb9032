import { isoFromDay } from '../../../grid/domain/calendar.js';
import type { Features } from '../features.js';
import { mean, ramp, rampLog, roundTo } from '../../../readings/domain/numeric.js';
import { days, kw } from '../phrases.js';
import { clearestStep, findSteps, locate, type Step, type StepSearch } from '../steps.js';
import { formatHour } from '../text.js';
import { coldPerUnit } from '../thermal-fit.js';
import type { DetectorInput, FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';
import { restlessness, unrest } from './steadiness.js';

export type StepUpSettings = { -readonly [K in keyof StepSearch]: StepSearch[K] };

export type StepUpObserved = {
  /** `floor`: the load that never pauses rose; `mean`: only the daily mean did (pauses every day). */
  series: 'floor' | 'mean';
  beforeKw: number;
  afterKw: number;
  stepKw: number;
  /** The step in S19 rigs of 3.25 kW. */
  rigUnits: number;
  /** Step ÷ (step + twice the day-to-day scatter on both sides): 1 = a clean edge. */
  clarityRatio: number;
  /** Day-to-day scatter that came with the step ÷ step: a rig adds next to none, heating a fifth and more. */
  addedScatterRatio: number;
  /**
   * Recent floor, and how much the eighth- and the third-lowest hour of a day differ: a thermostat's restlessness.
   */
  floorKw: number;
  quietSpreadKw: number;
  /** Step between the four days before and after ÷ step: near 1 = sudden, below a half = a gradual rise. */
  suddenRatio: number;
  daysSince: number;
  /** By how much colder it was after than before, °C below 18 °C, and mild days (12 °C and more) since; 0 without weather. */
  colderC: number;
  mildDaysSince: number;
  /** Start of the hour, standard time of the territory, and the hours between which it may have happened. */
  onset: string;
  earliest: string;
  latest: string;
};

const RIG_KW = 3.25;
/** 12 °C: nobody heats. */
const MILD_COLD_C = 6;

/**
 * The load rose once, by a rig's worth, and has stayed up.
 *
 * Formula: on the daily floors less heating and cooling, the day t that maximises n₁n₂/(n₁+n₂) · (mean of 14 days
 * after − before)²; then medians of up to 28 days: step = after − before ≥ 0.7 kW, and both the last week and the
 * lowest fifth of all days since stay above half of it. The hour is the split of the five days around t that fits
 * "usual day before" and "usual day before + step" with the least Σ|error|; all splits within one hour's worth of
 * misfit make the interval.
 * Source: rigs come in units of 3–3.5 kW, small GPU rigs from 0.8 kW.
 * Worked example: 0.2 kW by day 40 13:00, then 3.5 kW → step 3.3 kW = 1.02 rigs, onset day 40 13:00 exactly.
 */
export const stepUp: Detector<'step-up', StepUpSettings, StepUpObserved> = {
  name: 'step-up',
  version: 1,
  defaults: { minStepKw: 0.7, minDaysEachSide: 7, minDaysAfter: 5, compareDays: 14, candidates: 5 },

  detect(input, features, settings): FindingOf<StepUpObserved> | null {
    if (!features.recent) return null;
    const of = (series: Step['series']) =>
      clearestStep(findSteps({ series, direction: 'up' }, features, settings));
    const step = of('floor') ?? of('mean');
    if (!step) return null;
    const hours = locate(input.window, step, features);
    return finding(this, {
      input,
      settings,
      from: 0,
      to: features.days,
      sinceDay: Math.floor(hours.onset / 24),
      observed: {
        series: step.series,
        beforeKw: roundTo(step.beforeKw, 2),
        afterKw: roundTo(step.afterKw, 2),
        stepKw: roundTo(step.stepKw, 2),
        rigUnits: roundTo(step.stepKw / RIG_KW, 2),
        clarityRatio: roundTo(step.clarityRatio, 2),
        addedScatterRatio: roundTo(step.addedScatterRatio, 2),
        floorKw: roundTo(features.recent.floorKw, 2),
        quietSpreadKw: roundTo(features.recent.quietSpreadKw, 3),
        suddenRatio: roundTo(step.suddenRatio, 2),
        daysSince: step.daysAfter,
        ...weatherSince(step, features),
        onset: isoHour(input, hours.onset),
        earliest: isoHour(input, hours.earliest),
        latest: isoHour(input, hours.latest),
      },
    });
  },

  strength: (observed, { facts, untested, switched }) => {
    const {
      series,
      stepKw,
      clarityRatio,
      suddenRatio,
      daysSince,
      addedScatterRatio,
      colderC,
      mildDaysSince,
    } = observed;
    // The first cold night switches heating on as suddenly as a rig; then it comes and goes with the weather.
    const comesAndGoes = Math.min(ramp(addedScatterRatio, 0.12, 0.28), restlessness(observed));
    const mayComeAndGo = Math.min(ramp(addedScatterRatio, 0.08, 0.16), unrest(observed));
    const steady = 1 - 0.9 * Math.max(comesAndGoes, untested * mayComeAndGo, 0.8 * switched);
    const clean = ramp(clarityRatio, 0.25, 0.65) * ramp(suddenRatio, 0.4, 0.8) * steady;
    // Heating that knows one level (under the floor, a first stage) comes with the cold too; it is smaller than a rig.
    const small = 1 - (facts.electricHeating ? 0.2 : 0.7) * rampLog(stepKw, 0.9, 2.5);
    const withCold = ramp(colderC, 2, 6) * (1 - ramp(mildDaysSince, 1, 5)) * small;
    const lasting = 0.3 + 0.7 * ramp(daysSince, 6, 18);
    // A daily block that came to stay may as well be a car or a storage heater.
    const certain = (series === 'floor' ? 1 : 0.28) * (facts.electricHeating ? 0.75 : 1);
    return (
      (0.8 * rampLog(stepKw, 0.35, 1.1) + 0.2 * rampLog(stepKw, 1.1, 3)) *
      clean *
      lasting *
      certain *
      (1 - 0.75 * withCold)
    );
  },

  say: (o) => {
    const share = {
      ru:
        o.series === 'floor'
          ? 'Постоянная часть нагрузки'
          : 'Средняя за день нагрузка (с ежедневными перерывами)',
      en:
        o.series === 'floor'
          ? 'The part of the load that never pauses'
          : 'The daily mean load (with daily pauses)',
    };
    return {
      ru:
        `${share.ru} выросла на ${kw(o.stepKw).ru} (с ${kw(o.beforeKw).ru} до ${kw(o.afterKw).ru}) ${formatHour(o.onset, 'ru')} ` +
        `по поясному времени (между ${formatHour(o.earliest, 'ru')} и ${formatHour(o.latest, 'ru')}) и с тех пор не опускалась: ${days(o.daysSince).ru}.`,
      en:
        `${share.en} rose by ${kw(o.stepKw).en} (from ${kw(o.beforeKw).en} to ${kw(o.afterKw).en}) on ${formatHour(o.onset, 'en')} ` +
        `standard time (between ${formatHour(o.earliest, 'en')} and ${formatHour(o.latest, 'en')}) and has stayed up for ${days(o.daysSince).en}.`,
    };
  },
};

function weatherSince(
  { day }: Step,
  { thermal, axes, days }: Features,
): Pick<StepUpObserved, 'colderC' | 'mildDaysSince'> {
  const perUnit = coldPerUnit(thermal?.basis);
  if (perUnit === 0 || !axes) return { colderC: 0, mildDaysSince: 0 };
  const heating = axes.heating.values;
  let mildDaysSince = 0;
  for (let d = day; d < days; d++) if (perUnit * heating[d] <= MILD_COLD_C) mildDaysSince++;
  return {
    colderC: roundTo(perUnit * (mean(heating, day, days) - mean(heating, 0, day)) || 0, 1),
    mildDaysSince,
  };
}

/** An hour of the window, standard time of the territory. */
export function isoHour({ window }: DetectorInput, hour: number): string {
  const day = isoFromDay(window.firstDay + Math.floor(hour / 24));
  return `${day}T${String(hour % 24).padStart(2, '0')}:00`;
}
