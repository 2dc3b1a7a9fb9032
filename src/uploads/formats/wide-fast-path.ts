import { MAX_INTERVAL_WH, MISSING_WH } from '../../readings/domain/energy-codec.js';
import type { ProfileBatch } from '../../readings/domain/profile-batch.js';
import type { FastPathOptions } from './long-fast-path.js';
import { PLAIN_VALUE_BYTES, plainValue } from './plain-value.js';
import { RepeatedBytes } from './repeated-bytes.js';
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
  /** Id and delimiter of the row before. */
  private readonly id = new RepeatedBytes(MOST_ID_BYTES + 1);
  private point = -1;
  /** Days by date and territory: what the entry is of, and its standard-time day. */
  private readonly keptDates = new Int32Array(DAYS_KEPT).fill(-1);
  private readonly keptTerritories = new Int32Array(DAYS_KEPT);
  private readonly keptDays = new Int32Array(DAYS_KEPT);
  /** Of the row at hand: how many cells have a value. */
  private values = 0;

  constructor(private readonly options: FastPathOptions) {}

  /** Reads rows of `bytes` from `from` on into the batch; returns the start of the first row it leaves alone. */
  run(bytes: Buffer, from: number, batch: ProfileBatch): number {
    const { delimiter, counts } = this.options;
    const { energyWh, slots } = batch;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = from;
    let lines = 0;
    let values = 0;
    while (at < bytes.length && batch.hasRoomFor(1)) {
      const date = this.skipId(bytes, view, at);
      if (date < 0 || bytes[date + DATE_BYTES] !== delimiter) break;
      const day = this.dayAt(bytes, date);
      if (day === NOT_PLAIN) break;
      // Where the batch's next row will lie, before it is known to be one.
      const free = batch.rows;
      const to = free * slots;
      const next = this.readCells(bytes, view, date + DATE_BYTES + 1, energyWh, to, slots);
      if (next >= 0 && this.values > 0) {
        batch.line = counts.lastLine + lines + 1;
        batch.row(this.point, day);
      }
      // Not plain, or a day that the file had before.
      if (next < 0 || (this.values > 0 && batch.rows === free)) {
        energyWh.fill(MISSING_WH, to, to + slots);
        break;
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
  private skipId(bytes: Buffer, view: DataView, at: number): number {
    const { id } = this;
    const { delimiter, points } = this.options;
    if (at + id.length < bytes.length && id.stands(view, at)) return at + id.length;
    let end = at;
    for (; bytes[end] !== delimiter; end++)
      if (bytes[end] === LF || bytes[end] === QUOTE || end - at === MOST_ID_BYTES) return -1;
    const point = points.find(bytes, at, end);
    if (point < 0) return -1;
    this.point = point;
    id.take(view, at, end + 1);
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

  /**
   * Reads the cells that begin at `at`; returns where the next row begins, or −1. `from` is where the row lies in `wh`: no
   * view of it is made for each.
   */
  private readCells(
    bytes: Buffer,
    view: DataView,
    at: number,
    wh: Int32Array,
    from: number,
    slots: number,
  ): number {
    const { delimiter } = this.options;
    const last = slots - 1;
    let values = slots;
    let p = at;
    for (let slot = 0; slot < slots; slot++) {
      const end = slot < last ? delimiter : LF;
      const plain = p + PLAIN_VALUE_BYTES <= bytes.length ? plainValue(view, p, end) : -1;
      if (plain >= 0) {
        wh[from + slot] = plain;
        p += PLAIN_VALUE_BYTES;
        continue;
      }
      const start = p;
      let value = 0;
      let code = bytes[p];
      while (code >= ZERO && code <= ZERO + 9) {
        value = value * 10 + code - ZERO;
        code = bytes[++p];
      }
      if (p === start) {
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
      wh[from + slot] = value;
      if (slot === last && code === CR) code = bytes[++p];
      if (code !== end) return -1;
      p++;
    }
    this.values = values;
    return p;
  }
}
