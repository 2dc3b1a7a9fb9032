import { MAX_INTERVAL_WH, MISSING_WH } from '../../readings/domain/energy-codec.js';
import type { ProfileBatch } from '../../readings/domain/profile-batch.js';
import type { FastPathOptions } from './long-fast-path.js';
import { DateScanner, NO_OFFSET } from './scan-time.js';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const DASH = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const DATE_BYTES = 10;
const MOST_ID_BYTES = 128;
/** Days remembered, of one territory or several; a power of two. */
const DAYS_KEPT = 256;
/** The day's hours do not fall on the standard-time day's, or it is not over: the general decoder reads it. */
const NOT_PLAIN = -1;

/** By decimals: what the digits are multiplied by to be Wh. */
const WH_OF_DIGITS = [1000, 100, 10, 1];

/**
 * Takes runs of plain rows `id,2026-01-31,0.851,0.4,…` of the wide layout, one cell for each interval of a standard-time day,
 * in a fraction of the general decoder's time. The first row that is anything else is left to that one.
 */
export class WideFastPath {
  private readonly dates = new DateScanner();
  private readonly wh: Int32Array;
  private readonly id = new Uint8Array(MOST_ID_BYTES);
  private idLength = -1;
  private point = -1;
  /** Days by date and territory: what the entry is of, and its standard-time day. */
  private readonly keptDates = new Int32Array(DAYS_KEPT).fill(-1);
  private readonly keptTerritories = new Int32Array(DAYS_KEPT);
  private readonly keptDays = new Int32Array(DAYS_KEPT);
  /** Of the row at hand: how many cells have a value. */
  private values = 0;

  constructor(private readonly options: FastPathOptions) {
    this.wh = new Int32Array(1440 / options.intervalMinutes);
  }

  /** Reads rows of `bytes` from `from` on into the batch; returns the start of the first row it leaves alone. */
  run(bytes: Buffer, from: number, batch: ProfileBatch): number {
    const { delimiter, counts } = this.options;
    const { wh } = this;
    const slots = wh.length;
    let at = from;
    let lines = 0;
    let values = 0;
    while (at < bytes.length && batch.hasRoomFor(1)) {
      const date = this.skipId(bytes, at, delimiter);
      if (date < 0 || bytes[date + DATE_BYTES] !== delimiter) break;
      const day = this.dayAt(bytes, date);
      if (day === NOT_PLAIN) break;
      const next = this.readCells(bytes, date + DATE_BYTES + 1, delimiter);
      if (next < 0) break;
      if (this.values > 0) {
        const rows = batch.rows;
        batch.line = counts.lastLine + lines + 1;
        const row = batch.row(this.point, day);
        // A day that the file had before.
        if (batch.rows === rows) break;
        // One by one: to `set` memory that is shared among threads takes four times as long.
        const { energyWh } = batch;
        for (let slot = 0, to = row * slots; slot < slots; slot++) energyWh[to + slot] = wh[slot];
      }
      values += this.values;
      lines++;
      at = next;
    }
    counts.accepted += values;
    counts.blank += lines * slots - values;
    counts.rows += lines;
    counts.lastLine += lines;
    return at;
  }

  /** Makes the row's point the point at hand; returns where its date begins, or −1. */
  private skipId(bytes: Buffer, at: number, delimiter: number): number {
    const { id, idLength } = this;
    let i = 0;
    while (i < idLength && bytes[at + i] === id[i]) i++;
    if (i === idLength && bytes[at + i] === delimiter) return at + i + 1;
    let end = at;
    for (; bytes[end] !== delimiter; end++)
      if (bytes[end] === LF || bytes[end] === QUOTE || end - at === MOST_ID_BYTES) return -1;
    const point = this.options.points.find(bytes, at, end);
    if (point < 0) return -1;
    this.point = point;
    this.idLength = end - at;
    for (i = 0; i < this.idLength; i++) id[i] = bytes[at + i];
    return end + 1;
  }

  /** The standard-time day of the date at `at`, or {@link NOT_PLAIN}. */
  private dayAt(bytes: Buffer, at: number): number {
    if (bytes[at + 4] !== DASH || bytes[at + 7] !== DASH) return NOT_PLAIN;
    let date = 0;
    for (let i = 0; i < DATE_BYTES; i++) {
      if (i === 4 || i === 7) continue;
      const digit = bytes[at + i] - ZERO;
      if (!(digit >= 0 && digit <= 9)) return NOT_PLAIN;
      date = date * 10 + digit;
    }
    const territory = this.options.points.territories[this.point];
    const kept = (date ^ (territory << 5)) & (DAYS_KEPT - 1);
    if (this.keptDates[kept] !== date || this.keptTerritories[kept] !== territory) {
      this.keptDates[kept] = date;
      this.keptTerritories[kept] = territory;
      this.keptDays[kept] = this.plainDay(bytes, at);
    }
    return this.keptDays[kept];
  }

  private plainDay(bytes: Buffer, at: number): number {
    const localDay = this.dates.scan(bytes, at);
    if (localDay === null) return NOT_PLAIN;
    return this.options.clock.shiftOfDay(this.point, localDay, NO_OFFSET) === 0 ? localDay : NOT_PLAIN;
  }

  /** Reads the cells that begin at `at`; returns where the next row begins, or −1. */
  private readCells(bytes: Buffer, at: number, delimiter: number): number {
    const { wh } = this;
    const last = wh.length - 1;
    let values = wh.length;
    let p = at;
    for (let slot = 0; slot <= last; slot++) {
      // Nearly all cells of nearly all files are `0.851,`.
      if (slot < last && p + 5 < bytes.length && bytes[p + 1] === POINT && bytes[p + 5] === delimiter) {
        const ones = bytes[p] - ZERO;
        const tenths = bytes[p + 2] - ZERO;
        const hundredths = bytes[p + 3] - ZERO;
        const thousandths = bytes[p + 4] - ZERO;
        if (isDigit(ones) && isDigit(tenths) && isDigit(hundredths) && isDigit(thousandths)) {
          wh[slot] = ones * 1000 + tenths * 100 + hundredths * 10 + thousandths;
          p += 6;
          continue;
        }
      }
      const from = p;
      let value = 0;
      let code = bytes[p];
      while (code >= ZERO && code <= ZERO + 9) {
        value = value * 10 + code - ZERO;
        code = bytes[++p];
      }
      if (p === from) {
        value = MISSING_WH;
        values--;
      } else {
        let decimals = 0;
        if (code === POINT || (code === COMMA && delimiter !== COMMA)) {
          const point = p;
          code = bytes[++p];
          while (code >= ZERO && code <= ZERO + 9) {
            value = value * 10 + code - ZERO;
            code = bytes[++p];
          }
          decimals = p - point - 1;
          if (decimals > 3) return -1;
        }
        value *= WH_OF_DIGITS[decimals];
        if (value > MAX_INTERVAL_WH) return -1;
      }
      wh[slot] = value;
      if (slot === last) {
        if (code === CR) code = bytes[++p];
        if (code !== LF) return -1;
      } else if (code !== delimiter) return -1;
      p++;
    }
    this.values = values;
    return p;
  }
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9;
}
