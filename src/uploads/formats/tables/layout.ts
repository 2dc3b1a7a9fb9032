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
}

interface Common {
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
  readonly assumed: readonly string[];
  /** In which hours are counted through the day of 23 to 25; null: they are read off a clock. */
  readonly countedIn: Zone | null;
}

export interface LongTable extends Common {
  readonly form: 'long';
  readonly label: 'start' | 'end';
  readonly intervalMinutes: number;
  readonly values: readonly ValueColumn[];
  readonly isNewestFirst: boolean;
}

export interface WideTable extends Common {
  readonly form: 'wide';
  readonly intervalMinutes: number;
  readonly slots: readonly SlotColumn[];
  readonly value: ValueColumn;
}

export interface RegisterTable extends Common {
  readonly form: 'registers';
  readonly values: readonly (ValueColumn & { readonly zone: 'total' | 'T1' | 'T2' | 'T3' | 'T4' })[];
}

export type TableLayout = LongTable | WideTable | RegisterTable;
