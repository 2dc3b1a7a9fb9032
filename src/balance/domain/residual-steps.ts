import { quantile } from '../../readings/domain/numeric.js';
import type { BalanceSettings, ResidualStep } from './types.js';
import type { BalanceWorkspace } from './workspace.js';

/** Steps named at most: rigs come one after another, but a series with more turns than this is no series of steps. */
const MOST_STEPS = 6;

/** A step must be so many times the scatter of the days on either side. */
const LEAST_SIGMAS = 3;

/** Days either side of a step that its levels come from. */
const COMPARE_DAYS = 10;

/**
 * The lasting changes of the remainder, oldest first: days are split where it gains most (least squares, again within
 * each part), as long as the levels on both sides differ by a rig's worth and by thrice their scatter; then the hour.
 */
export function findSteps(
  days: number,
  settings: BalanceSettings,
  workspace: BalanceWorkspace,
): ResidualStep[] {
  const splits = [0, days];
  for (let tries = 0; tries < MOST_STEPS; tries++) {
    const next = bestSplit(splits, settings, workspace);
    if (next === null) break;
    splits.push(next);
    splits.sort((a, b) => a - b);
  }
  const steps: ResidualStep[] = [];
  for (let i = 1; i < splits.length - 1; i++) {
    const step = locate(splits[i - 1], splits[i], splits[i + 1], workspace);
    if (Math.abs(step.stepKw) >= settings.minStepKw) steps.push(step);
  }
  return steps;
}

function bestSplit(
  splits: readonly number[],
  settings: BalanceSettings,
  workspace: BalanceWorkspace,
): number | null {
  let best: { day: number; gain: number } | null = null;
  for (let i = 1; i < splits.length; i++) {
    const found = splitOf(splits[i - 1], splits[i], settings, workspace);
    if (found && (!best || found.gain > best.gain)) best = found;
  }
  return best && best.day;
}

/** The day of `[from, to)` that parts it best, when both sides last and differ enough. */
function splitOf(
  from: number,
  to: number,
  { minDays, minStepKw }: BalanceSettings,
  workspace: BalanceWorkspace,
): { day: number; gain: number } | null {
  const { dailyLevelKw } = workspace;
  let total = 0;
  let count = 0;
  for (let day = from; day < to; day++) {
    if (dailyLevelKw[day] !== dailyLevelKw[day]) continue;
    total += dailyLevelKw[day];
    count++;
  }
  let left = 0;
  let leftCount = 0;
  let best = -1;
  let bestGain = 0;
  for (let day = from; day < to - minDays; day++) {
    if (dailyLevelKw[day] === dailyLevelKw[day]) {
      left += dailyLevelKw[day];
      leftCount++;
    }
    const rightCount = count - leftCount;
    if (leftCount < minDays || rightCount < minDays) continue;
    const rise = (total - left) / rightCount - left / leftCount;
    const gain = ((leftCount * rightCount) / count) * rise * rise;
    if (gain > bestGain) {
      bestGain = gain;
      best = day + 1;
    }
  }
  if (best < 0) return null;
  const before = levelOf(Math.max(from, best - COMPARE_DAYS), best, workspace);
  const after = levelOf(best, Math.min(to, best + COMPARE_DAYS), workspace);
  const rise = Math.abs(after.median - before.median);
  if (!(rise >= minStepKw && rise >= LEAST_SIGMAS * Math.max(before.scatter, after.scatter))) return null;
  return { day: best, gain: bestGain };
}

function levelOf(
  from: number,
  to: number,
  { dailyLevelKw }: BalanceWorkspace,
): { median: number; scatter: number } {
  const low = quantile(dailyLevelKw, from, to, 0.25);
  const high = quantile(dailyLevelKw, from, to, 0.75);
  // Half the distance of the quartiles is the median absolute deviation of a symmetric sample.
  return { median: quantile(dailyLevelKw, from, to, 0.5), scatter: 0.7413 * (high - low) };
}

/**
 * The hour around the split day that fits "level before" and "level after" with the least Σ|error|; all hours within one
 * hour's worth of misfit make the interval.
 */
function locate(from: number, day: number, to: number, workspace: BalanceWorkspace): ResidualStep {
  const { levelKw } = workspace;
  const before = quantile(levelKw, Math.max(from, day - COMPARE_DAYS) * 24, (day - 1) * 24, 0.5);
  const after = quantile(levelKw, (day + 1) * 24, Math.min(to, day + COMPARE_DAYS) * 24, 0.5);
  const start = Math.max(from, day - 2) * 24;
  const end = Math.min(to, day + 2) * 24;
  let misfit = 0;
  let least = 0;
  let hour = start;
  for (let at = start; at < end; at++) {
    const kw = levelKw[at];
    if (kw === kw) misfit += Math.abs(kw - before) - Math.abs(kw - after);
    if (misfit < least) {
      least = misfit;
      hour = at + 1;
    }
  }
  const allowance = Math.abs(after - before);
  let earliestHour = hour;
  let latestHour = hour;
  misfit = 0;
  for (let at = start; at < end; at++) {
    const kw = levelKw[at];
    if (kw === kw) misfit += Math.abs(kw - before) - Math.abs(kw - after);
    if (misfit > least + allowance) continue;
    earliestHour = Math.min(earliestHour, at + 1);
    latestHour = Math.max(latestHour, at + 1);
  }
  return { hour, earliestHour, latestHour, stepKw: after - before };
}
