import type { DayNumber } from '../../grid/domain/calendar.js';
import { greatestCommonDivisor, INTERVAL_MINUTES } from './interval.js';
import { MISSING_WH } from './energy-codec.js';
import { isEstimate, QUALITY } from './quality.js';

const NO_ROW = -1;

export interface DuplicateCounts {
  /** The same interval again with the same energy. */
  equal: number;
  /** The same interval again with another energy: the later one stands. */
  different: number;
}

/** One interval with two energies in a file. */
export interface Conflict {
  readonly row: number;
  readonly slot: number;
  readonly before: number;
  readonly later: number;
  readonly kept: number;
}

/** So many show what is wrong with a file; all are counted. */
const MOST_CONFLICTS = 500;

/**
 * Day rows under assembly: a dense matrix of `capacity` rows × `slots` energies in Wh, found by (point, day) through
 * an open-addressed table. Reused from batch to batch; filling it allocates nothing.
 */
export class ProfileBatch {
  readonly slots: number;
  readonly intervalMinutes: number;
  readonly capacity: number;
  rows = 0;
  /** Per row: the caller's point index and the standard-time day. */
  readonly points: Int32Array;
  readonly days: Int32Array;
  /** Wh, row-major; {@link MISSING_WH} = missing. */
  readonly energyWh: Int32Array;
  /** Quality codes, row-major, or null as long as everything is actual. */
  quality: Uint8Array | null = null;
  /**
   * Room for whoever stores the rows: in which order they are written, and metering_point_id of each in it. Another thread reads
   * them; who fills them again has released what it made of them before.
   */
  readonly order: Int32Array;
  readonly orderedIds: Int32Array;
  readonly duplicates: DuplicateCounts = { equal: 0, different: 0 };
  /** The first of the different duplicates. */
  readonly conflicts: Conflict[] = [];
  /** Line of the file that the next rows come from, where the format has lines; kept in {@link firstLines} of a new row. */
  line = 0;
  /** Per row: the line that it was begun by; 0 = not known. */
  readonly firstLines: Float64Array;

  private emptyQuality: Uint8Array | null = null;
  private readonly table: Int32Array;
  private readonly mask: number;
  private lastPoint = NO_ROW;
  private lastDay = 0;
  private lastRow = NO_ROW;

  /**
   * `intervalOfPoint`: minutes ÷ 5 of each point whose interval a full enough day has shown, 0 = not yet; shared by the
   * batches of an upload, so that a day cut by a batch's end is not taken for one of another interval.
   */
  constructor(
    intervalMinutes: number,
    capacity: number,
    private readonly intervalOfPoint: Uint8Array = new Uint8Array(0),
  ) {
    this.intervalMinutes = intervalMinutes;
    this.slots = 1440 / intervalMinutes;
    this.capacity = capacity;
    this.points = new Int32Array(capacity);
    this.days = sharedInts(capacity);
    this.order = sharedInts(capacity);
    this.orderedIds = sharedInts(capacity);
    this.firstLines = new Float64Array(capacity);
    this.energyWh = sharedInts(capacity * this.slots).fill(MISSING_WH);
    const size = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.table = new Int32Array(size).fill(NO_ROW);
    this.mask = size - 1;
  }

  /** True when `rows` more day rows fit. */
  hasRoomFor(rows: number): boolean {
    return this.rows + rows <= this.capacity;
  }

  /** Whether {@link row} was asked for this day last: its row is there, and takes no room. */
  isAt(point: number, day: DayNumber): boolean {
    return point === this.lastPoint && day === this.lastDay;
  }

  /** Row of (point, day), made when new; the caller has checked {@link hasRoomFor}. */
  row(point: number, day: DayNumber): number {
    if (point === this.lastPoint && day === this.lastDay) return this.lastRow;
    let at = (Math.imul(point, 0x9e3779b1) ^ Math.imul(day, 0x85ebca6b)) >>> 0;
    at = (at ^ (at >>> 15)) & this.mask;
    let row: number;
    while ((row = this.table[at]) !== NO_ROW) {
      if (this.points[row] === point && this.days[row] === day) break;
      at = (at + 1) & this.mask;
    }
    if (row === NO_ROW) {
      row = this.rows++;
      this.table[at] = row;
      this.points[row] = point;
      this.days[row] = day;
      this.firstLines[row] = this.line;
    }
    this.lastPoint = point;
    this.lastDay = day;
    this.lastRow = row;
    return row;
  }

  /**
   * Puts one interval's energy; a later value of the same interval replaces the earlier one and is counted, unless it is an
   * estimate and the earlier one was measured.
   */
  put(row: number, slot: number, wh: number, quality: number): void {
    const at = row * this.slots + slot;
    const before = this.energyWh[at];
    if (before !== MISSING_WH && !this.replaces(row, slot, wh, quality)) return;
    this.energyWh[at] = wh;
    if (quality !== 0) this.quality ??= this.codes();
    if (this.quality !== null) this.quality[at] = quality;
  }

  /** Marks an interval, unless it is marked already. */
  mark(row: number, slot: number, quality: number): void {
    this.quality ??= this.codes();
    const at = row * this.slots + slot;
    if (this.quality[at] === QUALITY.actual) this.quality[at] = quality;
  }

  /** Takes an interval's energy back: it is missing. */
  reject(row: number, slot: number): void {
    const at = row * this.slots + slot;
    this.energyWh[at] = MISSING_WH;
    if (this.quality !== null) this.quality[at] = QUALITY.actual;
  }

  /** Takes out rows without any energy, once some were rejected. Afterwards nothing more may be put before {@link clear}. */
  dropEmptyRows(): void {
    const { slots, energyWh, points, days, firstLines, quality } = this;
    let kept = 0;
    for (let row = 0; row < this.rows; row++) {
      const from = row * slots;
      let at = from;
      while (at < from + slots && energyWh[at] === MISSING_WH) at++;
      if (at === from + slots) continue;
      if (kept !== row) {
        energyWh.copyWithin(kept * slots, from, from + slots);
        quality?.copyWithin(kept * slots, from, from + slots);
        points[kept] = points[row];
        days[kept] = days[row];
        firstLines[kept] = firstLines[row];
      }
      kept++;
    }
    energyWh.fill(MISSING_WH, kept * slots, this.rows * slots);
    this.rows = kept;
    if (kept === 0) this.clear();
  }

  /** Counts an interval that is there already; whether the later value stands. */
  private replaces(row: number, slot: number, wh: number, quality: number): boolean {
    const at = row * this.slots + slot;
    const before = this.energyWh[at];
    if (before === wh) this.duplicates.equal++;
    else this.duplicates.different++;
    const stands = !isEstimate(quality) || (this.quality !== null && isEstimate(this.quality[at]));
    if (before !== wh && this.conflicts.length < MOST_CONFLICTS)
      this.conflicts.push({ row, slot, before, later: wh, kept: stands ? wh : before });
    return stands;
  }

  /** For {@link quality}: those of the batch before, which {@link clear} has emptied. */
  private codes(): Uint8Array {
    return (this.emptyQuality ??= new Uint8Array(new SharedArrayBuffer(this.energyWh.length)));
  }

  /** Empties the batch for the next use. */
  clear(): void {
    this.energyWh.fill(MISSING_WH, 0, this.rows * this.slots);
    this.table.fill(NO_ROW);
    this.quality?.fill(QUALITY.actual);
    this.quality = null;
    this.rows = 0;
    this.lastPoint = NO_ROW;
    this.duplicates.equal = 0;
    this.duplicates.different = 0;
    this.conflicts.length = 0;
  }

  /**
   * The interval length a row really has: meters of different lengths may share a file, and an hourly meter in a
   * half-hourly file fills every second slot only. At least three values must agree, else the file's length stands.
   */
  rowIntervalMinutes(row: number): number {
    const from = row * this.slots;
    let step = 0;
    let present = 0;
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.energyWh[from + slot] === MISSING_WH) continue;
      present++;
      step = greatestCommonDivisor(slot, step);
    }
    const point = this.points[row];
    if (present < 3) return (this.intervalOfPoint[point] ?? 0) * 5 || this.intervalMinutes;
    const coarser = (minutes: number) =>
      minutes > this.intervalMinutes && (step * this.intervalMinutes) % minutes === 0;
    const interval = INTERVAL_MINUTES.find(coarser) ?? this.intervalMinutes;
    if (point < this.intervalOfPoint.length) this.intervalOfPoint[point] = interval / 5;
    return interval;
  }
}

/** Integers that another thread may read as they stand. */
export function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}
