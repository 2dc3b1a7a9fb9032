import type { ClientBase } from 'pg';
import { copyIn, copyOut } from '../database/copy-binary.js';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import { idsCondition, type Ids } from './ids.js';
import { monthSpans } from './month-spans.js';

/*
 * A month that is over hardly ever changes, and yet every run reads it again, day by day. So its days are also kept in one
 * row (`load_profile_month`), made by the run that first needs them: 90 days of a point come in 3 rows instead of 90, which
 * is the larger half of what scoring costs, and 400 days in 13 and the open month's. The table is derived and unlogged:
 * after a crash it is empty and filled again. Whatever changes readings marks them, and a run takes away the rows of the
 * marked months before it reads any (see {@link forgetMarkedMonths}): a row in the table says what is stored.
 */

/** A month that is over within a window; all of its days that are stored lie in the window. */
export interface ClosedMonth {
  readonly month: DayNumber;
  readonly days: number;
}

export function closedMonths(
  firstDay: DayNumber,
  endDay: DayNumber,
  isWholeHistory: boolean,
): readonly ClosedMonth[] {
  return monthSpans(firstDay, endDay, isWholeHistory).filter(({ month, days }) => month + days <= endDay);
}

/** Bytes of an hourly day's energies; with its floor; with its scale besides. */
const DAY_BYTES = 48;
const FLOOR_END = DAY_BYTES + 2;
const KEPT_DAY_BYTES = FLOOR_END + 1;
/** In the place of a day's scale: nothing is stored of the day. */
export const NO_DAY = 0xff;
const MOST_MONTH_BYTES = 31 * KEPT_DAY_BYTES;

/**
 * A month's row, unpacked: 24 energies a day, then each day's floor (its third-lowest energy: to find it takes longer than all
 * else that is done to a day), then its scale ({@link NO_DAY}: nothing is stored of the day).
 */
export interface KeptMonth {
  readonly days: number;
  readonly units: Uint16Array;
  readonly floors: Uint16Array;
  readonly scales: Uint8Array;
}

/** Reads the kept months of `ids`; also of a month without readings `onMonth` is told, with no days. Valid during the call. */
export async function readMonths(
  client: ClientBase,
  ids: Ids,
  months: readonly ClosedMonth[],
  onMonth: (id: number, month: DayNumber, kept: KeptMonth) => void,
): Promise<void> {
  if (months.length === 0 || ids.length === 0) return;
  const query = `
    select metering_point_id, month, energy from load_profile_month
    where ${idsCondition(ids)} and month between '${isoFromDay(months[0].month)}' and '${isoFromDay(months.at(-1)!.month)}'`;
  const packed = new Uint8Array(MOST_MONTH_BYTES + 1);
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 3, (row) => {
    const start = row.starts[2];
    const days = row.lengths[2] / KEPT_DAY_BYTES;
    // Where the row lies in the bytes from the socket is as it comes; 16-bit numbers want an even place.
    row.buffer.copy(packed, 0, start, start + row.lengths[2]);
    onMonth(row.int4(0), row.date(1), {
      days,
      units: new Uint16Array(packed.buffer, 0, days * 24),
      floors: new Uint16Array(packed.buffer, days * DAY_BYTES, days),
      scales: packed.subarray(days * FLOOR_END, days * KEPT_DAY_BYTES),
    });
  });
}

/**
 * Collects the days of months that are not kept yet, as they are read, for {@link keepMonths}. A layout other than hourly
 * stays in day rows.
 */
export class MonthCollector {
  private bytes: Uint8Array = new Uint8Array(0);
  /** By slot and month: what is to be done with it. */
  private states: Uint8Array = new Uint8Array(0);
  ids: Ids = [];

  constructor(readonly months: readonly ClosedMonth[]) {}

  /** Nothing is known of these points' months. */
  reset(ids: Ids): void {
    this.ids = ids;
    const cells = ids.length * this.months.length;
    if (this.states.length < cells) this.states = new Uint8Array(cells);
    this.states.fill(MISSING, 0, cells);
  }

  /** The month is kept already. */
  markKept(slot: number, month: DayNumber): void {
    this.setState(slot, month, KEPT);
  }

  /** Points whose month is not kept, ascending; `month` is an index. */
  missing(month: number): Ids {
    let count = 0;
    for (let slot = 0; slot < this.ids.length; slot++) if (this.state(slot, month) === MISSING) count++;
    if (count === this.ids.length || count === 0) return count === 0 ? [] : this.ids;
    return Array.from(this.ids).filter((_, slot) => this.state(slot, month) === MISSING);
  }

  /** An hourly day: its 48 bytes begin at `source[start]`, `floor` is the third-lowest of them, in units of the scale. */
  add(slot: number, day: DayNumber, scale: number, floor: number, source: Uint8Array, start: number): void {
    const index = this.openMonth(slot, day);
    if (index < 0) return;
    const cell = slot * this.months.length + index;
    const { month, days } = this.months[index];
    const from = this.begin(cell, days);
    const place = day - month;
    this.bytes.set(source.subarray(start, start + DAY_BYTES), from + place * DAY_BYTES);
    this.bytes[from + days * DAY_BYTES + place * 2] = floor;
    this.bytes[from + days * DAY_BYTES + place * 2 + 1] = floor >> 8;
    this.bytes[from + days * FLOOR_END + place] = scale;
  }

  /** A day of intervals other than an hour: its month stays in day rows. */
  pass(slot: number, day: DayNumber): void {
    const index = this.openMonth(slot, day);
    if (index >= 0) this.states[slot * this.months.length + index] = UNFIT;
  }

  /** Rows to write: id, month, bytes (none: nothing is stored of the month). */
  *rows(): Generator<readonly [id: number, month: DayNumber, bytes: Uint8Array]> {
    for (let slot = 0; slot < this.ids.length; slot++) {
      for (let index = 0; index < this.months.length; index++) {
        const cell = slot * this.months.length + index;
        const state = this.states[cell];
        if (state === KEPT || state === UNFIT) continue;
        const { month, days } = this.months[index];
        const length = state === MISSING ? 0 : days * KEPT_DAY_BYTES;
        const from = cell * MOST_MONTH_BYTES;
        yield [this.ids[slot], month, this.bytes.subarray(from, from + length)];
      }
    }
  }

  /** Where the cell's bytes begin; emptied when it is the first day of its month. */
  private begin(cell: number, days: number): number {
    const from = cell * MOST_MONTH_BYTES;
    if (this.states[cell] === COLLECTED) return from;
    const needed = this.states.length * MOST_MONTH_BYTES;
    if (this.bytes.length < needed) this.bytes = grown(this.bytes, needed);
    // A missing interval (65535) and a missing day are all ones alike.
    this.bytes.fill(NO_DAY, from, from + days * KEPT_DAY_BYTES);
    this.states[cell] = COLLECTED;
    return from;
  }

  private state(slot: number, month: number): number {
    return this.states[slot * this.months.length + month];
  }

  private setState(slot: number, month: DayNumber, state: number): void {
    const index = this.months.findIndex((closed) => closed.month === month);
    if (index >= 0) this.states[slot * this.months.length + index] = state;
  }

  /** Index of the day's month where it may still be collected, else −1. */
  private openMonth(slot: number, day: DayNumber): number {
    const index = this.indexOf(day);
    if (index < 0) return -1;
    const state = this.state(slot, index);
    return state === KEPT || state === UNFIT ? -1 : index;
  }

  private indexOf(day: DayNumber): number {
    const { months } = this;
    for (let index = months.length - 1; index >= 0 && day < months[index].month + months[index].days; index--)
      if (day >= months[index].month) return index;
    return -1;
  }
}

/** Not kept, and no day of it was read. */
const MISSING = 0;
const KEPT = 1;
/** Not kept, and hourly days were read. */
const COLLECTED = 2;
/** Other than hourly. */
const UNFIT = 3;

function grown(bytes: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

/** Writes what was collected; months that no window reaches any more are dropped on the way, once a month. */
export async function keepMonths(client: ClientBase, collector: MonthCollector): Promise<void> {
  const rows = collector.rows();
  let row = rows.next();
  if (row.done) return;
  const sql = 'copy load_profile_month (metering_point_id, month, energy) from stdin (format binary)';
  await copyIn(client, sql, (encoder) => {
    if (row.done) return false;
    const [id, month, bytes] = row.value;
    encoder.row(3);
    encoder.int4(id);
    encoder.date(month);
    encoder.bytes(bytes);
    row = rows.next();
    return true;
  });
  await client.query(
    `delete from load_profile_month where ${idsCondition(collector.ids)} and month < '${isoFromDay(collector.months[0].month)}'`,
  );
}

/** Takes away the kept months that {@link readMarks}' marks touch; before any profile is read. */
export async function forgetMarkedMonths(client: ClientBase, months: readonly ClosedMonth[]): Promise<void> {
  const last = months.at(-1);
  if (last === undefined) return;
  await client.query(
    `delete from load_profile_month c using scoring_mark_read m
     where m.first_day < '${isoFromDay(last.month + last.days)}'::date and c.metering_point_id = m.metering_point_id
       and c.month between date_trunc('month', m.first_day)::date and m.last_day`,
  );
}
