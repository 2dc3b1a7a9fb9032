import { dayFromCivil } from '../../../grid/domain/calendar.js';
import { remembered } from '../remembered.js';

export type DateOrder = 'ymd' | 'dmy' | 'mdy';

/** A moment as a cell states it. */
export interface CellTime {
  /** Minutes since 1970 of the calendar it is written in. */
  readonly localMinutes: number;
  /** East of UTC, null when the cell does not say. */
  readonly offsetMinutes: number | null;
  readonly hasTime: boolean;
  /** Ends in :59 or :59:59: the last second of an interval, not its end. */
  readonly isLastSecond: boolean;
  /** Written as 24:00. */
  readonly is24: boolean;
  /** Of an hour that is a number: the midnight it is counted from. */
  readonly midnight?: number;
}

const DATE = /^(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})\.?(?:\s*г\.?)?/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?=$|[T ]|\d{4}(?:\d{2})?$)/;
const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*([ap]\.?m\.?)?/i;
const DOTTED_TIME = /^(\d{1,2})\.(\d{2})(?:\.(\d{2}))?$/;
const COMPACT_TIME = /^(\d{2})(\d{2})(\d{2})?(?![\d:])/;
/** `1-Feb-2025`, `01 февраля 2025` and `Feb 1, 2025`. */
const DAY_MONTH_WORD = /^(\d{1,2})[-\s.]+(\p{L}{3,9})\.?[-\s.,]+(\d{4}|\d{2})(?!\d)/u;
const MONTH_WORD_DAY = /^(\p{L}{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})(?!\d)/u;
const OFFSET = /^\s*(?:(Z|UTC|GMT)|(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?)(?:\s?\[[\w/+-]+\])?$/i;
/** Names of clocks that mean one thing only, minutes east of UTC. */
const NAMED_OFFSETS = new Map([
  ['MSK', 180],
  ['МСК', 180],
  ['WET', 0],
  ['WEST', 60],
  ['CET', 60],
  ['CEST', 120],
  ['MEZ', 60],
  ['MESZ', 120],
  ['EET', 120],
  ['EEST', 180],
]);
const FIRST_YEAR = 2000;
const LAST_YEAR = 2199;

/** Of each order, what was read of late: a table has few moments and many readings. */
const MOST_KNOWN = 20_000;
const timesOf = (order: DateOrder) => remembered((text: string) => readTime(text, order), MOST_KNOWN);
const readers = { ymd: timesOf('ymd'), dmy: timesOf('dmy'), mdy: timesOf('mdy') };

/** Reads a date, or a date and time, with or without an offset; null when it is neither or does not exist. */
export function timeFrom(text: string, order: DateOrder): CellTime | null {
  return readers[order](text);
}

function readTime(text: string, order: DateOrder): CellTime | null {
  const found = dateAt(text, order);
  if (found === null) return null;
  const rest = text.slice(found.length).replace(/^[T,\s]+/, '');
  if (rest === '')
    return {
      localMinutes: found.day * 1440,
      offsetMinutes: null,
      hasTime: false,
      isLastSecond: false,
      is24: false,
    };
  const time = clockFrom(rest) ?? compactClock(rest);
  if (time === null) return null;
  const offset = offsetFrom(rest.slice(time.length));
  if (offset === undefined) return null;
  return {
    localMinutes: found.day * 1440 + time.minutes,
    offsetMinutes: offset,
    hasTime: true,
    isLastSecond: time.isLastSecond,
    is24: time.minutes === 1440,
  };
}

/** Minutes of a clock time at the beginning of the text, `24:00` included. */
export function clockFrom(text: string): { minutes: number; isLastSecond: boolean; length: number } | null {
  const match = TIME.exec(text) ?? DOTTED_TIME.exec(text);
  if (match === null) return null;
  let hour = Number(match[1]);
  const minute = Number(match[2]);
  const second = Number(match[3] ?? 0);
  const half = match[4]?.[0].toLowerCase();
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half === 'p' ? 12 : 0);
  }
  if (minute > 59 || second > 59 || hour > 24 || (hour === 24 && minute + second > 0)) return null;
  const isLastSecond = second === 59;
  if (second !== 0 && !isLastSecond) return null;
  return { minutes: hour * 60 + minute + (isLastSecond ? 1 : 0), isLastSecond, length: match[0].length };
}

/** `0030`, `003000` behind a date. */
function compactClock(text: string): ReturnType<typeof clockFrom> {
  const match = COMPACT_TIME.exec(text);
  const found = match === null ? null : clockFrom(`${match[1]}:${match[2]}${match[3] ? `:${match[3]}` : ''}`);
  return found === null || match === null ? null : { ...found, length: match[0].length };
}

/** Undefined: what follows the time is none. */
function offsetFrom(text: string): number | null | undefined {
  if (text.trim() === '') return null;
  const named = NAMED_OFFSETS.get(text.trim().toUpperCase());
  if (named !== undefined) return named;
  const match = OFFSET.exec(text);
  if (match === null) return undefined;
  if (match[1] !== undefined) return 0;
  const minutes = Number(match[3]) * 60 + Number(match[4] ?? 0);
  return minutes > 14 * 60 ? undefined : minutes * (match[2] === '-' ? -1 : 1);
}

function dateAt(text: string, order: DateOrder): { day: number; length: number } | null {
  const compact = COMPACT.exec(text);
  if (compact !== null) return dayOf(compact[1], compact[2], compact[3], 8);
  const match = DATE.exec(text);
  if (match === null) return wordyDate(text);
  const [whole, first, , second, third] = match;
  if (first.length === 4) return dayOf(first, second, third, whole.length);
  const year = third.length === 2 ? `20${third}` : third;
  return order === 'mdy'
    ? dayOf(year, first, second, whole.length)
    : dayOf(year, second, first, whole.length);
}

function wordyDate(text: string): { day: number; length: number } | null {
  const dayFirst = DAY_MONTH_WORD.exec(text);
  const [whole, day, month, year] = dayFirst ?? reordered(MONTH_WORD_DAY.exec(text)) ?? [];
  if (whole === undefined || day === undefined || month === undefined || year === undefined) return null;
  const number = monthOf(month);
  return number === null
    ? null
    : dayOf(year.length === 2 ? `20${year}` : year, String(number), day, whole.length);
}

function reordered(match: RegExpExecArray | null): [string, string, string, string] | null {
  return match === null ? null : [match[0], match[2], match[1], match[3]];
}

/** By the first letters of its name, in the languages of those who send. */
function monthOf(word: string): number | null {
  const plain = word.toLowerCase();
  const at = MONTHS.findIndex((month) => month.test(plain));
  return at < 0 ? null : at + 1;
}

const MONTHS: readonly RegExp[] = [
  /^(jan|янв|ene|gen)/,
  /^(feb|fév|fev|фев)/,
  /^(mar(?!t?d)|mrz|mär|maa|mrt|мар)/,
  /^(apr|avr|abr|апр)/,
  /^(may|mai|mei|mag|мая|май)/,
  /^(jun|juin|giu|июн)/,
  /^(jul|juil|lug|июл)/,
  /^(aug|aoû|aou|ago|авг)/,
  /^(sep|set|сен)/,
  /^(oct|okt|ott|окт)/,
  /^(nov|ноя)/,
  /^(dec|dez|déc|dic|дек)/,
];

function dayOf(
  year: string,
  month: string,
  dayOfMonth: string,
  length: number,
): { day: number; length: number } | null {
  const [y, m, d] = [Number(year), Number(month), Number(dayOfMonth)];
  if (y < FIRST_YEAR || y > LAST_YEAR || m < 1 || m > 12 || d < 1 || d > 31) return null;
  const day = dayFromCivil(y, m, d);
  return new Date(day * 86_400_000).getUTCDate() === d ? { day, length } : null;
}

/**
 * The order that a column's dates are written in. A year in front or points between the parts leave no choice; slashes
 * and dashes are told by a part above 12, else null: 01/02/2025 may be either.
 */
export function dateOrderOf(cells: Iterable<string>): DateOrder | null | 'none' {
  let seen = false;
  for (const cell of cells) {
    if (COMPACT.test(cell) || wordyDate(cell) !== null) return 'ymd';
    const match = DATE.exec(cell);
    if (match === null) continue;
    seen = true;
    const [, first, separator, second] = match;
    if (first.length === 4) return 'ymd';
    if (separator === '.' || Number(first) > 12) return 'dmy';
    if (Number(second) > 12) return 'mdy';
  }
  return seen ? null : 'none';
}

export function looksLikeDate(text: string): boolean {
  const match = DATE.exec(text);
  if (match !== null)
    return (
      Number(match[3]) <= 31 && (match[1].length === 4 || match[4].length === 4 || match[4].length === 2)
    );
  if (/\p{L}/u.test(text)) {
    if (wordyDate(text) !== null) return true;
    if (!/^\d{8}T\d/.test(text)) return false;
  }
  return COMPACT.test(text) && /^(20\d\d)(0\d|1[0-2])([0-2]\d|3[01])/.test(text) && text.length <= 21;
}
