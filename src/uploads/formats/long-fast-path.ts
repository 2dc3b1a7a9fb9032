import { MAX_INTERVAL_WH, MISSING_WH } from '../../readings/domain/energy-codec.js';
import type { ProfileBatch } from '../../readings/domain/profile-batch.js';
import type { IntakeCounts } from '../domain/intake-counts.js';
import type { PointIndex } from '../domain/point-index.js';
import type { PointClock } from './point-clock.js';
import { PLAIN_VALUE_BYTES, plainValue } from './plain-value.js';
import { RepeatedBytes } from './repeated-bytes.js';
import { TimeScanner } from './scan-time.js';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const POINT = 0x2e;
const COMMA = 0x2c;
const ZERO = 0x30;
const DATE_BYTES = 10;
/** `T23:30` */
const CLOCK_BYTES = 6;
const MOST_ID_BYTES = 128;
/** `T00:` and `00` as the bytes of little-endian numbers. */
const T_ZERO_ZERO_COLON = 0x3a303054;
const ZERO_ZERO = 0x3030;
/** What a space leaves of `T`. */
const SPACE_FOR_T = 0x74;
/** Longest text behind the minutes, with the delimiter: `:00.000000+08:00,`. */
const MOST_SUFFIX_BYTES = 25;
/** Local days remembered, of one territory or several; a power of two. */
const DAYS_KEPT = 256;
const DASH = 0x2d;
const NO_ROW = -1;
const OFF_INTERVAL = -1;

export interface FastPathOptions {
  readonly delimiter: number;
  readonly intervalMinutes: number;
  readonly points: PointIndex;
  readonly counts: IntakeCounts;
  readonly clock: PointClock;
}

/**
 * Takes runs of plain lines `id,2026-01-31T23:30[:00][+08:00],0.851` of the long layout, in a fraction of the general
 * decoder's time: the id with the date, and the text behind the minutes, are compared with the line before, four
 * bytes at once, and only the digits that change are read. The first line that is anything else is left to the general decoder.
 */
export class LongFastPath {
  private readonly times = new TimeScanner();
  /** Id, delimiter and date of the line before. */
  private readonly prefix = new RepeatedBytes(MOST_ID_BYTES + 1 + DATE_BYTES);
  private readonly suffix = new RepeatedBytes(MOST_SUFFIX_BYTES);
  private readonly slotOfMinute: Int16Array;
  private point = -1;
  /** By date and territory, of the text behind the minutes at hand: where the local day's midnight lies. */
  private readonly keptDates = new Int32Array(DAYS_KEPT).fill(-1);
  private readonly keptTerritories = new Int32Array(DAYS_KEPT);
  private readonly keptMidnights = new Float64Array(DAYS_KEPT);
  /** The standard-time day that the prefix's local day begins in, and how far into it. */
  private firstDay = 0;
  private shiftMinutes = 0;
  /** The batch's rows of that day and of the next, where they are known. */
  private readonly rows = new Int32Array(2);

  constructor(private readonly options: FastPathOptions) {
    this.slotOfMinute = new Int16Array(2 * 1440).fill(OFF_INTERVAL);
    for (let minute = 0; minute < 2 * 1440; minute += options.intervalMinutes)
      this.slotOfMinute[minute] = (minute % 1440) / options.intervalMinutes;
  }

  /** Reads lines of `bytes` from `from` on into the batch; returns the start of the first line it leaves alone. */
  run(bytes: Buffer, from: number, batch: ProfileBatch): number {
    const { delimiter, counts } = this.options;
    const { prefix, suffix, rows, slotOfMinute } = this;
    const { energyWh, slots } = batch;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // Of another batch, or of this one before it was emptied.
    rows.fill(NO_ROW);
    let at = from;
    let accepted = 0;
    let blank = 0;
    while (at < bytes.length) {
      let clock = at + prefix.length;
      let p = clock + CLOCK_BYTES + suffix.length;
      const isRepeated =
        p < bytes.length && prefix.stands(view, at) && suffix.stands(view, clock + CLOCK_BYTES);
      if (!isRepeated) {
        if (!this.take(bytes, view, at)) break;
        clock = at + prefix.length;
        p = clock + CLOCK_BYTES + suffix.length;
      }
      const minuteOfDay = minuteAt(view, clock);
      if (minuteOfDay < 0) break;

      let isBlank = false;
      let wh = p + PLAIN_VALUE_BYTES <= bytes.length ? plainValue(view, p, LF) : -1;
      if (wh >= 0) p += PLAIN_VALUE_BYTES - 1;
      else {
        wh = 0;
        let code = bytes[p];
        const digits = p;
        while (code >= ZERO && code <= ZERO + 9) {
          wh = wh * 10 + code - ZERO;
          code = bytes[++p];
        }
        isBlank = p === digits && (code === LF || code === CR);
        if (p === digits && !isBlank) break;
        let decimals = 0;
        // In a comma-separated file a comma begins a fourth column, which is the general decoder's to reject.
        if (code === POINT || (code === COMMA && delimiter !== COMMA)) {
          code = bytes[++p];
          for (; code >= ZERO && code <= ZERO + 9; decimals++) {
            wh = wh * 10 + code - ZERO;
            code = bytes[++p];
          }
        }
        if (decimals > 3) break;
        for (; decimals < 3; decimals++) wh *= 10;
        if (code === CR) code = bytes[++p];
        if (code !== LF || wh > MAX_INTERVAL_WH) break;
      }

      if (isBlank) {
        blank++;
      } else {
        const minute = this.shiftMinutes + minuteOfDay;
        const slot = slotOfMinute[minute];
        if (slot === OFF_INTERVAL) break;
        const later = minute < 1440 ? 0 : 1;
        let row = rows[later];
        if (row === NO_ROW) {
          const day = this.firstDay + later;
          if (!batch.hasRoomFor(1) && !batch.isAt(this.point, day)) break;
          batch.line = counts.lastLine + accepted + blank + 1;
          row = batch.row(this.point, day);
          rows[later] = row;
        }
        if (energyWh[row * slots + slot] === MISSING_WH) energyWh[row * slots + slot] = wh;
        else batch.put(row, slot, wh, 0);
        accepted++;
      }
      at = p + 1;
    }
    counts.accepted += accepted;
    counts.blank += blank;
    counts.rows += accepted + blank;
    counts.lastLine += accepted + blank;
    return at;
  }

  /** Makes the line's point, day and text behind the minutes those at hand; false where the line is not plain. */
  private take(bytes: Buffer, view: DataView, at: number): boolean {
    const { delimiter, points } = this.options;
    const idEnd = plainEnd(bytes, at, delimiter, MOST_ID_BYTES);
    if (idEnd < 0) return false;
    const date = idEnd + 1;
    const end = plainEnd(bytes, date, delimiter, DATE_BYTES + CLOCK_BYTES + MOST_SUFFIX_BYTES - 1);
    const suffix = date + DATE_BYTES + CLOCK_BYTES;
    if (end < suffix || minuteAt(view, date + DATE_BYTES) < 0) return false;
    const point = points.find(bytes, at, idEnd);
    if (point < 0) return false;
    if (this.suffix.length !== end + 1 - suffix || !this.suffix.stands(view, suffix)) this.keptDates.fill(-1);
    const midnight = this.midnightOf(bytes, date, end, point);
    if (Number.isNaN(midnight)) return false;
    this.point = point;
    this.firstDay = Math.floor(midnight / 1440);
    this.shiftMinutes = midnight - this.firstDay * 1440;
    this.prefix.take(view, at, date + DATE_BYTES);
    this.suffix.take(view, suffix, end + 1);
    this.rows.fill(NO_ROW);
    return true;
  }

  /** Where the local day of the time in `[at, end)` begins, in minutes of the point's standard time; NaN: not plain. */
  private midnightOf(bytes: Buffer, at: number, end: number, point: number): number {
    const date = digitsOfDate(bytes, at);
    if (date < 0) return this.scanMidnight(bytes, at, end, point);
    const territory = this.options.points.territories[point];
    const kept = (date ^ (territory << 5)) & (DAYS_KEPT - 1);
    if (this.keptDates[kept] === date && this.keptTerritories[kept] === territory)
      return this.keptMidnights[kept];
    const midnight = this.scanMidnight(bytes, at, end, point);
    this.keptDates[kept] = Number.isNaN(midnight) ? -1 : date;
    this.keptTerritories[kept] = territory;
    this.keptMidnights[kept] = midnight;
    return midnight;
  }

  private scanMidnight(bytes: Buffer, at: number, end: number, point: number): number {
    if (!this.times.scan(bytes, at, end)) return NaN;
    const { localMinutes, offsetMinutes } = this.times.time;
    const localDay = Math.floor(localMinutes / 1440);
    return localDay * 1440 + this.options.clock.shiftOfDay(point, localDay, offsetMinutes);
  }
}

/** The date `2026-01-31` at `at` as a number, −1 when it is none. */
function digitsOfDate(bytes: Uint8Array, at: number): number {
  let date = 0;
  for (let i = 0; i < DATE_BYTES; i++) {
    if (i === 4 || i === 7) {
      if (bytes[at + i] !== DASH) return -1;
      continue;
    }
    const digit = bytes[at + i] - ZERO;
    if (!(digit >= 0 && digit <= 9)) return -1;
    date = date * 10 + digit;
  }
  return date;
}

/** Where the field at `at` ends with a delimiter, within `most` bytes; −1 where it does not, or is quoted. */
function plainEnd(bytes: Uint8Array, at: number, delimiter: number, most: number): number {
  for (let end = at; end <= at + most; end++) {
    if (bytes[end] === delimiter) return end;
    if (bytes[end] === LF || bytes[end] === QUOTE) return -1;
  }
  return -1;
}

/** Minute of the day of `T23:30` (or a space for the T) at `at`, −1 when it is none; {@link CLOCK_BYTES} must be there. */
function minuteAt(view: DataView, at: number): number {
  const hour = view.getInt32(at, true) ^ T_ZERO_ZERO_COLON;
  const minute = view.getUint16(at + 4, true) ^ ZERO_ZERO;
  // Each digit in a byte, if they are digits.
  const separator = hour & 0xff;
  const tens = (hour >>> 8) & 0xff;
  const hours = (hour >>> 16) & 0xff;
  const sixths = minute & 0xff;
  const minutes = minute >>> 8;
  const isClock =
    hour >>> 24 === 0 &&
    (separator === 0 || separator === SPACE_FOR_T) &&
    hours <= 9 &&
    tens * 10 + hours < 24 &&
    sixths <= 5 &&
    minutes <= 9;
  return isClock ? tens * 600 + hours * 60 + sixths * 10 + minutes : -1;
}
