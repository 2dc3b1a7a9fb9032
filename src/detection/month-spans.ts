import { monthStart, nextMonthStart, type DayNumber } from '../grid/domain/calendar.js';

/** A calendar month's place in a window: day indices `[from, to)`, cut at the window's end. */
export interface MonthSpan {
  readonly month: DayNumber;
  readonly from: number;
  readonly to: number;
  /** Of the whole calendar month. */
  readonly days: number;
}

/**
 * The months of the window `[firstDay, endDay)`, oldest first; the last may be unfinished. One that begins before the window
 * is left out, unless nothing is stored before it (`isWholeHistory`): then its missing days are missing and not cut off.
 */
export function monthSpans(firstDay: DayNumber, endDay: DayNumber, isWholeHistory = false): MonthSpan[] {
  const spans: MonthSpan[] = [];
  let month = monthStart(firstDay);
  if (month < firstDay && !isWholeHistory) month = nextMonthStart(firstDay);
  while (month < endDay) {
    const next = nextMonthStart(month);
    const from = Math.max(month, firstDay) - firstDay;
    const to = Math.min(next, endDay) - firstDay;
    spans.push({ month, from, to, days: next - month });
    month = next;
  }
  return spans;
}

/** First of the months that are judged; where there is none, the first day that is looked at. */
export function firstMonth({
  spans,
  firstDay,
}: {
  spans: readonly MonthSpan[];
  firstDay: DayNumber;
}): DayNumber {
  return spans[0]?.month ?? firstDay;
}
