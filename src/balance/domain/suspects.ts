import { correlationOf, gather, mean, quantile, ramp, roundedOrZero } from '../../readings/domain/numeric.js';
import { quantileOf } from '../../readings/domain/order-statistics.js';
import type { MeteredPoint, ResidualStep, Suspect, TamperEvent } from './types.js';
import type { BalanceWorkspace } from './workspace.js';

/** What the ranking looks at. */
export interface HiddenLoad {
  readonly hours: number;
  readonly hiddenKw: number;
  /** Rises of the remainder, the onset first; empty when the load was there before the window. */
  readonly rises: readonly ResidualStep[];
  /** Hours from which on the hidden load ran. */
  readonly fromHour: number;
}

/** Suspects kept: an inspector visits a few, not a street. */
const MOST_SUSPECTS = 10;

/** Days on either side of a step that a point's load is compared over, hours left out around it, and fewest days. */
const COMPARE_DAYS = 14;
const SKIP_HOURS = 6;
const LEAST_DAYS = 4;

/** Odds that nobody under the transformer is responsible (a tap of the line, a forgotten home), against all of them. */
const NOBODY_KNOWN = 0.3;

/**
 * Who under the transformer may hold the load that the balance misses, most likely first.
 *
 * Each point starts with the same chance and gains by what fits: its shape completes the remainder (a bypass leaves a part
 * of the same load on the meter), its metered load went away when the remainder rose, it rose steeply in the same hours
 * (the other phase is metered), what it still meters never pauses, its meter reported tampering. The weights are log-odds;
 * the shares are what they come to, with `NOBODY_KNOWN` left for a culprit who is not on the list.
 */
export function rankSuspects(
  points: readonly MeteredPoint[],
  hidden: HiddenLoad,
  workspace: BalanceWorkspace,
): Suspect[] {
  const drops = largestDrops(points, hidden, workspace);
  fillChanges(hidden, workspace);
  const seen = points.map((point, index) => ({
    index,
    ...observe(point, hidden, workspace),
    ...drops[index],
    ...completion(point.hourlyKw, hidden, workspace),
    tamperEvents: point.tamper?.length ?? 0,
    tamperAtStep: tamperNear(point.tamper, hidden.rises),
  }));
  const weighed = seen.map((facts) => ({ facts, odds: Math.exp(logOddsOf(facts, hidden.hiddenKw)) }));
  const total = weighed.reduce((sum, { odds }) => sum + odds, 0) + NOBODY_KNOWN * points.length;
  return weighed
    .sort((a, b) => b.odds - a.odds || a.facts.index - b.facts.index)
    .slice(0, MOST_SUSPECTS)
    .map(({ facts: { index, ...facts }, odds }) => ({
      point: index,
      // Down and not to the nearest, so that the shares never add up to more than one.
      share: Math.floor((odds / total) * 1000) / 1000,
      dropKw: roundedOrZero(facts.dropKw, 2),
      dropSigmas: roundedOrZero(facts.dropSigmas, 1),
      dropDay: facts.dropDay,
      riseKw: roundedOrZero(facts.riseKw, 2),
      completes: roundedOrZero(facts.completes, 3),
      completesSigmas: roundedOrZero(facts.completesSigmas, 1),
      floorKw: roundedOrZero(facts.floorKw, 2),
      flatnessRatio: roundedOrZero(facts.flatnessRatio, 2),
      tamperEvents: facts.tamperEvents,
      tamperAtStep: facts.tamperAtStep,
    }));
}

type Seen = Omit<Suspect, 'point' | 'share'>;

function logOddsOf(seen: Seen, hiddenKw: number): number {
  const rigLike = ramp(seen.floorKw, 0.5, 1) * ramp(seen.flatnessRatio, 0.75, 0.95);
  return (
    6 * ramp(seen.completesSigmas, 2.5, 9) +
    // A drop as large as what the remainder gained is the load itself, moved; a smaller one is a part of the home with it.
    4 * ramp(seen.dropSigmas, 2, 6) * (0.5 + 0.5 * ramp(seen.dropKw / hiddenKw, 0.2, 0.8)) +
    4 * ramp(seen.riseKw / hiddenKw, 0.2, 0.4) * ramp(seen.riseKw, 0.5, 1) +
    2 * rigLike +
    (seen.tamperAtStep > 0 ? 4 : seen.tamperEvents > 0 ? 1.5 : 0)
  );
}

function observe(
  { hourlyKw }: MeteredPoint,
  { rises, hours, fromHour }: HiddenLoad,
  { scratch }: BalanceWorkspace,
): Pick<Seen, 'riseKw' | 'floorKw' | 'flatnessRatio'> {
  let riseKw = 0;
  for (const { hour } of rises) {
    const before = quantile(hourlyKw, Math.max(0, hour - 36), hour, 0.25);
    const after = quantile(hourlyKw, hour, Math.min(hours, hour + 36), 0.25);
    if (after - before > riseKw) riseKw = after - before;
  }
  const from = Math.max(fromHour, hours - 28 * 24);
  const count = gather(hourlyKw, from, hours, scratch);
  const floorKw = count === 0 ? 0 : quantileOf(scratch, count, 0.1);
  const meanKw = mean(hourlyKw, from, hours);
  return { riseKw, floorKw, flatnessRatio: meanKw > 0 ? floorKw / meanKw : 0 };
}

type Drop = Pick<Seen, 'dropKw' | 'dropSigmas' | 'dropDay'>;

/** Each point's clearest drop at any of the rises, the median neighbour's movement taken off. */
function largestDrops(
  points: readonly MeteredPoint[],
  { rises, hours }: HiddenLoad,
  { scratch }: BalanceWorkspace,
): Drop[] {
  const best: Drop[] = points.map(() => ({ dropKw: 0, dropSigmas: 0, dropDay: null }));
  for (const { hour } of rises) {
    const sides = points.map(({ hourlyKw }) => ({
      before: daysOf(hourlyKw, hour - SKIP_HOURS, -24, hours),
      after: daysOf(hourlyKw, hour + SKIP_HOURS, 24, hours),
    }));
    let count = 0;
    for (const { before, after } of sides) {
      if (isEnough(before, after) && before.mean > 0) scratch[count++] = after.mean / before.mean;
    }
    if (count === 0) continue;
    const movement = quantileOf(scratch, count, 0.5);
    sides.forEach(({ before, after }, index) => {
      if (!isEnough(before, after)) return;
      const dropKw = before.mean * movement - after.mean;
      const error = Math.sqrt(before.variance / before.days + after.variance / after.days);
      const dropSigmas = error > 0 ? dropKw / (AUTOCORRELATION * error) : 0;
      if (best[index].dropDay === null || dropSigmas > best[index].dropSigmas) {
        best[index] = { dropKw, dropSigmas, dropDay: Math.floor(hour / 24) };
      }
    });
  }
  return best;
}

/** Days follow each other: their mean is less certain than that of as many independent ones. */
const AUTOCORRELATION = 1.5;

interface Side {
  readonly days: number;
  readonly mean: number;
  readonly variance: number;
}

function isEnough(before: Side, after: Side): boolean {
  return before.days >= LEAST_DAYS && after.days >= LEAST_DAYS;
}

/** Daily means of up to two weeks from `hour` on, forwards (`stride` 24) or backwards (−24); days with gaps are left out. */
function daysOf(kw: Float32Array, hour: number, stride: number, hours: number): Side {
  let days = 0;
  let sum = 0;
  let squares = 0;
  for (let day = 0; day < COMPARE_DAYS; day++) {
    const from = stride > 0 ? hour + day * 24 : hour - (day + 1) * 24;
    if (from < 0 || from + 24 > hours) break;
    let dayKw = 0;
    for (let at = from; at < from + 24; at++) dayKw += kw[at];
    dayKw /= 24;
    if (dayKw !== dayKw) continue;
    days++;
    sum += dayKw;
    squares += dayKw * dayKw;
  }
  const mean = sum / days;
  return { days, mean, variance: days > 1 ? Math.max(0, squares - sum * mean) / (days - 1) : 0 };
}

/** A change this many times the usual counts no more than that: a restart of a rig is told, and does not rule alone. */
const MOST_CHANGE = 8;
const LEAST_CHANGE_KW = 0.01;

/**
 * Hourly changes of the remainder from `fromHour` on, less what goes with the changes of the metered sum (what is left of
 * the loss, and a common meter error).
 */
function fillChanges({ fromHour, hours }: HiddenLoad, workspace: BalanceWorkspace): void {
  const { levelKw, meteredKw, changes, scratch } = workspace;
  let xx = 0;
  let xy = 0;
  let count = 0;
  for (let hour = fromHour; hour < hours; hour++) {
    const dy = hour > fromHour ? levelKw[hour] - levelKw[hour - 1] : NaN;
    changes[hour] = dy;
    if (dy !== dy) continue;
    const dx = meteredKw[hour] - meteredKw[hour - 1];
    xx += dx * dx;
    xy += dx * dy;
    scratch[count++] = Math.abs(dy);
  }
  const most = MOST_CHANGE * Math.max(LEAST_CHANGE_KW, quantileOf(scratch, count, 0.5) || 0);
  const slope = xx > 0 ? xy / xx : 0;
  for (let hour = fromHour + 1; hour < hours; hour++) {
    const change = changes[hour] - slope * (meteredKw[hour] - meteredKw[hour - 1]);
    changes[hour] = change > most ? most : change < -most ? -most : change;
  }
}

/** Fewer common hours than two days say nothing of two curves. */
const LEAST_HOURS = 48;

function completion(
  kw: Float32Array,
  { fromHour, hours }: HiddenLoad,
  { changes }: BalanceWorkspace,
): Pick<Seen, 'completes' | 'completesSigmas'> {
  let count = 0;
  let x = 0;
  let y = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let hour = fromHour + 1; hour < hours; hour++) {
    const dx = kw[hour] - kw[hour - 1];
    const dy = changes[hour];
    if (dx !== dx || dy !== dy) continue;
    count++;
    x += dx;
    y += dy;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  const completes = count < LEAST_HOURS ? 0 : correlationOf({ count, x, y, xx, yy, xy });
  return { completes, completesSigmas: completes * Math.sqrt(count) };
}

function tamperNear(tamper: readonly TamperEvent[] | undefined, rises: readonly ResidualStep[]): number {
  if (!tamper) return 0;
  return tamper.filter((event) => rises.some((rise) => Math.abs(event.atHour - rise.hour) <= 7 * 24)).length;
}
