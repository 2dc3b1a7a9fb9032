/**
 * Calendar arithmetic on day numbers: whole days since 1970-01-01, of whichever calendar the caller keeps
 * (the store keeps standard-time days of a territory). Plain integers, so that series index by subtraction.
 */
export type DayNumber = number;

const MS_PER_DAY = 86_400_000;

/** Day number of a calendar date; no check that the date exists (see {@link dayFromIso}). */
export function dayFromCivil(year: number, month: number, dayOfMonth: number): DayNumber {
  return Date.UTC(year, month - 1, dayOfMonth) / MS_PER_DAY;
}

/** Day number of `YYYY-MM-DD`, or null when the text is not a date that exists (31 February, year 20255). */
export function dayFromIso(text: string): DayNumber | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return null;
  const day = dayFromCivil(Number(match[1]), Number(match[2]), Number(match[3]));
  return isoFromDay(day) === text ? day : null;
}

/** `YYYY-MM-DD` of a day number. */
export function isoFromDay(day: DayNumber): string {
  let iso = isoDays.get(day);
  if (iso === undefined) {
    iso = new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
    if (isoDays.size < MOST_ISO_DAYS) isoDays.set(day, iso);
  }
  return iso;
}

/** Reasons date themselves again and again by the same days; a century of them is remembered. */
const isoDays = new Map<DayNumber, string>();
const MOST_ISO_DAYS = 36_525;

/** First day of the month that holds `day`. */
export function monthStart(day: DayNumber): DayNumber {
  const date = new Date(day * MS_PER_DAY);
  return dayFromCivil(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** First day of the month after the one that holds `day`. */
export function nextMonthStart(day: DayNumber): DayNumber {
  const date = new Date(day * MS_PER_DAY);
  return dayFromCivil(date.getUTCFullYear(), date.getUTCMonth() + 2, 1);
}

/** Day number in the fixed-offset calendar `offsetMinutes` east of UTC at the instant `utcMs`. */
export function dayAt(utcMs: number, offsetMinutes: number): DayNumber {
  return Math.floor((utcMs + offsetMinutes * 60_000) / MS_PER_DAY);
}
