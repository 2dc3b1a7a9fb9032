import { dayFromCivil } from '../../grid/domain/calendar.js';

/** A timestamp as it stands in the file. */
export interface ScannedTime {
  /** Minutes since 1970-01-01T00:00 of the calendar it is written in. */
  localMinutes: number;
  /** Minutes east of UTC when the text says so, else {@link NO_OFFSET}. */
  offsetMinutes: number;
}

export const NO_OFFSET = 10_000;

/** Readings before this are not believed: no interval meter's archive is older. */
const FIRST_YEAR = 2000;
const LAST_YEAR = 2199;

const ZERO = 0x30;
const DASH = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const SPACE = 0x20;

/**
 * Reads `YYYY-MM-DD` or `DD.MM.YYYY`, then `T` or a space, `HH:MM[:SS[.fff]]` and optionally `Z`, `±HH`, `±HHMM`
 * or `±HH:MM` from `bytes[start, end)` into `time`. False when it is anything else, the date does not exist, or the
 * seconds are not zero. Dates are remembered: a file has few of them and many readings.
 */
export class TimeScanner {
  readonly time: ScannedTime = { localMinutes: 0, offsetMinutes: NO_OFFSET };
  /** Whether `24:00`, the end of a day, is a time. */
  takes24 = false;
  private readonly date = new DateScanner();

  scan(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < 16) return false;
    const day = this.date.scan(bytes, start);
    if (day === null) return false;
    const separator = bytes[start + 10];
    if (separator !== 0x54 && separator !== SPACE && separator !== 0x74) return false;
    if (bytes[start + 13] !== COLON) return false;
    const hour = twoDigits(bytes, start + 11);
    const minute = twoDigits(bytes, start + 14);
    const isEndOfDay = this.takes24 && hour === 24 && minute === 0;
    if ((hour > 23 && !isEndOfDay) || minute > 59) return false;
    this.time.localMinutes = day * 1440 + hour * 60 + minute;
    let at = start + 16;
    if (at < end && bytes[at] === COLON) {
      if (at + 3 > end || twoDigits(bytes, at + 1) !== 0) return false;
      at += 3;
      if (at < end && bytes[at] === DOT) {
        for (at++; at < end && bytes[at] === ZERO;) at++;
      }
    }
    return this.scanOffset(bytes, at, end);
  }

  private scanOffset(bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    this.time.offsetMinutes = NO_OFFSET;
    if (length === 0) return true;
    const sign = bytes[start];
    if (length === 1 && (sign === 0x5a || sign === 0x7a)) {
      this.time.offsetMinutes = 0;
      return true;
    }
    if (sign !== 0x2b && sign !== DASH) return false;
    let minutes = 0;
    if (length === 6 && bytes[start + 3] === COLON) minutes = twoDigits(bytes, start + 4);
    else if (length === 5) minutes = twoDigits(bytes, start + 3);
    else if (length !== 3) return false;
    const hours = twoDigits(bytes, start + 1);
    if (hours > 14 || minutes > 59) return false;
    this.time.offsetMinutes = (hours * 60 + minutes) * (sign === DASH ? -1 : 1);
    return true;
  }
}

/** Reads ten bytes of `YYYY-MM-DD` or `DD.MM.YYYY` into a day number; remembers the last one. */
export class DateScanner {
  private readonly last = new Uint8Array(10);
  private lastDay: number | null = null;

  scan(bytes: Uint8Array, start: number): number | null {
    let at = 0;
    while (at < 10 && bytes[start + at] === this.last[at]) at++;
    if (at === 10) return this.lastDay;
    const day = readDate(bytes, start);
    this.last.set(bytes.subarray(start, start + 10));
    this.lastDay = day;
    return day;
  }
}

function readDate(bytes: Uint8Array, start: number): number | null {
  let year: number;
  let month: number;
  let dayOfMonth: number;
  if (bytes[start + 4] === DASH && bytes[start + 7] === DASH) {
    year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
    month = twoDigits(bytes, start + 5);
    dayOfMonth = twoDigits(bytes, start + 8);
  } else if (bytes[start + 2] === DOT && bytes[start + 5] === DOT) {
    dayOfMonth = twoDigits(bytes, start);
    month = twoDigits(bytes, start + 3);
    year = twoDigits(bytes, start + 6) * 100 + twoDigits(bytes, start + 8);
  } else {
    return null;
  }
  // Two digits that are not digits come out above 99, and fail here.
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR && month >= 1 && month <= 12 && dayOfMonth >= 1)) return null;
  const day = dayFromCivil(year, month, dayOfMonth);
  const exists = dayOfMonth <= 28 || new Date(day * 86_400_000).getUTCDate() === dayOfMonth;
  return exists ? day : null;
}

/** Value of two ASCII digits, or a number above 100,000 when either is not a digit. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - ZERO;
  const ones = bytes[at + 1] - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 1_000_000;
}
