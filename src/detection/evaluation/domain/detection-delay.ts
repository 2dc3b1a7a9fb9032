import type { DayNumber } from '../../../grid/domain/calendar.js';
import { byClass, isMetered, type JudgedPoint } from './evaluation-report.js';
import { nearestRank, quantileInterval, wilson, type Interval } from './intervals.js';

/** What one look back saw: the points of the region, as they were scored on the readings before `asOf`. */
export interface LookBack {
  readonly asOf: DayNumber;
  /** Aligned with the points of every other look back. */
  readonly flagged: readonly boolean[];
}

export interface Delay {
  /** Miners whose beginning lies within the readings, with a fortnight of them on either side. */
  readonly miners: number;
  readonly detected: number;
  /** Of all of them: undetected ones wait for ever, and a median among those is null. */
  readonly medianDays: number | null;
  readonly medianInterval: Interval;
  readonly p90Days: number | null;
  readonly withinSevenDays: number;
}

export interface ReplayReport {
  readonly from: DayNumber;
  readonly to: DayNumber;
  readonly stepDays: number;
  readonly metered: Delay;
  readonly byClass: Readonly<Record<string, Delay>>;
  /** Innocents that were worthy of a case on any of the days. */
  readonly everFlagged: {
    readonly points: number;
    readonly flagged: number;
    readonly interval: Interval;
    readonly byClass: Readonly<Record<string, number>>;
    /** How many were, as of each day looked at: the fewer days of readings, the harder it is. */
    readonly byDay: readonly { readonly asOf: DayNumber; readonly flagged: number }[];
  };
  /** Miners worthy of a case on a day before they mined. */
  readonly flaggedBeforeOnset: number;
}

/** A beginning with fewer days of readings before or after it is not asked for. */
const LEAST_DAYS_AROUND = 14;

/**
 * Days from the beginning of mining to the first look back that finds it worthy of a case; looks in ascending order.
 * Worked example: mining from noon of day 40, looks as of 42, 44 and 46, flagged by the last two: 44 − 40.5 = 3.5 days.
 */
export function replayReport(
  points: readonly JudgedPoint[],
  looks: readonly LookBack[],
  { firstDay, stepDays }: { firstDay: DayNumber; stepDays: number },
): ReplayReport {
  const to = looks[looks.length - 1].asOf;
  const timed = points.flatMap((point, at) => {
    if (!point.isMiner || point.onset === null) return [];
    if (point.onset < firstDay + LEAST_DAYS_AROUND || point.onset > to - LEAST_DAYS_AROUND) return [];
    const beganDay = point.onsetHour === null ? point.onset + 0.5 : point.onsetHour / 24;
    const seen = looks.find(({ asOf, flagged }) => asOf > beganDay && flagged[at]);
    return [{ className: point.className, delayDays: seen ? seen.asOf - beganDay : Infinity }];
  });
  const innocents = points.flatMap((point, at) => (point.isMiner ? [] : [at]));
  const accused = innocents.filter((at) => looks.some(({ flagged }) => flagged[at]));
  return {
    from: looks[0].asOf,
    to,
    stepDays,
    metered: delayOf(timed.filter(isMetered)),
    byClass: Object.fromEntries(byClass(timed).map(([name, members]) => [name, delayOf(members)])),
    everFlagged: {
      points: innocents.length,
      flagged: accused.length,
      interval: wilson(accused.length, innocents.length),
      byClass: Object.fromEntries(
        byClass(accused.map((at) => points[at])).map(([name, members]) => [name, members.length]),
      ),
      byDay: looks.map(({ asOf, flagged }) => ({
        asOf,
        flagged: innocents.filter((at) => flagged[at]).length,
      })),
    },
    flaggedBeforeOnset: points.filter(
      ({ isMiner, onset }, at) =>
        isMiner && onset !== null && looks.some(({ asOf, flagged }) => asOf <= onset && flagged[at]),
    ).length,
  };
}

function delayOf(timed: readonly { readonly delayDays: number }[]): Delay {
  const delays = timed.map(({ delayDays }) => delayDays).sort((a, b) => a - b);
  return {
    miners: delays.length,
    detected: delays.filter(Number.isFinite).length,
    medianDays: finite(nearestRank(delays, 0.5)),
    medianInterval: quantileInterval(delays, 0.5),
    p90Days: finite(nearestRank(delays, 0.9)),
    withinSevenDays: delays.filter((days) => days <= 7).length,
  };
}

function finite(days: number | null): number | null {
  return days !== null && Number.isFinite(days) ? days : null;
}
