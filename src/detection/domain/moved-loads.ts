import type { DayNumber } from '../../grid/domain/calendar.js';
import { dayFromIso } from '../../grid/domain/calendar.js';
import { isFindingOf } from './detectors/index.js';
import type { Finding } from './types.js';

/** One point's part in a move: the load that left it, or that came to it. */
export interface MovedLoad {
  readonly direction: 'left' | 'came';
  readonly otherPoint: string;
  readonly otherTariff: string | null;
  readonly movedKw: number;
  readonly otherKw: number;
  readonly day: DayNumber;
  readonly otherDay: DayNumber;
}

interface Candidate {
  readonly meteringPoint: string;
  readonly tariffCategory: string | null;
  readonly findings: readonly Finding[];
}

/** A day before the other at most (hours are rounded), or so many days after it. */
const MOST_DAYS_BETWEEN = 4;
/** The loads are alike within a fifth of the larger. */
const MOST_DIFFERENCE = 0.2;

/**
 * Under one transformer a steady load went at one point, and one of the same size came at another within days: machines that
 * moved, to a garage or to another tariff. Each load takes part in one move at most, the most alike first. Answers by index.
 *
 * Worked example: 6.6 kW leave P1 on day 40, 6.5 kW come to P2 on day 41 → both are told, with each other's numbers.
 */
export function movedLoads(points: readonly Candidate[]): Map<number, MovedLoad> {
  const left = points.flatMap(({ findings }, index) => {
    const drop = findings.find((found) => isFindingOf(found, 'load-drop'));
    return drop && drop.observed.clarityRatio > 0.4
      ? [{ index, kw: drop.observed.dropKw, day: dayFromIso(drop.observed.onset.slice(0, 10))! }]
      : [];
  });
  if (left.length === 0) return new Map();
  const came = points.flatMap(({ findings }, index) => {
    const step = findings.find((found) => isFindingOf(found, 'step-up'));
    return step && step.observed.clarityRatio > 0.4
      ? [{ index, kw: step.observed.stepKw, day: dayFromIso(step.observed.onset.slice(0, 10))! }]
      : [];
  });
  const pairs = left
    .flatMap((from) =>
      came.map((to) => ({ from, to, difference: Math.abs(from.kw - to.kw) / Math.max(from.kw, to.kw) })),
    )
    .filter(
      ({ from, to, difference }) =>
        from.index !== to.index &&
        difference <= MOST_DIFFERENCE &&
        to.day >= from.day - 1 &&
        to.day <= from.day + MOST_DAYS_BETWEEN,
    )
    .sort((a, b) => a.difference - b.difference);
  const moves = new Map<number, MovedLoad>();
  for (const { from, to } of pairs) {
    if (moves.has(from.index) || moves.has(to.index)) continue;
    const [origin, target] = [points[from.index], points[to.index]];
    moves.set(from.index, {
      direction: 'left',
      otherPoint: target.meteringPoint,
      otherTariff: target.tariffCategory,
      movedKw: from.kw,
      otherKw: to.kw,
      day: from.day,
      otherDay: to.day,
    });
    moves.set(to.index, {
      direction: 'came',
      otherPoint: origin.meteringPoint,
      otherTariff: origin.tariffCategory,
      movedKw: to.kw,
      otherKw: from.kw,
      day: to.day,
      otherDay: from.day,
    });
  }
  return moves;
}
