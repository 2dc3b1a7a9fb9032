import { isUtf8 } from 'node:buffer';
import { offsetMinutesAtLocal, type Zone } from '../../grid/domain/time-zone.js';
import { QUALITY } from '../../readings/domain/quality.js';
import type { ProfileBatch } from '../../readings/domain/profile-batch.js';
import type { IntakeCounts } from '../domain/intake-counts.js';
import type { PointIndex } from '../domain/point-index.js';
import type { RejectedRow, RejectReason } from '../domain/rejected-row.js';
import { MAX_LINE_BYTES, type LineBlock } from './line-blocks.js';
import { LongFastPath } from './long-fast-path.js';
import type { ReadingsLayout } from './readings-header.js';
import { DateScanner, NO_OFFSET, TimeScanner } from './scan-time.js';
import { BLANK, NEGATIVE, NOT_A_NUMBER, scanWh, SENTINEL, TOO_LARGE } from './scan-value.js';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const SPACE = 0x20;
const RAW_KEPT = 4_000;
const LINE_TOO_LONG = 'The line is longer than 64 KiB; is the line end missing?';

/** A batch also ends when this many rejected rows or held points wait to be written. */
const MOST_WAITING = 20_000;

/** Rows of a batch that one line can need: a local day lies in at most two standard-time days. */
const ROWS_PER_LINE = 2;

export interface Territory {
  readonly zone: Zone;
  /** The fixed offset that bounds the territory's stored days. */
  readonly standardOffsetMinutes: number;
}

/** How times without an offset are read. */
export interface LocalClock {
  /** The upload's own zone, or null: each point's territory decides. */
  readonly zone: Zone | null;
  /** `standard`: the sender never moves the clock, so the zone's winter offset holds all year. */
  readonly mode: 'wall' | 'standard';
}

export interface DecoderOptions {
  readonly layout: ReadingsLayout;
  readonly intervalMinutes: number;
  readonly points: PointIndex;
  readonly territories: readonly Territory[];
  readonly clock: LocalClock;
  /** When the file was received; later readings than a day after it are rejected. */
  readonly receivedAt: Date;
  readonly counts: IntakeCounts;
  /** False: readings of unknown points are passed over, because this run is for points that were held. */
  readonly holdUnknown: boolean;
}

export interface HeldPoint {
  readings: number;
  readonly firstLine: number;
}

/**
 * Decodes lines of the long and the wide layout into day rows of a {@link ProfileBatch}: one walk over the bytes, no
 * object or string per reading. Whatever is unusual about a line (quotes, spaces, words) takes a slower, exact path.
 */
export class ReadingsDecoder {
  /** Rejected rows and held points since the batch began; the caller writes and empties them. */
  rejected: RejectedRow[] = [];
  held = new Map<string, HeldPoint>();

  private readonly options: DecoderOptions;
  private readonly counts: IntakeCounts;
  private readonly times = new TimeScanner();
  private readonly dates = new DateScanner();
  private readonly latestUtcMinutes: number;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  /** The bytes that `starts` and `ends` point into: the block, or the unquoted copy of one line. */
  private source: Buffer = Buffer.alloc(0);
  private fields = 0;
  private line: Buffer = Buffer.alloc(0);
  private lineStart = 0;
  private lineEnd = 0;
  /** Local times that came twice when the clock was put back: seen once as summer time. */
  private readonly seenInSummer = new Set<number>();
  private cachedZone: Zone | null = null;
  private cachedDay = NaN;
  /** Offset of the whole cached local day, or NaN when the clock changes on it. */
  private cachedOffset = NaN;
  private standardMinutes = 0;
  private readonly fastPath: LongFastPath | null;

  constructor(options: DecoderOptions) {
    this.options = options;
    this.counts = options.counts;
    this.latestUtcMinutes = options.receivedAt.getTime() / 60_000 + 1440;
    this.starts = new Int32Array(options.layout.columns.length + 1);
    this.ends = new Int32Array(options.layout.columns.length + 1);
    this.fastPath = this.isPlainLong() ? this.makeFastPath() : null;
  }

  /**
   * Reads the block's lines from `from` on into the batch; returns where it stopped: the block's end, or earlier at a
   * line start when the batch (or what waits beside it) is full.
   */
  process(block: Extract<LineBlock, { kind: 'lines' }>, from: number, batch: ProfileBatch): number {
    const bytes = block.bytes;
    let at = from;
    while (at < bytes.length) {
      if (this.fastPath !== null && block.clean) at = this.fastPath.run(bytes, at, batch);
      if (at === bytes.length || !batch.hasRoomFor(ROWS_PER_LINE) || this.isWaitingFull()) return at;
      const next = this.split(bytes, at);
      this.counts.lastLine++;
      if (this.lineEnd > this.lineStart) {
        this.counts.rows++;
        if (block.clean || this.isCleanLine()) this.decodeLine(batch);
      }
      at = next;
    }
    return at;
  }

  /** Counts a line that was too long to be read. */
  rejectLongLine(head: Buffer): void {
    this.counts.lastLine++;
    this.counts.rows++;
    this.line = head;
    this.lineStart = 0;
    this.lineEnd = head.length;
    this.reject('', 'line_too_long', LINE_TOO_LONG);
  }

  /** The layout as the README gives it: three columns in this order. */
  private isPlainLong(): boolean {
    const { layout } = this.options;
    return (
      layout.layout === 'long' &&
      layout.columns.length === 3 &&
      layout.idColumn === 0 &&
      layout.startColumn === 1 &&
      layout.delimiter !== 0x20
    );
  }

  private makeFastPath(): LongFastPath {
    const { layout, intervalMinutes, points, counts } = this.options;
    const shiftOfDay = this.shiftOfDay.bind(this);
    return new LongFastPath({ delimiter: layout.delimiter, intervalMinutes, points, counts, shiftOfDay });
  }

  /** See {@link LongFastPath}: standard minutes less local minutes over a whole local day, NaN when they vary. */
  private shiftOfDay(point: number, localDay: number, offsetMinutes: number): number {
    const territory = this.options.territories[this.options.points.territories[point]];
    const offset =
      offsetMinutes === NO_OFFSET
        ? this.offsetOfDay(this.options.clock.zone ?? territory.zone, localDay)
        : offsetMinutes;
    const isPast = (localDay + 1) * 1440 - offset <= this.latestUtcMinutes;
    return isPast ? territory.standardOffsetMinutes - offset : NaN;
  }

  private isWaitingFull(): boolean {
    return this.rejected.length >= MOST_WAITING || this.held.size >= MOST_WAITING;
  }

  private decodeLine(batch: ProfileBatch): void {
    const { layout } = this.options;
    if (this.lineEnd - this.lineStart > MAX_LINE_BYTES) {
      this.reject('', 'line_too_long', LINE_TOO_LONG);
      return;
    }
    if (this.fields !== layout.columns.length && !this.isOnlyTrailingDelimiter()) {
      const expected = layout.columns.length;
      const hint = layout.delimiter === 0x2c ? ' A decimal comma needs quotes or another delimiter.' : '';
      this.reject(
        '',
        'wrong_columns',
        `The line has ${this.fields} columns where the header has ${expected}.${hint}`,
      );
      return;
    }
    const point = this.findPoint();
    if (layout.layout === 'long') this.decodeLong(batch, point, layout);
    else this.decodeWide(batch, point, layout);
  }

  private isOnlyTrailingDelimiter(): boolean {
    const expected = this.options.layout.columns.length;
    return this.fields === expected + 1 && this.starts[expected] === this.ends[expected];
  }

  /** Index of the line's metering point, −1 when the registry does not know it. */
  private findPoint(): number {
    const column = this.options.layout.idColumn;
    this.trim(column);
    return this.options.points.find(this.source, this.starts[column], this.ends[column]);
  }

  private decodeLong(
    batch: ProfileBatch,
    point: number,
    layout: Extract<ReadingsLayout, { layout: 'long' }>,
  ): void {
    const { startColumn, kwhColumn, qualityColumn } = layout;
    if (point < 0 && !this.holds()) return;
    const wh = scanWh(this.source, this.starts[kwhColumn], this.ends[kwhColumn]);
    if (wh < 0 && !this.isEnergy(wh, kwhColumn)) return;
    this.trim(startColumn);
    if (!this.times.scan(this.source, this.starts[startColumn], this.ends[startColumn])) {
      this.rejectTime(startColumn);
      return;
    }
    let quality = 0;
    if (qualityColumn >= 0) {
      quality = this.scanQuality(qualityColumn);
      if (quality < 0) {
        this.counts.blank++;
        return;
      }
    }
    if (point < 0) {
      this.hold(1);
      return;
    }
    const { localMinutes, offsetMinutes } = this.times.time;
    if (!this.toStandard(point, localMinutes, offsetMinutes, startColumn)) return;
    this.put(batch, point, this.standardMinutes, wh, quality, startColumn);
  }

  private decodeWide(
    batch: ProfileBatch,
    point: number,
    layout: Extract<ReadingsLayout, { layout: 'wide' }>,
  ): void {
    const { dateColumn, slotOfColumn, intervalMinutes } = layout;
    if (point < 0 && !this.holds()) return;
    this.trim(dateColumn);
    const length = this.ends[dateColumn] - this.starts[dateColumn];
    const localDay = length === 10 ? this.dates.scan(this.source, this.starts[dateColumn]) : null;
    if (localDay === null) {
      this.rejectTime(dateColumn);
      return;
    }
    let held = 0;
    for (let column = 0; column < slotOfColumn.length; column++) {
      const slot = slotOfColumn[column];
      if (slot < 0) continue;
      const wh = scanWh(this.source, this.starts[column], this.ends[column]);
      if (wh < 0 && !this.isEnergy(wh, column)) continue;
      if (point < 0) {
        held++;
        continue;
      }
      if (!this.toStandard(point, localDay * 1440 + slot * intervalMinutes, NO_OFFSET, column)) continue;
      this.put(batch, point, this.standardMinutes, wh, 0, column);
    }
    if (held > 0) this.hold(held);
  }

  /** For a code below zero: counts the blank or rejects the value; always false, so that callers read as prose. */
  private isEnergy(code: number, column: number): false {
    if (code === BLANK) {
      this.counts.blank++;
      return false;
    }
    const field = this.options.layout.columns[column];
    const value = JSON.stringify(this.fieldText(column).slice(0, 60));
    if (code === NOT_A_NUMBER) this.reject(field, 'bad_number', `${value} is not a number of kWh.`);
    else if (code === NEGATIVE) {
      this.reject(
        field,
        'negative',
        `${value} kWh is negative: send consumption only, export as its own file.`,
      );
    } else if (code === SENTINEL) {
      this.reject(
        field,
        'sentinel',
        `${value} is what a meter sends instead of a reading: leave the value blank.`,
      );
    } else if (code === TOO_LARGE) {
      this.reject(field, 'out_of_range', `${value} kWh in one interval is above 10,000 kWh: is the unit Wh?`);
    }
    return false;
  }

  private rejectTime(column: number): void {
    const value = JSON.stringify(this.fieldText(column).slice(0, 60));
    const form =
      this.options.layout.layout === 'long' ? 'YYYY-MM-DDTHH:MM with or without an offset' : 'YYYY-MM-DD';
    const detail = `${value} is not a time that exists between 2000 and 2199; write ${form}.`;
    this.reject(this.options.layout.columns[column], 'bad_time', detail);
  }

  /** Quality code of the field; −1 when it says that the reading is missing. */
  private scanQuality(column: number): number {
    if (this.starts[column] === this.ends[column]) return QUALITY.actual;
    const code = QUALITY_WORDS.get(this.fieldText(column).trim().toLowerCase());
    // An unknown word must not turn a doubtful value into an actual one.
    return code ?? QUALITY.questionable;
  }

  /** Sets `standardMinutes`: minutes since 1970 of the point's standard-time calendar. False: rejected. */
  private toStandard(point: number, localMinutes: number, offsetMinutes: number, column: number): boolean {
    const territory = this.options.territories[this.options.points.territories[point]];
    let offset = offsetMinutes;
    if (offset === NO_OFFSET) {
      offset = this.localOffset(this.options.clock.zone ?? territory.zone, localMinutes, point);
      if (Number.isNaN(offset)) {
        const zone = (this.options.clock.zone ?? territory.zone).name;
        const time = new Date(localMinutes * 60_000).toISOString().slice(0, 16);
        const detail = `${time} never came in ${zone}: the clock was put forward over it. Is the file in standard time?`;
        this.reject(this.options.layout.columns[column], 'no_such_local_time', detail);
        return false;
      }
    }
    const utcMinutes = localMinutes - offset;
    if (utcMinutes > this.latestUtcMinutes) {
      const detail = 'The reading is more than a day later than the moment the file was received.';
      this.reject(this.options.layout.columns[column], 'in_future', detail);
      return false;
    }
    this.standardMinutes = utcMinutes + territory.standardOffsetMinutes;
    return true;
  }

  /** Offset of a local time, NaN when it never came. A time that came twice is summer time first, then winter time. */
  private localOffset(zone: Zone, localMinutes: number, point: number): number {
    const ofDay = this.offsetOfDay(zone, Math.floor(localMinutes / 1440));
    if (!Number.isNaN(ofDay)) return ofDay;
    const local = offsetMinutesAtLocal(zone, localMinutes * 60_000);
    if (local.kind === 'one') return local.offset;
    if (local.kind === 'none') return NaN;
    const key = point * 2 ** 26 + localMinutes;
    if (this.seenInSummer.has(key)) return local.winterOffset;
    this.seenInSummer.add(key);
    return local.summerOffset;
  }

  /** Offset of a whole local day, NaN when the clock changes on it; remembers the last day. */
  private offsetOfDay(zone: Zone, day: number): number {
    if (zone.isFixed || this.options.clock.mode === 'standard') return zone.standardOffsetMinutes;
    if (day !== this.cachedDay || zone !== this.cachedZone) {
      this.cachedDay = day;
      this.cachedZone = zone;
      this.cachedOffset = wholeDayOffset(zone, day);
    }
    return this.cachedOffset;
  }

  private put(
    batch: ProfileBatch,
    point: number,
    standardMinutes: number,
    wh: number,
    quality: number,
    column: number,
  ): void {
    const day = Math.floor(standardMinutes / 1440);
    const slot = (standardMinutes - day * 1440) / this.options.intervalMinutes;
    if (slot !== Math.floor(slot)) {
      const detail = `The reading does not begin on one of the file's ${this.options.intervalMinutes}-minute intervals.`;
      this.reject(this.options.layout.columns[column], 'off_interval', detail);
      return;
    }
    batch.put(batch.row(point, day), slot, wh, quality);
    this.counts.accepted++;
  }

  /** Whether readings of an unknown point are kept waiting; rejects ids that can never be registered. */
  private holds(): boolean {
    if (!this.options.holdUnknown) return false;
    const column = this.options.layout.idColumn;
    const field = this.options.layout.columns[column];
    const id = this.fieldText(column);
    if (id === '') {
      this.reject(field, 'bad_id', 'The metering point is blank.');
      return false;
    }
    if (/^\d+[.,]?\d*e\+?\d+$/i.test(id)) {
      const detail = `${JSON.stringify(id)} is a number that a spreadsheet shortened: export the column as text.`;
      this.reject(field, 'excel_id', detail);
      return false;
    }
    if (id.length > 128) {
      this.reject(field, 'bad_id', 'The metering point is longer than 128 characters.');
      return false;
    }
    return true;
  }

  private hold(readings: number): void {
    const id = this.fieldText(this.options.layout.idColumn);
    const held = this.held.get(id);
    if (held) held.readings += readings;
    else this.held.set(id, { readings, firstLine: this.counts.lastLine });
    this.counts.held += readings;
  }

  private reject(field: string, reason: RejectReason, detail: string): void {
    this.counts.rejected++;
    this.counts.rejectedByReason[reason] = (this.counts.rejectedByReason[reason] ?? 0) + 1;
    const end = Math.min(this.lineEnd, this.lineStart + RAW_KEPT);
    // PostgreSQL's text takes no NUL; the file itself keeps it.
    const raw = this.line.toString('utf8', this.lineStart, end).replaceAll('\0', '\ufffd');
    this.rejected.push({ line: this.counts.lastLine, field, reason, detail, raw });
  }

  private isCleanLine(): boolean {
    const line = this.line.subarray(this.lineStart, this.lineEnd);
    if (line.indexOf(0) >= 0) {
      this.reject('', 'nul_byte', 'The line has a NUL byte; the file may be damaged or not UTF-8.');
      return false;
    }
    if (!isUtf8(line)) {
      this.reject('', 'bad_utf8', 'The line is not UTF-8; save the file as UTF-8.');
      return false;
    }
    return true;
  }

  private fieldText(column: number): string {
    return this.source.toString('utf8', this.starts[column], this.ends[column]);
  }

  private trim(column: number): void {
    while (this.starts[column] < this.ends[column] && this.source[this.starts[column]] === SPACE)
      this.starts[column]++;
    while (this.ends[column] > this.starts[column] && this.source[this.ends[column] - 1] === SPACE)
      this.ends[column]--;
  }

  /** Finds the fields of the line at `at`; returns where the next line begins. Every block ends with a line feed. */
  private split(bytes: Buffer, at: number): number {
    const delimiter = this.options.layout.delimiter;
    const most = this.starts.length;
    let fields = 0;
    let quoted = false;
    let start = at;
    let p = at;
    for (; ; p++) {
      const code = bytes[p];
      if (code === delimiter) {
        if (fields < most) {
          this.starts[fields] = start;
          this.ends[fields] = p;
        }
        fields++;
        start = p + 1;
      } else if (code === LF) break;
      else if (code === QUOTE) quoted = true;
    }
    const lineEnd = p > at && bytes[p - 1] === CR ? p - 1 : p;
    if (fields < most) {
      this.starts[fields] = start;
      this.ends[fields] = Math.max(start, lineEnd);
    }
    this.fields = fields + 1;
    this.source = bytes;
    this.line = bytes;
    this.lineStart = at;
    this.lineEnd = lineEnd;
    if (quoted) this.splitQuoted();
    return p + 1;
  }

  /** The same for a line with quotes: `"0,5"`, `""` inside quotes, and spreadsheets' `="0012"`. */
  private splitQuoted(): void {
    const text = this.line.toString('latin1', this.lineStart, this.lineEnd);
    const delimiter = String.fromCharCode(this.options.layout.delimiter);
    const values: string[] = [];
    let at = 0;
    while (at <= text.length) {
      const open = /^ *=?"/.exec(text.slice(at, at + 8));
      let value = '';
      if (open) {
        at += open[0].length;
        for (; at < text.length; at++) {
          if (text[at] !== '"') value += text[at];
          else if (text[at + 1] === '"') value += text[++at];
          else break;
        }
        at++;
      }
      const end = text.indexOf(delimiter, at);
      value += text.slice(at, end < 0 ? text.length : end);
      values.push(value);
      if (end < 0) break;
      at = end + 1;
    }
    this.source = Buffer.from(values.join(''), 'latin1');
    this.fields = values.length;
    let start = 0;
    for (let field = 0; field < Math.min(values.length, this.starts.length); field++) {
      this.starts[field] = start;
      start += values[field].length;
      this.ends[field] = start;
    }
  }
}

const QUALITY_WORDS = new Map<string, number>([
  ['actual', QUALITY.actual],
  ['a', QUALITY.actual],
  ['estimated', QUALITY.estimated],
  ['e', QUALITY.estimated],
  ['substituted', QUALITY.substituted],
  ['s', QUALITY.substituted],
  ['questionable', QUALITY.questionable],
  ['q', QUALITY.questionable],
  ['missing', -1],
  ['m', -1],
]);

/** Offset of a whole local day, NaN when the clock changes on it. */
function wholeDayOffset(zone: Zone, day: number): number {
  const atStart = offsetMinutesAtLocal(zone, day * 86_400_000);
  const atEnd = offsetMinutesAtLocal(zone, (day + 1) * 86_400_000 - 60_000);
  const changes = atStart.kind !== 'one' || atEnd.kind !== 'one' || atStart.offset !== atEnd.offset;
  return changes ? NaN : atStart.offset;
}
