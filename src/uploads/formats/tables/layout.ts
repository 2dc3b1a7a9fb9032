import type { Zone } from '../../../grid/domain/time-zone.js';
import type { DateOrder } from './times.js';
import type { DecimalMark } from './numbers.js';

export type Channel = 'import' | 'export';

/** A column of values. */
export interface ValueColumn {
  readonly column: number;
  readonly name: string;
  readonly channel: Channel;
  /** Null: the row's own unit column or read type says. */
  readonly unit: { readonly whPerUnit: number; readonly isPower: boolean } | null;
  readonly mark: DecimalMark;
  /** Where columns are meters: which one. */
  readonly point: string | null;
}

/** A column of one interval of the day. */
export interface SlotColumn {
  readonly column: number;
  readonly slot: number;
  /** Of the hour that comes twice, its second time. */
  readonly pass?: 'second';
}

/** Where a row's moment stands; −1: nowhere. */
export interface TimeColumns {
  readonly start: number;
  readonly startTime: number;
  readonly end: number;
  readonly endTime: number;
  /** «2025-10-19 00:00 to 2025-10-19 01:00» */
  readonly range: number;
  /** The hour is a number, counted from 0 or from 1. */
  readonly hoursFrom: 0 | 1 | null;
  /** The header says that times without an offset are UTC. */
  readonly isUtc: boolean;
}

export interface CommonLayout {
  readonly title: string;
  /** Line of the first row of data. */
  readonly dataLine: number;
  readonly names: readonly string[];
  readonly pointColumn: number;
  /** Of all rows, when no column says: from the lines above the table, or the sheet's name; null: from nowhere. */
  readonly point: string | null;
  readonly serialColumn: number;
  readonly qualityColumn: number;
  readonly unitColumn: number;
  readonly registerColumn: number;
  readonly commodityColumn: number;
  readonly intervalColumn: number;
  readonly ratioColumn: number;
  /** Columns of people and addresses: never kept, not even of rejected rows. */
  readonly persons: readonly number[];
  readonly dateOrder: DateOrder;
  readonly time: TimeColumns;
  /** The column whose numbers count seconds or milliseconds since 1970; −1: none. */
  readonly epochColumn: number;
  readonly assumed: readonly string[];
  /** In which hours are counted through the day of 23 to 25; null: they are read off a clock. */
  readonly countedIn: Zone | null;
}

export interface LongTable extends CommonLayout {
  readonly form: 'long';
  readonly label: 'start' | 'end';
  readonly intervalMinutes: number;
  readonly values: readonly ValueColumn[];
  readonly isNewestFirst: boolean;
}

export interface WideTable extends CommonLayout {
  readonly form: 'wide';
  readonly intervalMinutes: number;
  readonly slots: readonly SlotColumn[];
  /** Columns after the 24th hour, filled on the day on which the clock is put back: then hours are counted. */
  readonly extra: readonly number[];
  readonly value: ValueColumn;
}

/** A column a date: a row is a meter (whole days), or an interval of the day. */
export interface DatesTable extends CommonLayout {
  readonly form: 'dates';
  readonly intervalMinutes: number;
  readonly days: readonly { readonly column: number; readonly localMinutes: number }[];
  /** The column of the intervals' names and what they stand for; null: whole days. */
  readonly slots: { readonly column: number; readonly of: ReadonlyMap<string, number> } | null;
  readonly value: ValueColumn;
}

export interface RegisterTable extends CommonLayout {
  readonly form: 'registers';
  readonly values: readonly (ValueColumn & { readonly zone: 'total' | 'T1' | 'T2' | 'T3' | 'T4' })[];
}

export type TableLayout = LongTable | WideTable | DatesTable | RegisterTable;
