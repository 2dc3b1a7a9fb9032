import { dayFromCivil, nextMonthStart } from '../../grid/domain/calendar.js';
import { MAX_INTERVAL_WH } from '../../readings/domain/energy-codec.js';
import { DAILY_MINUTES } from '../../readings/domain/interval.js';
import { QUALITY } from '../../readings/domain/quality.js';
import type { ProfileBatch } from '../../readings/domain/profile-batch.js';
import type { IntakeCounts } from '../domain/intake-counts.js';
import type { PointIndex } from '../domain/point-index.js';
import type { RejectedRow } from '../domain/rejected-row.js';
import { MAX_LINE_BYTES, type LineBlock } from './line-blocks.js';
import { LineFields } from './line-fields.js';
import { LineRejects } from './line-rejects.js';
import { LongFastPath, type FastPathOptions } from './long-fast-path.js';
import { IN_FUTURE, NO_MIDNIGHT, PointClock, type LocalClock, type Territory } from './point-clock.js';
import { qualityFrom } from './quality-words.js';
import type { LongLayout, ReadingsLayout, WideLayout } from './readings-header.js';
import { DateScanner, NO_OFFSET, TimeScanner } from './scan-time.js';
import { WideFastPath } from './wide-fast-path.js';
import { BLANK, scanScaledWh, scanWh } from './scan-value.js';

const WH_PER_KWH = 1000;
/** A batch also ends when this many rejected rows or held points wait to be written. */
const MOST_WAITING = 10_000;

/** Rows of a batch that one line can need: a local day lies in at most two standard-time days, a month has 31. */
const ROWS_PER_LINE = 2;
const ROWS_PER_MONTH_LINE = 31;

export interface DecoderOptions {
  readonly layout: ReadingsLayout;
  readonly intervalMinutes: number;
  readonly points: PointIndex;
  readonly territories: readonly Territory[];
  readonly clock: LocalClock;
  /** When the file was received; later readings than a day after it are rejected. */
  readonly receivedAt: Date;
  readonly counts: IntakeCounts;
  /** Texts of rejected rows beyond so many are not made; all are counted. */
  readonly rejectedRowsKept: number;
  /** False: readings of unknown points are passed over, because this run is for points that were held. */
  readonly holdUnknown: boolean;
  /** What a value is multiplied by to be Wh; 1000 (kWh) when not set. */
  readonly whPerValue?: number;
  /** Times name the ends of their intervals. */
  readonly endLabelled?: boolean;
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
  /** Readings of unknown points since they were last taken. */
  private held = new Map<string, HeldPoint>();
  private readonly rejects: LineRejects;
  private readonly options: DecoderOptions;
  private readonly counts: IntakeCounts;
  private readonly times = new TimeScanner();
  private readonly dates = new DateScanner();
  private readonly clock: PointClock;
  private readonly line: LineFields;
  private readonly fastPath: LongFastPath | WideFastPath | null;
  private readonly rowsPerLine: number;
  private readonly maxWh: number;
  private readonly whPerValue: number;
  /** What is taken off a time to have its interval's beginning. */
  private readonly labelMinutes: number;

  constructor(options: DecoderOptions) {
    this.options = options;
    this.counts = options.counts;
    this.clock = new PointClock(options);
    this.whPerValue = options.whPerValue ?? WH_PER_KWH;
    const isEndLabelled = options.endLabelled === true && options.intervalMinutes < DAILY_MINUTES;
    this.labelMinutes = isEndLabelled ? options.intervalMinutes : 0;
    this.times.takes24 = isEndLabelled;
    this.line = new LineFields(options.layout.columns.length, options.layout.delimiter);
    this.fastPath = this.makeFastPath();
    this.rowsPerLine = options.layout.layout === 'month' ? ROWS_PER_MONTH_LINE : ROWS_PER_LINE;
    this.maxWh = MAX_INTERVAL_WH * Math.max(1, options.intervalMinutes / 60);
    this.rejects = new LineRejects(options, this.line, this.clock, this.maxWh);
  }

  /** What waits to be written beside the batch, and is the caller's from now on. */
  takeWaiting(): { readonly rejected: RejectedRow[]; readonly held: Map<string, HeldPoint> } {
    const { held } = this;
    this.held = new Map();
    return { rejected: this.rejects.take(), held };
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
      if (at === bytes.length || !batch.hasRoomFor(this.rowsPerLine) || this.isWaitingFull()) return at;
      const next = this.line.split(bytes, at);
      batch.line = ++this.counts.lastLine;
      if (this.line.length > 0) {
        this.counts.rows++;
        if (block.clean || this.rejects.isText()) this.decodeLine(batch);
      }
      at = next;
    }
    return at;
  }

  /** Counts a line that was too long to be read. */
  rejectLongLine(head: Buffer): void {
    this.counts.lastLine++;
    this.counts.rows++;
    this.line.take(head);
    this.rejects.tooLong();
  }

  /** For the layouts as the README gives them, in kWh by the beginnings of intervals. */
  private makeFastPath(): LongFastPath | WideFastPath | null {
    const { layout, intervalMinutes, points, counts } = this.options;
    const { clock } = this;
    const options: FastPathOptions = { delimiter: layout.delimiter, intervalMinutes, points, counts, clock };
    if (this.whPerValue !== WH_PER_KWH || layout.delimiter === 0x20 || intervalMinutes >= DAILY_MINUTES)
      return null;
    if (layout.layout === 'long')
      return this.labelMinutes === 0 && isPlainLong(layout) ? new LongFastPath(options) : null;
    return layout.layout === 'wide' && isPlainWide(layout) ? new WideFastPath(options) : null;
  }

  private isWaitingFull(): boolean {
    return this.rejects.waiting.length >= MOST_WAITING || this.held.size >= MOST_WAITING;
  }

  private decodeLine(batch: ProfileBatch): void {
    const { layout } = this.options;
    if (this.line.length > MAX_LINE_BYTES) {
      this.rejects.tooLong();
      return;
    }
    if (this.line.fields !== layout.columns.length && !this.line.hasOnlyTrailingDelimiter()) {
      this.rejects.wrongColumns();
      return;
    }
    const point = this.findPoint();
    if (layout.layout === 'long') this.decodeLong(batch, point, layout);
    else if (layout.layout === 'wide') this.decodeWide(batch, point, layout);
    else this.decodeMonth(batch, point, layout);
  }

  /** Index of the line's metering point, −1 when the registry does not know it. */
  private findPoint(): number {
    const column = this.options.layout.idColumn;
    this.line.trim(column);
    return this.options.points.find(this.line.source, this.line.starts[column], this.line.ends[column]);
  }

  private decodeLong(
    batch: ProfileBatch,
    point: number,
    layout: Extract<ReadingsLayout, { layout: 'long' }>,
  ): void {
    const { startColumn, kwhColumn, qualityColumn } = layout;
    if (point < 0 && !this.holds()) return;
    this.line.trim(startColumn);
    const { source, starts, ends } = this.line;
    const date = this.scanDate(startColumn);
    const isTime = date !== null || this.times.scan(source, starts[startColumn], ends[startColumn]);
    const { localMinutes, offsetMinutes } = this.times.time;
    // Before the value: of an hour that comes twice, a blank is the first pass as well.
    const standardMinutes =
      isTime && point >= 0 ? this.standardMinutes(point, date, localMinutes, offsetMinutes) : NaN;
    const wh = this.scanEnergy(kwhColumn, this.maxWh);
    if (wh < 0 && !this.isEnergy(wh, kwhColumn)) return;
    if (!isTime) {
      this.rejects.noTime(startColumn);
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
    if (standardMinutes >= 0) this.put(batch, point, standardMinutes, wh, quality, startColumn);
    else this.rejects.noLocalTime(point, localMinutes, standardMinutes, startColumn);
  }

  /** The field's date when it is one without a time of day, else null. */
  private scanDate(column: number): number | null {
    const start = this.line.starts[column];
    return this.line.ends[column] - start === 10 ? this.dates.scan(this.line.source, start) : null;
  }

  private standardMinutes(
    point: number,
    date: number | null,
    localMinutes: number,
    offsetMinutes: number,
  ): number {
    if (this.options.intervalMinutes < DAILY_MINUTES) {
      if (date !== null) return NO_MIDNIGHT;
      // The label's instant first: where the clock is put back, ends and beginnings of intervals fall on either side of it.
      const minutes = this.clock.standardMinutes(point, localMinutes, offsetMinutes);
      return minutes < 0 ? minutes : minutes - this.labelMinutes;
    }
    const day =
      date === null
        ? this.clock.standardDay(point, localMinutes, offsetMinutes)
        : this.clock.dayOfDate(point, date);
    return day < 0 ? day : day * 1440;
  }

  private decodeWide(
    batch: ProfileBatch,
    point: number,
    layout: Extract<ReadingsLayout, { layout: 'wide' }>,
  ): void {
    const { dateColumn, slotOfColumn, intervalMinutes } = layout;
    if (point < 0 && !this.holds()) return;
    this.line.trim(dateColumn);
    const length = this.line.ends[dateColumn] - this.line.starts[dateColumn];
    const localDay = length === 10 ? this.dates.scan(this.line.source, this.line.starts[dateColumn]) : null;
    if (localDay === null) {
      this.rejects.noTime(dateColumn);
      return;
    }
    const shift = point < 0 ? NaN : this.clock.shiftOfDay(point, localDay, NO_OFFSET);
    let held = 0;
    for (let column = 0; column < slotOfColumn.length; column++) {
      const slot = slotOfColumn[column];
      if (slot < 0) continue;
      const wh = this.scanEnergy(column);
      if (wh < 0 && !this.isEnergy(wh, column)) continue;
      if (point < 0) {
        held++;
        continue;
      }
      const localMinutes = localDay * 1440 + slot * intervalMinutes;
      // On nearly every day all of the row's times are shifted alike.
      const standardMinutes = Number.isNaN(shift)
        ? this.clock.firstStandardMinutes(point, localMinutes)
        : localMinutes + shift;
      if (standardMinutes >= 0) this.put(batch, point, standardMinutes, wh, 0, column);
      else this.rejects.noLocalTime(point, localMinutes, standardMinutes, column);
    }
    if (held > 0) this.hold(held);
  }

  private decodeMonth(
    batch: ProfileBatch,
    point: number,
    layout: Extract<ReadingsLayout, { layout: 'month' }>,
  ): void {
    const { monthColumn, dayOfColumn } = layout;
    if (point < 0 && !this.holds()) return;
    const month = monthFrom(this.line.text(monthColumn).trim());
    if (month === null) {
      this.rejects.noTime(monthColumn);
      return;
    }
    const next = nextMonthStart(month);
    let held = 0;
    for (let column = 0; column < dayOfColumn.length; column++) {
      if (dayOfColumn[column] < 0) continue;
      const wh = this.scanEnergy(column, this.maxWh);
      if (wh < 0 && !this.isEnergy(wh, column)) continue;
      const day = month + dayOfColumn[column];
      if (day >= next) {
        this.rejects.noSuchDay(next - month, column);
      } else if (point < 0) {
        held++;
      } else if (this.clock.dayOfDate(point, day) === IN_FUTURE) {
        this.rejects.noLocalTime(point, day * 1440, IN_FUTURE, column);
      } else {
        this.put(batch, point, day * 1440, wh, 0, column);
      }
    }
    if (held > 0) this.hold(held);
  }

  /** Wh of the column's value, or a code below zero. */
  private scanEnergy(column: number, maxWh?: number): number {
    const { source, starts, ends } = this.line;
    return this.whPerValue === WH_PER_KWH
      ? scanWh(source, starts[column], ends[column], maxWh)
      : scanScaledWh(source, starts[column], ends[column], this.whPerValue, maxWh);
  }

  /** For a code below zero: counts the blank or rejects the value; always false, so that callers read as prose. */
  private isEnergy(code: number, column: number): false {
    if (code === BLANK) this.counts.blank++;
    else this.rejects.noEnergy(code, column);
    return false;
  }

  /** Quality code of the field; −1 when it says that the reading is missing. */
  private scanQuality(column: number): number {
    if (this.line.starts[column] === this.line.ends[column]) return QUALITY.actual;
    return qualityFrom(this.line.text(column)) ?? -1;
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
      this.rejects.offInterval(column);
      return;
    }
    batch.put(batch.row(point, day), slot, wh, quality);
    this.counts.accepted++;
  }

  /** Whether readings of an unknown point are kept waiting; rejects ids that can never be registered. */
  private holds(): boolean {
    if (!this.options.holdUnknown) return false;
    return this.rejects.isId(this.line.text(this.options.layout.idColumn));
  }

  private hold(readings: number): void {
    const id = this.line.text(this.options.layout.idColumn);
    const held = this.held.get(id);
    if (held) held.readings += readings;
    else this.held.set(id, { readings, firstLine: this.counts.lastLine });
    this.counts.held += readings;
  }
}

/** Three columns in this order. */
function isPlainLong({ columns, idColumn, startColumn }: LongLayout): boolean {
  return columns.length === 3 && idColumn === 0 && startColumn === 1;
}

/** Id, date, and a column for each interval of the day in their order. */
function isPlainWide({ columns, idColumn, dateColumn, intervalMinutes, slotOfColumn }: WideLayout): boolean {
  const isInOrder = slotOfColumn.every((slot, column) => slot === column - 2 || column < 2);
  return idColumn === 0 && dateColumn === 1 && columns.length === 2 + 1440 / intervalMinutes && isInOrder;
}

/** First day of the month that `2026-03`, `03.2026` or the date of its first day names; null when none does. */
function monthFrom(text: string): number | null {
  const iso = /^(\d{4})-(\d{2})(?:-01)?$/.exec(text);
  const russian = /^(?:01\.)?(\d{2})\.(\d{4})$/.exec(text);
  const [year, month] = iso
    ? [Number(iso[1]), Number(iso[2])]
    : russian
      ? [Number(russian[2]), Number(russian[1])]
      : [0, 0];
  return year >= 2000 && year <= 2199 && month >= 1 && month <= 12 ? dayFromCivil(year, month, 1) : null;
}
