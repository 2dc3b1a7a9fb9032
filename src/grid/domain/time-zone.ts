/**
 * Civil time at the edges of the system. Inside, instants are UTC and days are standard-time days; a file, a page or a
 * rule speaks local time, and this is where the two meet.
 */
import type { DayNumber } from './calendar.js';

/** A place's clock: an IANA zone with its rules, or a fixed offset. Made by {@link parseZone} only. */
export interface Zone {
  /** IANA name, or `+08:00` for a fixed offset. */
  readonly name: string;
  /**
   * Minutes east of UTC of the place's stored days: the lower of its January and July offsets in {@link RULES_YEAR}.
   * The lower one, so that it is winter time on both hemispheres (and in Ireland, whose summer time is the legal standard).
   */
  readonly standardOffsetMinutes: number;
  /** The clock never changes: no lookup in the zone's rules is needed. */
  readonly isFixed: boolean;
}

/** What offset a local wall-clock time had; offsets in minutes east of UTC. */
export type LocalOffset =
  | { readonly kind: 'one'; readonly offset: number }
  /** The clock was put back over this time: it came first with the larger (summer) offset, then with the smaller. */
  | { readonly kind: 'ambiguous'; readonly summerOffset: number; readonly winterOffset: number }
  /** The clock was put forward over this time: it never came. */
  | { readonly kind: 'none' };

/** A change of the clock at the instant `utcMs`: `before` holds up to it, `after` from it on (minutes east of UTC). */
export interface Transition {
  readonly utcMs: number;
  readonly beforeMinutes: number;
  readonly afterMinutes: number;
}

const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;

/** The year whose rules count as current: a constant and not the clock's year, so that stored days never move. */
const RULES_YEAR = 2026;

/** Zones reach from -12:00 to +14:00 (+15:00 in old Alaska): a local day begins and ends within these hours of UTC's. */
const WIDEST_OFFSET_MS = 15 * MS_PER_HOUR;

/** Moscow time has been a fixed +03:00 since 26 October 2014; `МСК+5` is how Russian papers name a zone. */
const MOSCOW_OFFSET_MINUTES = 180;

const FIXED_OFFSET = /^(UTC|GMT|MSK|МСК)?\s*(?:([+\-\u2212])(\d{1,2})(?::?([0-5]\d))?)?$/i;

/**
 * The zone that a text names: an IANA zone (`Asia/Irkutsk`), an offset (`+08:00`, `+0800`, `UTC+8`, `Z`) or hours from
 * Moscow (`МСК+5`, `MSK+5`). Null when it names none, or an offset beyond ±14 hours.
 */
export function parseZone(text: string): Zone | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (trimmed.toUpperCase() === 'Z') return fixedZone(0);
  const fixed = FIXED_OFFSET.exec(trimmed);
  return fixed ? fixedZoneFrom(fixed) : ianaZone(trimmed);
}

/** A clock that stands `offsetMinutes` east of UTC all year. */
export function fixedZone(offsetMinutes: number): Zone {
  return { name: offsetText(offsetMinutes), standardOffsetMinutes: offsetMinutes, isFixed: true };
}

/** Minutes east of UTC at an instant. */
export function offsetMinutesAt(zone: Zone, utcMs: number): number {
  return zone.isFixed ? zone.standardOffsetMinutes : offsetFromRules(zone.name, utcMs);
}

/**
 * What offset the wall-clock time `localMs` had (milliseconds since 1970-01-01T00:00 of the local calendar). The rules
 * are asked once per local day and zone; further calls for that day are a map lookup and return shared objects.
 */
export function offsetMinutesAtLocal(zone: Zone, localMs: number): LocalOffset {
  const clock = clockOf(zone);
  const day = Math.floor(localMs / MS_PER_DAY);
  let local = clock.days.get(day);
  if (local === undefined) {
    if (clock.days.size >= MOST_DAYS_KEPT) clock.days.clear();
    local = localDay(zone, day);
    clock.days.set(day, local);
  }
  if (local.change === null) return local.offset;

  const { utcMs, beforeMinutes, afterMinutes } = local.change;
  const holdsBefore = localMs - beforeMinutes * MS_PER_MINUTE < utcMs;
  const holdsAfter = localMs - afterMinutes * MS_PER_MINUTE >= utcMs;
  if (holdsBefore && holdsAfter) return local.both;
  if (holdsBefore) return local.before;
  return holdsAfter ? local.after : NONE;
}

/**
 * Every change of the clock in the half-open range of standard-time days `[fromDay, toDay)`, oldest first.
 * Two changes within one day of 24 hours would be missed; no zone has had them since 1970 but for a day in wartime history.
 */
export function transitionsBetween(zone: Zone, fromDay: DayNumber, toDay: DayNumber): Transition[] {
  const found: Transition[] = [];
  if (zone.isFixed) return found;
  const midnightUtcMs = (day: DayNumber) => day * MS_PER_DAY - zone.standardOffsetMinutes * MS_PER_MINUTE;
  let beforeMinutes = offsetMinutesAt(zone, midnightUtcMs(fromDay) - 1);
  for (let day = fromDay; day < toDay; day++) {
    const afterMinutes = offsetMinutesAt(zone, midnightUtcMs(day + 1) - 1);
    if (afterMinutes !== beforeMinutes) {
      found.push(changeBetween(zone, midnightUtcMs(day) - 1, midnightUtcMs(day + 1) - 1));
    }
    beforeMinutes = afterMinutes;
  }
  return found;
}

type LocalDay =
  | { readonly change: null; readonly offset: LocalOffset }
  | {
      readonly change: Transition;
      readonly before: LocalOffset;
      readonly after: LocalOffset;
      readonly both: LocalOffset;
    };

/** What is remembered of one zone: each local day that was asked for. */
interface Clock {
  readonly days: Map<DayNumber, LocalDay>;
}

/** 55 years of days; a file of absurd dates can't grow the memory further. */
const MOST_DAYS_KEPT = 20_000;

/** There are some 600 names, but their letter case is the sender's. */
const MOST_NAMES_KEPT = 2000;

const NONE: LocalOffset = { kind: 'none' };

const clocks = new Map<string, Clock>();

/** ICU's formatter takes about 130 µs and 75 kB to make and 1 µs to use (node 20), so one is kept per zone. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: Zone): Clock {
  let clock = clocks.get(zone.name);
  if (clock === undefined) {
    clock = { days: new Map() };
    clocks.set(zone.name, clock);
  }
  return clock;
}

function localDay(zone: Zone, day: DayNumber): LocalDay {
  const fromUtcMs = day * MS_PER_DAY - WIDEST_OFFSET_MS;
  const toUtcMs = (day + 1) * MS_PER_DAY + WIDEST_OFFSET_MS;
  const beforeMinutes = offsetMinutesAt(zone, fromUtcMs);
  const afterMinutes = offsetMinutesAt(zone, toUtcMs);
  if (beforeMinutes === afterMinutes) return { change: null, offset: one(beforeMinutes) };
  return {
    change: changeBetween(zone, fromUtcMs, toUtcMs),
    before: one(beforeMinutes),
    after: one(afterMinutes),
    both: {
      kind: 'ambiguous',
      summerOffset: Math.max(beforeMinutes, afterMinutes),
      winterOffset: Math.min(beforeMinutes, afterMinutes),
    },
  };
}

function one(offset: number): LocalOffset {
  return { kind: 'one', offset };
}

/** The change that lies in `(fromUtcMs, toUtcMs]`, whose two ends have different offsets; found by halving, to the second. */
function changeBetween(zone: Zone, fromUtcMs: number, toUtcMs: number): Transition {
  const beforeMinutes = offsetMinutesAt(zone, fromUtcMs);
  let low = Math.floor(fromUtcMs / 1000);
  let high = Math.ceil(toUtcMs / 1000);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMinutesAt(zone, middle * 1000) === beforeMinutes) low = middle;
    else high = middle;
  }
  return { utcMs: high * 1000, beforeMinutes, afterMinutes: offsetMinutesAt(zone, high * 1000) };
}

/** Reads the offset that ICU prints for an instant: `1/1/2026, GMT+08:00`, or plain `GMT` for zero. */
function offsetFromRules(name: string, utcMs: number): number {
  let formatter = formatters.get(name);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    formatters.set(name, formatter);
  }
  const text = formatter.format(utcMs);
  const match = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text);
  if (!match?.[1]) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

function fixedZoneFrom(match: RegExpExecArray): Zone | null {
  const [, base, sign, hours, minutes] = match;
  const fromBase = sign === undefined ? 0 : Number(hours) * 60 + Number(minutes ?? 0);
  const baseMinutes = /^(MSK|МСК)$/i.test(base ?? '') ? MOSCOW_OFFSET_MINUTES : 0;
  const offset = baseMinutes + (sign === '+' || sign === undefined ? fromBase : -fromBase);
  return Math.abs(offset) <= 14 * 60 ? fixedZone(offset) : null;
}

/** What each name of a zone means; a formatter is not made again for each of a country's territories. */
const ianaZones = new Map<string, Zone>();

/** A zone of its own for each who asks: of territories that share one it is decided apart whether a sender moves the clock. */
function ianaZone(text: string): Zone | null {
  const zone = ianaZones.get(text) ?? readIanaZone(text);
  if (zone === null) return null;
  if (ianaZones.size < MOST_NAMES_KEPT) ianaZones.set(text, zone);
  return { ...zone };
}

function readIanaZone(text: string): Zone | null {
  let name: string;
  try {
    name = new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
  // ICU answers some names with their older spelling (Asia/Kolkata: Asia/Calcutta); only its letter case is taken over.
  if (name.toLowerCase() !== text.toLowerCase()) name = text;
  const winter = offsetFromRules(name, Date.UTC(RULES_YEAR, 0, 1));
  const summer = offsetFromRules(name, Date.UTC(RULES_YEAR, 6, 1));
  return { name, standardOffsetMinutes: Math.min(winter, summer), isFixed: false };
}

/** `+08:00` */
function offsetText(offsetMinutes: number): string {
  const size = Math.abs(offsetMinutes);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
