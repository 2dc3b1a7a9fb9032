import { QUALITY } from '../../../readings/domain/quality.js';
import type { Declined, FoundItem, FoundProblem } from '../format.js';
import { PointDays } from '../tables/point-days.js';
import { timeFrom } from '../tables/times.js';
import { qualityWord } from '../tables/words.js';
import type { ParquetColumns } from './columns.js';

/** Values of the columns that are read, in their order. */
export type ColumnValues = readonly ArrayLike<unknown>[];

interface RowTime {
  readonly minutes: number;
  readonly isInstant: boolean;
}

const INTERVALS = [5, 10, 15, 20, 30, 60, 1440];

/** Turns rows of values into days of readings. */
export class ParquetRows {
  private found: FoundItem[] = [];
  private readonly days: PointDays;
  private readonly shift: number;
  private readonly whPerValue: number;
  private readonly noted = new Set<string>();

  private constructor(
    private readonly columns: ParquetColumns,
    readonly intervalMinutes: number,
    label: 'start' | 'end',
    readonly assumed: readonly string[],
  ) {
    this.days = new PointDays(intervalMinutes, false);
    this.shift = label === 'end' ? intervalMinutes : 0;
    const { unit } = columns;
    this.whPerValue = unit.isPower ? (unit.whPerUnit * intervalMinutes) / 60 : unit.whPerUnit;
  }

  /** By a sample of rows; declined when interval or label stay open. */
  static of(columns: ParquetColumns, sample: ColumnValues): ParquetRows | Declined {
    const points = Array.from(sample[columns.point]);
    const minutes = points
      .flatMap((point, row) =>
        point === points[0] ? (minutesOf(columns, sample[columns.time][row])?.minutes ?? []) : [],
      )
      .sort((a, b) => a - b);
    const steps = minutes
      .slice(1)
      .map((minute, at) => minute - minutes[at])
      .filter((step) => step > 0);
    const interval = columns.isDate ? 1440 : Math.min(...steps);
    if (!INTERVALS.includes(interval))
      return {
        declined: `The times in «${columns.timeName}» make no intervals that are read: 5 to 60 minutes, or days.`,
      };
    const label = labelOf(columns, minutes[0], interval);
    if (label === null)
      return {
        declined: `The times in «${columns.timeName}» may be the beginnings of the intervals or their ends; that is not guessed. Say it with the upload (label=start or label=end), or call the column start or end.`,
      };
    const assumed =
      columns.isInstant || columns.isText
        ? []
        : [
            'Timestamps are naive: they are read in the upload’s zone, else in that of each metering point’s territory.',
          ];
    if (columns.label === null)
      assumed.push(
        `By the first of them, the times in «${columns.timeName}» are taken for the ${label === 'start' ? 'beginnings' : 'ends'} of the intervals.`,
      );
    if (columns.unit.isPower)
      assumed.push(
        `Values in ${columns.unit.text} are average power: each × its interval is taken for the energy.`,
      );
    return new ParquetRows(columns, interval, label, assumed);
  }

  /** Rows `[from, to)` of these columns, of which the first is line `firstLine` of the file. */
  take(values: ColumnValues, from: number, to: number, firstLine: number): void {
    for (let row = from; row < to; row++) this.row(values, row, firstLine + row);
  }

  takeFound(isEnd: boolean): FoundItem[] {
    for (const block of this.days.take(isEnd)) this.found.push(block);
    const { found } = this;
    this.found = [];
    return found;
  }

  private row(values: ColumnValues, row: number, line: number): void {
    const { columns } = this;
    const fault = (field: string, reason: FoundProblem['reason'], detail: string) =>
      this.fault(line, field, reason, detail, values.map((column) => textOf(column[row])).join(';'));
    const point = this.pointOf(values[columns.point][row]);
    if (point === '' || point.length > 128)
      return fault('metering point', 'bad_id', 'The row names no metering point.');
    const time = minutesOf(columns, values[columns.time][row]);
    if (time === null) return fault(columns.timeName, 'bad_time', 'The row has no time that can be read.');
    const quality = columns.quality < 0 ? 'actual' : qualityWord(textOf(values[columns.quality][row]));
    if (quality === 'questionable')
      this.note('Words of quality that are not known are stored as questionable.');
    const given = columns.given < 0 ? NaN : numberOf(values[columns.given][row]);
    const value = quality === 'missing' ? NaN : numberOf(values[columns.value][row]);
    if (value === null || given === null) return fault('', 'bad_number', 'The row’s value is no number.');
    if (value < 0 && columns.given >= 0)
      return fault(
        '',
        'negative',
        'The value is negative, where what is given to the grid has a column of its own.',
      );
    if (value < 0) this.note('Negative values are net: what the home gives to the grid.');
    const out = value < 0 ? -value : given;
    const code = quality === 'missing' ? 0 : QUALITY[quality];
    const at = { point, time, code, line };
    const isTaken =
      this.put(at, 'import', Math.max(0, value)) && (Number.isNaN(out) || this.put(at, 'export', out));
    if (!isTaken)
      fault(
        '',
        'wrong_columns',
        `The readings of a day of ${point} stand too far apart in the file: sort it by metering point and time.`,
      );
  }

  private put(
    { point, time, code, line }: { point: string; time: RowTime; code: number; line: number },
    channel: 'import' | 'export',
    value: number,
  ): boolean {
    return this.days.add({
      point,
      channel,
      section: 0,
      register: '',
      minutes: time.minutes - this.shift,
      isInstant: time.isInstant,
      wh: value * this.whPerValue,
      quality: code,
      line,
    });
  }

  private pointOf(id: unknown): string {
    return typeof id === 'string' ? id : typeof id === 'number' || typeof id === 'bigint' ? String(id) : '';
  }

  private note(sentence: string): void {
    if (this.noted.has(sentence)) return;
    this.noted.add(sentence);
    this.found.push({ kind: 'assumed', sentence });
  }

  private fault(
    line: number,
    field: string,
    reason: FoundProblem['reason'],
    detail: string,
    raw: string,
  ): void {
    this.found.push({
      kind: 'problem',
      place: { line, path: `row ${line}` },
      field,
      reason,
      detail,
      raw: raw.slice(0, 4_000),
    });
  }
}

function minutesOf({ isText, isInstant }: ParquetColumns, value: unknown): RowTime | null {
  if (isText) {
    const time = typeof value === 'string' ? timeFrom(value, 'ymd') : null;
    if (time === null) return null;
    return { minutes: time.localMinutes - (time.offsetMinutes ?? 0), isInstant: time.offsetMinutes !== null };
  }
  const ms = value instanceof Date ? value.getTime() : typeof value === 'number' ? value : NaN;
  return Number.isFinite(ms) && ms % 60_000 === 0 && ms > 946_684_800_000
    ? { minutes: ms / 60_000, isInstant }
    : null;
}

/** Whole hours begin intervals of parts of an hour; of hours, only a wall clock's midnight tells. */
function labelOf(
  { label, isInstant }: ParquetColumns,
  first: number,
  interval: number,
): 'start' | 'end' | null {
  if (label !== null) return label;
  const period = isInstant ? 60 : 1440;
  const minute = first % period;
  if (interval >= period) return null;
  return minute === 0 ? 'start' : minute === interval ? 'end' : null;
}

/** NaN where there is no value, null where it is no number. */
function numberOf(value: unknown): number | null {
  if (value === null || value === undefined) return NaN;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'bigint'
      ? String(value)
      : '';
}
