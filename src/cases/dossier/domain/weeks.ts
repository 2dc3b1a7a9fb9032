import { dayFromIso, isoFromDay } from '../../../grid/domain/calendar.js';

export interface Week {
  /** Monday. */
  readonly from: string;
  /** Days with a reading. */
  readonly days: number;
  readonly meanKw: number | null;
  readonly p10Kw: number | null;
  readonly p90Kw: number | null;
}

interface Day {
  readonly day: string;
  readonly kwh: number | null;
  readonly p10_kwh: number | null;
  readonly p90_kwh: number | null;
}

/** A curve's days by calendar weeks, as means of the days that are known: the curve as a table. */
export function weeksOf(days: readonly Day[]): Week[] {
  const weeks = new Map<number, Day[]>();
  for (const each of days) {
    const day = dayFromIso(each.day)!;
    // 1970-01-01 was a Thursday.
    const monday = day - ((((day + 3) % 7) + 7) % 7);
    weeks.set(monday, [...(weeks.get(monday) ?? []), each]);
  }
  return [...weeks].map(([monday, of]) => ({
    from: isoFromDay(monday),
    days: of.filter(({ kwh }) => kwh !== null).length,
    meanKw: meanKw(of.map(({ kwh }) => kwh)),
    p10Kw: meanKw(of.map(({ p10_kwh }) => p10_kwh)),
    p90Kw: meanKw(of.map(({ p90_kwh }) => p90_kwh)),
  }));
}

function meanKw(kwh: readonly (number | null)[]): number | null {
  const known = kwh.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length / 24;
}
