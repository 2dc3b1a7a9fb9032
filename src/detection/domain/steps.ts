import { fillAdjusted } from './thermal-fit.js';
import { measureProfile, type Features } from './features.js';
import { median, medianDeviation, quantile, SIGMA_PER_MAD } from '../../readings/domain/numeric.js';
import type { PointWindow } from './types.js';

/** How a step is looked for. */
export interface StepSearch {
  /** Smallest step worth naming, kW. */
  readonly minStepKw: number;
  /** Full days wanted before. */
  readonly minDaysEachSide: number;
  /** Days that may follow at least; fewer than before, so that a change shows soon. */
  readonly minDaysAfter: number;
  /** Days either side that are compared. */
  readonly compareDays: number;
  /** Places tried, strongest first. */
  readonly candidates: number;
}

/** A lasting change of the level, heating and cooling taken off. Levels are as they were; `stepKw` is positive either way. */
export interface Step {
  readonly series: 'floor' | 'mean';
  readonly direction: 'up' | 'down';
  readonly day: number;
  readonly beforeKw: number;
  readonly afterKw: number;
  readonly stepKw: number;
  readonly clarityRatio: number;
  readonly addedScatterRatio: number;
  readonly suddenRatio: number;
  readonly daysAfter: number;
}

/** Everything that changed for good in this series, in order of time; each still holds at the end of the window. */
export function findSteps(
  { series, direction }: Pick<Step, 'series' | 'direction'>,
  features: Features,
  settings: StepSearch,
): Step[] {
  adjust(series, features);
  if (direction === 'down') negate(features);
  sumUp(features);
  const steps: Step[] = [];
  const tried: number[] = [];
  for (let i = 0; i < settings.candidates; i++) {
    const day = strongestJump(features, settings, tried);
    if (day < 0) break;
    tried.push(day);
    const step = confirm({ series, direction }, day, features, settings);
    if (step) steps.push(step);
  }
  return steps.sort((a, b) => a.day - b.day);
}

/**
 * Of several the one that best explains today's level. Rigs that came one after another leave several: the first of those
 * nearly as clear as the clearest is when it began.
 */
export function clearestStep(steps: readonly Step[]): Step | null {
  if (steps.length === 0) return null;
  const weight = (step: Step) => step.stepKw * step.clarityRatio * (0.2 + 0.8 * step.suddenRatio);
  const clearest = Math.max(...steps.map(weight));
  return steps.find((step) => weight(step) >= 0.6 * clearest)!;
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

/** A fall is a rise of the series upside down. */
function negate({ days, workspace: { adjustedKw } }: Features): void {
  for (let day = 0; day < days; day++) adjustedKw[day] = -adjustedKw[day];
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
function strongestJump(features: Features, settings: StepSearch, tried: readonly number[]): number {
  const { days, workspace } = features;
  const { prefixSum, prefixCount } = workspace;
  const { compareDays, minDaysEachSide, minDaysAfter, minStepKw } = settings;
  let best = -1;
  let bestGain = 0;
  for (let day = minDaysEachSide; day <= days - minDaysAfter; day++) {
    const from = Math.max(0, day - compareDays);
    const to = Math.min(days, day + compareDays);
    const before = prefixCount[day] - prefixCount[from];
    const after = prefixCount[to] - prefixCount[day];
    if (before < minDaysEachSide || after < minDaysAfter) continue;
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
  { series, direction }: Pick<Step, 'series' | 'direction'>,
  day: number,
  { days, workspace }: Features,
  settings: StepSearch,
): Step | null {
  const { adjustedKw, prefixCount } = workspace;
  const from = Math.max(0, day - 2 * settings.compareDays);
  const to = Math.min(days, day + 2 * settings.compareDays);
  const beforeKw = median(adjustedKw, from, day);
  const afterKw = median(adjustedKw, day, to);
  const stepKw = afterKw - beforeKw;
  if (!(stepKw >= settings.minStepKw)) return null;
  const middleKw = beforeKw + stepKw / 2;
  const stillUp = median(adjustedKw, Math.max(day, days - 7), days) >= middleKw;
  const stayedUp = quantile(adjustedKw, day, days, 0.2) >= middleKw;
  if (!stillUp || !stayedUp) return null;
  const scatterBeforeKw = SIGMA_PER_MAD * medianDeviation(adjustedKw, from, day, beforeKw);
  const scatterAfterKw = SIGMA_PER_MAD * medianDeviation(adjustedKw, day, to, afterKw);
  const rise4Kw = median(adjustedKw, day, Math.min(days, day + 4)) - median(adjustedKw, day - 4, day);
  const sign = direction === 'up' ? 1 : -1;
  return {
    series,
    direction,
    day,
    beforeKw: sign * beforeKw,
    afterKw: sign * afterKw,
    stepKw,
    clarityRatio: stepKw / (stepKw + 2 * (scatterBeforeKw + scatterAfterKw)),
    addedScatterRatio: Math.sqrt(Math.max(0, scatterAfterKw ** 2 - scatterBeforeKw ** 2)) / stepKw,
    suddenRatio: Number.isNaN(rise4Kw) ? 1 : Math.min(1, Math.max(0, rise4Kw / stepKw)),
    daysAfter: prefixCount[days] - prefixCount[day],
  };
}

/** The hour of the step: least absolute error of "before" up to the split and "before + step" from it on. */
export function locate(
  window: PointWindow,
  step: Step,
  { workspace }: Features,
): { onset: number; earliest: number; latest: number } {
  const { beforeProfileKw, scratch } = workspace;
  // The day found is the first whose *floor* is up: the step itself is on that day or, mostly, the day before.
  measureProfile(window.hourlyKw, Math.max(0, step.day - 16), step.day - 2, beforeProfileKw);
  const sign = step.direction === 'up' ? 1 : -1;
  const from = Math.max(0, step.day - 3) * 24;
  const to = Math.min(window.days, step.day + 2) * 24;
  let firstBest = from;
  let lastBest = from;
  let bestCost = 0;
  let cost = 0;
  scratch[0] = 0;
  for (let hour = from; hour < to; hour++) {
    const usual = beforeProfileKw[hour % 24];
    const excess = sign * (window.hourlyKw[hour] - (usual === usual ? usual : step.beforeKw));
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
