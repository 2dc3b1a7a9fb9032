import { isUtf8 } from 'node:buffer';
import { DAILY_MINUTES } from '../../readings/domain/interval.js';
import type { IntakeCounts } from '../domain/intake-counts.js';
import type { RejectedRow, RejectReason } from '../domain/rejected-row.js';
import type { LineFields } from './line-fields.js';
import { IN_FUTURE, NO_MIDNIGHT, type PointClock } from './point-clock.js';
import type { ReadingsLayout } from './readings-header.js';
import { NEGATIVE, NOT_A_NUMBER, SENTINEL, TOO_LARGE } from './scan-value.js';

const RAW_KEPT = 4_000;
/** Of one line; a row of 288 bad cells is one mistake. */
const MOST_OF_LINE = 10;

export interface LineRejectsOptions {
  readonly layout: ReadingsLayout;
  readonly intervalMinutes: number;
  readonly counts: IntakeCounts;
  /** Texts of rejected rows beyond so many are not made; all are counted. */
  readonly rejectedRowsKept: number;
}

/** What becomes of a line that is wrong: counted, and said so that its sender can mend it (what, where, what to do). */
export class LineRejects {
  /** Since they were last taken. */
  waiting: RejectedRow[] = [];
  private last: { readonly line: number; readonly ofLine: number; readonly raw: string } | null = null;
  private kept = 0;

  constructor(
    private readonly options: LineRejectsOptions,
    private readonly line: LineFields,
    private readonly clock: PointClock,
    /** The highest energy that is taken. */
    private readonly maxWh: number,
  ) {}

  take(): RejectedRow[] {
    const taken = this.waiting;
    this.waiting = [];
    return taken;
  }

  /** Whether the line is text; else it is rejected. */
  isText(): boolean {
    const line = this.line.raw();
    if (line.indexOf(0) >= 0) {
      this.add('', 'nul_byte', 'The line has a NUL byte; the file may be damaged or not UTF-8.');
      return false;
    }
    if (!isUtf8(line)) {
      this.add('', 'bad_utf8', 'The line is not UTF-8; save the file as UTF-8.');
      return false;
    }
    return true;
  }

  tooLong(): void {
    this.add('', 'line_too_long', 'The line is longer than 64 KiB; is the line end missing?');
  }

  wrongColumns(): void {
    const { columns, delimiter } = this.options.layout;
    const hint = delimiter === 0x2c ? ' A decimal comma needs quotes or another delimiter.' : '';
    const detail = `The line has ${this.line.fields} columns where the header has ${columns.length}.${hint}`;
    this.add('', 'wrong_columns', detail);
  }

  /** Whether a metering point could ever be registered under this id; else the line is rejected. */
  isId(id: string): boolean {
    const field = this.field(this.options.layout.idColumn);
    if (id === '') {
      this.add(field, 'bad_id', 'The metering point is blank.');
      return false;
    }
    if (/^\d+[.,]?\d*e\+\d+$/i.test(id)) {
      const detail = `${JSON.stringify(id)} is a number that a spreadsheet shortened: export the column as text.`;
      this.add(field, 'excel_id', detail);
      return false;
    }
    if (id.length > 128) {
      this.add(field, 'bad_id', 'The metering point is longer than 128 characters.');
      return false;
    }
    return true;
  }

  /** `code`: why the value is none, below zero as the scanner has it. */
  noEnergy(code: number, column: number): void {
    const field = this.field(column);
    const value = this.quoted(column);
    if (code === NOT_A_NUMBER) this.add(field, 'bad_number', `${value} is not a number of kWh.`);
    else if (code === NEGATIVE) {
      const detail = `${value} kWh is negative: send consumption only, export as its own file.`;
      this.add(field, 'negative', detail);
    } else if (code === SENTINEL) {
      const detail = `${value} is what a meter sends instead of a reading: leave the value blank.`;
      this.add(field, 'sentinel', detail);
    } else if (code === TOO_LARGE) {
      const most = (this.maxWh / 1000).toLocaleString('en-US');
      const detail = `${value} kWh in one interval is above ${most} kWh: is the unit Wh?`;
      this.add(field, 'out_of_range', detail);
    }
  }

  noTime(column: number): void {
    const form = TIME_FORMS[this.options.layout.layout];
    const detail = `${this.quoted(column)} is not a time that exists between 2000 and 2199; write ${form}.`;
    this.add(this.field(column), 'bad_time', detail);
  }

  noSuchDay(daysOfMonth: number, column: number): void {
    const detail = `The month has ${daysOfMonth} days: there is no day for this value.`;
    this.add(this.field(column), 'bad_time', detail);
  }

  /** `why`: as the point's clock has it. */
  noLocalTime(point: number, localMinutes: number, why: number, column: number): void {
    const field = this.field(column);
    if (why === IN_FUTURE) {
      const detail = 'The reading is more than a day later than the moment the file was received.';
      this.add(field, 'in_future', detail);
    } else if (why === NO_MIDNIGHT) {
      const { intervalMinutes } = this.options;
      const detail =
        intervalMinutes === DAILY_MINUTES
          ? `A day's energy begins at midnight of the metering point's place (${this.clock.zoneOf(point).name}); this begins at another time.`
          : `A date without a time of day is a whole day's energy, and the file has ${intervalMinutes}-minute intervals: send daily energies in a file of their own.`;
      this.add(field, 'off_interval', detail);
    } else {
      const time = new Date(localMinutes * 60_000).toISOString().slice(0, 16);
      const zone = this.clock.zoneOf(point).name;
      const detail = `${time} never came in ${zone}: the clock was put forward over it. Is the file in standard time?`;
      this.add(field, 'no_such_local_time', detail);
    }
  }

  offInterval(column: number): void {
    const { intervalMinutes } = this.options;
    const detail = `The reading does not begin on one of the file's ${intervalMinutes}-minute intervals.`;
    this.add(this.field(column), 'off_interval', detail);
  }

  private field(column: number): string {
    return this.options.layout.columns[column];
  }

  private quoted(column: number): string {
    return JSON.stringify(this.line.text(column).slice(0, 60));
  }

  private add(field: string, reason: RejectReason, detail: string): void {
    const { counts, rejectedRowsKept } = this.options;
    counts.rejected++;
    counts.rejectedByReason[reason] = (counts.rejectedByReason[reason] ?? 0) + 1;
    const line = counts.lastLine;
    const { last } = this;
    const ofLine = last?.line === line ? last.ofLine + 1 : 1;
    if (ofLine > MOST_OF_LINE || this.kept >= rejectedRowsKept) return;
    // PostgreSQL's text takes no NUL; the file itself keeps it. One text for all rejects of the line.
    const raw =
      last?.line === line ? last.raw : this.line.raw(RAW_KEPT).toString('utf8').replaceAll('\0', '\ufffd');
    this.last = { line, ofLine, raw };
    this.kept++;
    this.waiting.push({ line, field, reason, detail, raw });
  }
}

const TIME_FORMS = {
  long: 'YYYY-MM-DDTHH:MM with or without an offset',
  wide: 'YYYY-MM-DD',
  month: 'YYYY-MM',
} as const;
