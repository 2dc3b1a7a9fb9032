import { days, kw } from '../phrases.js';
import { formatHour } from '../text.js';
import { rampLog, restlessness, unrest } from './steadiness.js';
import { isoFromDay } from '../../../grid/domain/calendar.js';
import { measureProfile, type Features } from '../features.js';
import { median, medianDeviation, quantile, roundTo, SIGMA_PER_MAD, ramp } from '../numeric.js';
import { fillAdjusted } from '../thermal-fit.js';
import type { DetectorInput, FindingOf, PointWindow } from '../types.js';
import { finding, type Detector } from './detector.js';

export type StepUpSettings = {
  /** Smallest step worth naming: a small GPU rig. */
  minStepKw: number;
  /** Full days wanted before and after. */
  minDaysEachSide: number;
  /** Days either side that are compared. */
  compareDays: number;
  /** Places tried, strongest first. */
  candidates: number;
};

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
  /** Start of the hour, standard time of the territory, and the hours between which it may have happened. */
  onset: string;
  earliest: string;
  latest: string;
};

const RIG_KW = 3.25;

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
  defaults: { minStepKw: 0.7, minDaysEachSide: 7, compareDays: 14, candidates: 5 },

  detect(input, features, settings): FindingOf<StepUpObserved> | null {
    if (!features.recent) return null;
    const step = stepOf('floor', features, settings) ?? stepOf('mean', features, settings);
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
        onset: isoHour(input, hours.onset),
        earliest: isoHour(input, hours.earliest),
        latest: isoHour(input, hours.latest),
      },
    });
  },

  strength: (observed, { facts, untested }) => {
    const { series, stepKw, clarityRatio, suddenRatio, daysSince, addedScatterRatio } = observed;
    // The first cold night switches heating on as suddenly as a rig; then it comes and goes with the weather.
    const comesAndGoes = Math.min(ramp(addedScatterRatio, 0.12, 0.28), restlessness(observed));
    const mayComeAndGo = Math.min(ramp(addedScatterRatio, 0.08, 0.16), unrest(observed));
    const steady = 1 - 0.9 * Math.max(comesAndGoes, untested * mayComeAndGo);
    const clean = ramp(clarityRatio, 0.25, 0.65) * ramp(suddenRatio, 0.4, 0.8) * steady;
    const lasting = 0.3 + 0.7 * ramp(daysSince, 6, 18);
    // A daily block that came to stay may as well be a car or a storage heater.
    const certain = (series === 'floor' ? 1 : 0.28) * (facts.electricHeating ? 0.75 : 1);
    return (0.8 * rampLog(stepKw, 0.35, 1.1) + 0.2 * rampLog(stepKw, 1.1, 3)) * clean * lasting * certain;
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

interface Step {
  readonly series: 'floor' | 'mean';
  readonly day: number;
  readonly beforeKw: number;
  readonly afterKw: number;
  readonly stepKw: number;
  readonly clarityRatio: number;
  readonly addedScatterRatio: number;
  readonly suddenRatio: number;
  readonly daysAfter: number;
}

/**
 * The step of this series that best explains today's level. Rigs that came one after another leave several: the first
 * of those nearly as clear as the clearest is when it began.
 */
function stepOf(series: Step['series'], features: Features, settings: StepUpSettings): Step | null {
  adjust(series, features);
  sumUp(features);
  const steps: Step[] = [];
  const tried: number[] = [];
  for (let i = 0; i < settings.candidates; i++) {
    const day = strongestJump(features, settings, tried);
    if (day < 0) break;
    tried.push(day);
    const step = confirm(series, day, features, settings);
    if (step) steps.push(step);
  }
  if (steps.length === 0) return null;
  const weight = (step: Step) => step.stepKw * step.clarityRatio * (0.2 + 0.8 * step.suddenRatio);
  const clearest = Math.max(...steps.map(weight));
  return steps.filter((step) => weight(step) >= 0.6 * clearest).sort((a, b) => a.day - b.day)[0];
}

/** The series without its heating and cooling part, into the workspace's `adjustedKw`. */
function adjust(series: Step['series'], features: Features): void {
  const { thermal, workspace, days, dailyFloorKw, dailyMeanKw } = features;
  const dailyKw = series === 'floor' ? dailyFloorKw : dailyMeanKw;
  if (!thermal) {
    workspace.adjustedKw.set(dailyKw.subarray(0, days));
    return;
  }
  const heating = series === 'floor' ? thermal.floorHeating : thermal.meanHeating;
  fillAdjusted({ dailyKw, heating, cooling: thermal.floorCooling }, features);
}

function sumUp({ days, workspace: { adjustedKw, prefixSum, prefixCount } }: Features): void {
  prefixSum[0] = 0;
  prefixCount[0] = 0;
  for (let day = 0; day < days; day++) {
    const kw = adjustedKw[day];
    const present = kw === kw;
    prefixSum[day + 1] = prefixSum[day] + (present ? kw : 0);
    prefixCount[day + 1] = prefixCount[day] + (present ? 1 : 0);
  }
}

/**
 * Day with the biggest gain in squared error; −1 when none rises enough. Days within a comparison's reach of one
 * already tried would only find the same step again, early or late.
 */
function strongestJump(features: Features, settings: StepUpSettings, tried: readonly number[]): number {
  const { days, workspace } = features;
  const { prefixSum, prefixCount } = workspace;
  const { compareDays, minDaysEachSide, minStepKw } = settings;
  let best = -1;
  let bestGain = 0;
  for (let day = minDaysEachSide; day <= days - minDaysEachSide; day++) {
    const from = Math.max(0, day - compareDays);
    const to = Math.min(days, day + compareDays);
    const before = prefixCount[day] - prefixCount[from];
    const after = prefixCount[to] - prefixCount[day];
    if (before < minDaysEachSide || after < minDaysEachSide) continue;
    const rise = (prefixSum[to] - prefixSum[day]) / after - (prefixSum[day] - prefixSum[from]) / before;
    if (rise < minStepKw * 0.8) continue;
    const gain = ((before * after) / (before + after)) * rise * rise;
    if (gain > bestGain && !tried.some((other) => Math.abs(other - day) < compareDays)) {
      bestGain = gain;
      best = day;
    }
  }
  return best;
}

function confirm(
  series: Step['series'],
  day: number,
  { days, workspace }: Features,
  settings: StepUpSettings,
): Step | null {
  const { adjustedKw, prefixCount, scratch } = workspace;
  const from = Math.max(0, day - 2 * settings.compareDays);
  const to = Math.min(days, day + 2 * settings.compareDays);
  const beforeKw = median(adjustedKw, from, day, scratch);
  const afterKw = median(adjustedKw, day, to, scratch);
  const stepKw = afterKw - beforeKw;
  if (!(stepKw >= settings.minStepKw)) return null;
  const middleKw = beforeKw + stepKw / 2;
  const stillUp = median(adjustedKw, Math.max(day, days - 7), days, scratch) >= middleKw;
  const stayedUp = quantile(adjustedKw, day, days, 0.2, scratch) >= middleKw;
  if (!stillUp || !stayedUp) return null;
  const scatterBeforeKw = SIGMA_PER_MAD * medianDeviation(adjustedKw, from, day, beforeKw, scratch);
  const scatterAfterKw = SIGMA_PER_MAD * medianDeviation(adjustedKw, day, to, afterKw, scratch);
  const rise4Kw =
    median(adjustedKw, day, Math.min(days, day + 4), scratch) - median(adjustedKw, day - 4, day, scratch);
  return {
    series,
    day,
    beforeKw,
    afterKw,
    stepKw,
    clarityRatio: stepKw / (stepKw + 2 * (scatterBeforeKw + scatterAfterKw)),
    addedScatterRatio: Math.sqrt(Math.max(0, scatterAfterKw ** 2 - scatterBeforeKw ** 2)) / stepKw,
    suddenRatio: Number.isNaN(rise4Kw) ? 1 : Math.min(1, Math.max(0, rise4Kw / stepKw)),
    daysAfter: prefixCount[days] - prefixCount[day],
  };
}

/** The hour of the step: least absolute error of "before" up to the split and "before + step" from it on. */
function locate(
  window: PointWindow,
  step: Step,
  { workspace }: Features,
): { onset: number; earliest: number; latest: number } {
  const { beforeProfileKw, scratch } = workspace;
  // The day found is the first whose *floor* is up: the step itself is on that day or, mostly, the day before.
  measureProfile(window.hourlyKw, Math.max(0, step.day - 16), step.day - 2, beforeProfileKw, scratch);
  const from = (step.day - 3) * 24;
  const to = Math.min(window.days, step.day + 2) * 24;
  let firstBest = from;
  let lastBest = from;
  let bestCost = 0;
  let cost = 0;
  scratch[0] = 0;
  for (let hour = from; hour < to; hour++) {
    const usual = beforeProfileKw[hour % 24];
    const excess = window.hourlyKw[hour] - (usual === usual ? usual : step.beforeKw);
    // Moving the split past this hour calls it "before": costs |excess| instead of |excess − step|.
    if (excess === excess) cost += Math.abs(excess) - Math.abs(excess - step.stepKw);
    scratch[hour - from + 1] = cost;
    if (cost < bestCost) {
      bestCost = cost;
      firstBest = hour + 1;
    }
    if (cost === bestCost) lastBest = hour + 1;
  }
  // Hours without readings cost nothing either way: a step inside a gap is put in its middle.
  const onset = Math.floor((firstBest + lastBest) / 2);
  let earliest = onset;
  let latest = onset;
  for (let split = from; split <= to; split++) {
    if (scratch[split - from] > bestCost + step.stepKw) continue;
    earliest = Math.min(earliest, split);
    latest = Math.max(latest, split);
  }
  return { onset, earliest, latest };
}

function isoHour({ window }: DetectorInput, hour: number): string {
  const day = isoFromDay(window.firstDay + Math.floor(hour / 24));
  return `${day}T${String(hour % 24).padStart(2, '0')}:00`;
}
