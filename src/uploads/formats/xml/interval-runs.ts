import { dayFromIso } from '../../../grid/domain/calendar.js';
import { remembered } from '../remembered.js';
import { DateScanner } from '../scan-time.js';
import { QUALITY } from '../../../readings/domain/quality.js';
import type { FoundIntervals, FoundTime, Place } from '../format.js';
import type { XmlScanner } from './xml-scanner.js';

const MOST_RUN_MINUTES = 31 * 1440;

/** Readings that stand one by one in the file, each with its time, joined to blocks where one follows the other. */
export class IntervalRuns {
  private readonly runs: { at: number; interval: number; wh: number[]; quality: number[] }[] = [];
  private next = NaN;
  private length = 0;

  constructor(private readonly isLocal = false) {}

  /** `at`: minutes since 1970, in UTC or by the wall clock. */
  add(at: number, interval: number, wh: number, quality: number): void {
    let run = this.runs.at(-1);
    const follows = run !== undefined && run.interval === interval && at === this.next;
    if (!follows || run!.wh.length * interval >= MOST_RUN_MINUTES) {
      run = { at, interval, wh: [], quality: [] };
      this.runs.push(run);
    }
    run!.wh.push(wh);
    run!.quality.push(quality);
    this.next = at + interval;
    this.length++;
  }

  get count(): number {
    return this.length;
  }

  blocks(point: string, channel: FoundIntervals['channel'], place: Place): FoundIntervals[] {
    return this.runs.map(({ at, interval, wh, quality }) => ({
      kind: 'intervals',
      point,
      channel,
      start: this.isLocal ? { localMinutes: at, zone: null } : { utcMs: at * 60_000 },
      intervalMinutes: interval,
      wh: Float64Array.from(wh),
      quality: quality.some((code) => code !== QUALITY.actual) ? Uint8Array.from(quality) : null,
      place,
    }));
  }
}

/** Net readings by their sign: what is taken, and what is given; zero where it is the other. */
export function partedBySign(net: FoundIntervals): FoundIntervals[] {
  const part = (channel: FoundIntervals['channel'], sign: number): FoundIntervals => ({
    ...net,
    channel,
    wh: net.wh.map((wh) => Math.max(0, sign * wh)),
  });
  const gives = net.wh.some((wh) => wh < 0);
  return gives ? [part('import', 1), part('export', -1)] : [part('import', 1)];
}

const LETTER_Z = 0x5a;
const LETTER_T = 0x54;
const COLON = 0x3a;
const POINT = 0x2e;
const ZERO = 0x30;
const ISO = /^[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/** Files have few dates and many readings. */
const dayOf = remembered(dayFromIso, 20_000);

/** `2024-06-28T22:00Z`, with or without seconds and offset; null when it is none. */
export function isoTime(text: string): FoundTime | null {
  const match = ISO.exec(text.slice(10));
  const day = match === null ? null : dayOf(text.slice(0, 10));
  if (match === null || day === null) return null;
  const hour = Number(match[1]);
  const minute = Number(match[2]);
  const second = Number(match[3] ?? 0);
  if (hour > 24 || minute > 59 || second > 59) return null;
  const minutes = day * 1440 + hour * 60 + minute + second / 60;
  const offset = match[4];
  if (offset === undefined) return { localMinutes: minutes, zone: null };
  return { utcMs: Math.round((minutes - offsetMinutes(offset)) * 60_000) };
}

/** Reads times from the bytes of elements: nearly all are written in UTC, and need not become texts. */
export class IsoTimes {
  private readonly dates = new DateScanner();

  /** The element's text as a time; null when it is none. */
  of(xml: XmlScanner): FoundTime | null {
    const utcMs = xml.textAs(this.plainUtc) ?? NaN;
    return Number.isNaN(utcMs) ? isoTime(xml.text()) : { utcMs };
  }

  /** `2024-06-28T22:00:00Z` and `…00.000Z`; NaN: another form. */
  private readonly plainUtc = (bytes: Uint8Array, from: number, to: number): number => {
    const length = to - from;
    if ((length !== 20 && length !== 24) || bytes[to - 1] !== LETTER_Z || bytes[from + 10] !== LETTER_T)
      return NaN;
    if (bytes[from + 13] !== COLON || bytes[from + 16] !== COLON) return NaN;
    if (length === 24 && (bytes[from + 19] !== POINT || !threeZeros(bytes, from + 20))) return NaN;
    const hour = twoDigits(bytes, from + 11);
    const minute = twoDigits(bytes, from + 14);
    const second = twoDigits(bytes, from + 17);
    const day = this.dates.scan(bytes, from);
    // Not a number when a digit is none.
    if (day === null || !(hour < 24 && minute < 60 && second < 60)) return NaN;
    return ((day * 1440 + hour * 60 + minute) * 60 + second) * 1000;
  };
}

function threeZeros(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === ZERO && bytes[at + 1] === ZERO && bytes[at + 2] === ZERO;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - ZERO;
  const ones = bytes[at + 1] - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

function offsetMinutes(text: string): number {
  if (text === 'Z' || text === 'z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(3).replace(':', '') || 0);
  return text.startsWith('-') ? -minutes : minutes;
}

/** Minutes of an ISO duration of one unit (`PT15M`, `PT1H`, `P1D`); null for months and all else. */
export function isoMinutes(text: string): number | null {
  const match = /^P(?:(\d{1,3})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,5})S)?)?$/i.exec(text);
  if (match === null) return null;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const total = days * 1440 + hours * 60 + minutes + seconds / 60;
  return total > 0 ? total : null;
}
