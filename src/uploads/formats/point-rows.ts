import type { PointIndex } from '../domain/point-index.js';
import type { RejectedRow, RejectReason } from '../domain/rejected-row.js';
import { csvBatches, keptOfRaw } from './csv-records.js';
import { parseNamedHeader, type NamedColumns, type NamedHeader } from './named-header.js';
import { IN_FUTURE, PointClock, type LocalClock, type Territory } from './point-clock.js';
import type { HeldPoint } from './readings-decoder.js';
import { DateScanner, NO_OFFSET, TimeScanner } from './scan-time.js';

/** Why a row is not taken. */
export type Fault = Pick<RejectedRow, 'field' | 'reason' | 'detail'>;

/** A row's moment in the two calendars that are stored. */
export interface Moment {
  readonly utcMs: number;
  /** Minutes since 1970 of the metering point's standard-time calendar, with its seconds as a fraction. */
  readonly standardMinutes: number;
}

/** A layout of a row per metering point and moment: register readings, meter events. */
export interface PointRowLayout<Column extends string, Row> extends NamedColumns<Column | 'metering_point'> {
  /** Column of the row's moment. */
  readonly time: Column;
  /** Reads the other columns; null = the row says that there is no value. */
  readonly read: (cell: (column: Column) => string, point: number, moment: Moment) => Row | Fault | null;
}

export interface PointRowOptions {
  readonly points: PointIndex;
  readonly territories: readonly Territory[];
  readonly clock: LocalClock;
  /** When the file was received; later moments than a day after it are rejected. */
  readonly receivedAt: Date;
  /** False: rows of unknown points are passed over, because this run is for points that were held. */
  readonly holdUnknown: boolean;
}

/** What a stretch of the file holds. Counts are of this batch. */
export interface PointRowBatch<Column extends string, Row> {
  readonly header: NamedHeader<Column | 'metering_point'>;
  readonly rows: readonly Row[];
  readonly rejected: RejectedRow[];
  readonly held: ReadonlyMap<string, HeldPoint>;
  readonly lines: number;
  readonly blank: number;
  readonly lastLine: number;
}

/**
 * Reads a CSV of rows that name a metering point and a moment. At least one batch is yielded, also of a header alone;
 * memory is bounded by a batch.
 * @throws RefusedError the file is empty or a column is missing.
 */
export async function* decodePointRows<Column extends string, Row extends object>(
  input: AsyncIterable<Buffer>,
  layout: PointRowLayout<Column, Row>,
  options: PointRowOptions,
): AsyncGenerator<PointRowBatch<Column, Row>> {
  const moments = new MomentReader(options);
  for await (const { header, records, rejected, lastLine } of csvBatches(input, (line) =>
    parseNamedHeader<Column | 'metering_point'>(line, layout),
  )) {
    const lines = records.length + rejected.length;
    const rows: Row[] = [];
    const held = new Map<string, HeldPoint>();
    let blank = 0;
    for (const { line, text, cells } of records) {
      const cell = (column: Column | 'metering_point') => cells[header.at.get(column) ?? -1] ?? '';
      const found = take(line, cells, cell);
      if (found === 'held' || found === 'passed over') continue;
      if (found === null) blank++;
      else if ('reason' in found) rejected.push({ line, raw: keptOfRaw(text), ...found });
      else rows.push(found);
    }
    rejected.sort((a, b) => a.line - b.line);
    yield { header, rows, rejected, held, lines, blank, lastLine };

    function take(
      line: number,
      cells: readonly string[],
      cell: (column: Column | 'metering_point') => string,
    ): Row | Fault | null | 'held' | 'passed over' {
      if (
        cells.length < header.columns.length ||
        cells.slice(header.columns.length).some((rest) => rest !== '')
      ) {
        const hint = header.delimiter === ',' ? ' A decimal comma needs quotes or another delimiter.' : '';
        const detail = `The line has ${cells.length} columns where the header has ${header.columns.length}.${hint}`;
        return fault('', 'wrong_columns', detail);
      }
      const id = cell('metering_point').replace(/^="(.*)"$/, '$1');
      const bytes = Buffer.from(id);
      const point = options.points.find(bytes, 0, bytes.length);
      if (point < 0) {
        if (!options.holdUnknown) return 'passed over';
        const wrong = idFault(id);
        if (wrong !== null) return wrong;
        const waiting = held.get(id);
        if (waiting) waiting.readings++;
        else held.set(id, { readings: 1, firstLine: line });
        return 'held';
      }
      const moment = moments.read(point, cell(layout.time));
      if (!('utcMs' in moment)) return { field: layout.time, ...moment };
      return layout.read(cell, point, moment);
    }
  }
}

export function fault(field: string, reason: RejectReason, detail: string): Fault {
  return { field, reason, detail };
}

/** The text as it is quoted in a sentence. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function idFault(id: string): Fault | null {
  const field = 'metering_point';
  if (id === '') return fault(field, 'bad_id', 'The metering point is blank.');
  if (/^\d+[.,]?\d*e\+\d+$/i.test(id)) {
    const detail = `${shown(id)} is a number that a spreadsheet shortened: export the column as text.`;
    return fault(field, 'excel_id', detail);
  }
  return id.length > 128 ? fault(field, 'bad_id', 'The metering point is longer than 128 characters.') : null;
}

/** Reads moments: a date (its midnight), or a date and time with or without seconds and offset. */
class MomentReader {
  private readonly times = new TimeScanner();
  private readonly dates = new DateScanner();
  private readonly clock: PointClock;

  constructor(private readonly options: PointRowOptions) {
    this.clock = new PointClock(options);
  }

  read(point: number, text: string): Moment | Omit<Fault, 'field'> {
    const minutes = this.standardMinutes(point, text);
    if (typeof minutes !== 'number') return minutes;
    if (minutes === IN_FUTURE) {
      return {
        reason: 'in_future',
        detail: 'The time is more than a day later than the moment the file was received.',
      };
    }
    if (minutes < 0) {
      const detail = `${shown(text)} never came in ${this.clock.zoneOf(point).name}: the clock was put forward over it.`;
      return { reason: 'no_such_local_time', detail };
    }
    const { standardOffsetMinutes } = this.options.territories[this.options.points.territories[point]];
    return { standardMinutes: minutes, utcMs: Math.round((minutes - standardOffsetMinutes) * 60_000) };
  }

  private standardMinutes(point: number, text: string): number | Omit<Fault, 'field'> {
    const bytes = Buffer.from(text);
    const date = bytes.length === 10 ? this.dates.scan(bytes, 0) : null;
    if (date !== null) {
      const day = this.clock.dayOfDate(point, date);
      return day < 0 ? day : day * 1440;
    }
    const [, upToMinutes = '', seconds = '0', offset = ''] =
      /^(.{10}[T ]\d\d:\d\d)(?::([0-5]\d)(?:[.,]\d{1,9})?)?(.{0,6})$/i.exec(text) ?? [];
    const time = Buffer.from(upToMinutes + offset.trim());
    if (!this.times.scan(time, 0, time.length)) {
      const detail = `${shown(text)} is not a time that exists between 2000 and 2199; write YYYY-MM-DDTHH:MM:SS with or without an offset.`;
      return { reason: 'bad_time', detail };
    }
    const { localMinutes, offsetMinutes } = this.times.time;
    const minutes =
      offsetMinutes === NO_OFFSET
        ? this.clock.firstStandardMinutes(point, localMinutes)
        : this.clock.standardMinutes(point, localMinutes, offsetMinutes);
    return minutes < 0 ? minutes : minutes + Number(seconds) / 60;
  }
}
