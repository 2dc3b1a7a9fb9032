import { RefusedError } from '../../config/errors.js';
import { DAILY_MINUTES } from '../../readings/domain/interval.js';

interface CommonLayout {
  /** ASCII code of the delimiter. */
  readonly delimiter: number;
  /** Column names as they stand in the file. */
  readonly columns: readonly string[];
  /** Column of the metering point's (or transformer's) id. */
  readonly idColumn: number;
  /** Columns nobody asked for; named on the receipt. */
  readonly ignoredColumns: readonly string[];
}

export interface LongLayout extends CommonLayout {
  readonly layout: 'long';
  readonly startColumn: number;
  readonly kwhColumn: number;
  /** −1 when the file states no quality. */
  readonly qualityColumn: number;
  /** The column of the start is called a date: each row is a whole day's energy. */
  readonly daily: boolean;
}

export interface WideLayout extends CommonLayout {
  readonly layout: 'wide';
  readonly dateColumn: number;
  readonly intervalMinutes: number;
  /** Per column: the interval of the local day it holds, or −1. */
  readonly slotOfColumn: Int32Array;
}

/** A row a month, a column a day. */
export interface MonthLayout extends CommonLayout {
  readonly layout: 'month';
  readonly monthColumn: number;
  readonly intervalMinutes: typeof DAILY_MINUTES;
  /** Per column: the day of the month it holds, counted from 0, or −1. */
  readonly dayOfColumn: Int32Array;
}

export type ReadingsLayout = LongLayout | WideLayout | MonthLayout;

const DELIMITERS = [';', ',', '\t'];

const NAMES = {
  id: ['metering_point', 'metering_point_id', 'meter_id', 'meter', 'transformer', 'transformer_id'],
  start: ['start', 'start_time', 'timestamp', 'datetime', 'time'],
  kwh: ['kwh', 'energy_kwh', 'consumption_kwh'],
  quality: ['quality'],
  date: ['date', 'day'],
  month: ['month'],
};

const EXPECTED =
  'expected metering_point,start,kwh[,quality] or metering_point,date,h00..h23 (24, 48, 96 or 288 columns), or for ' +
  'daily energies metering_point,date,kwh[,quality] or metering_point,month,d01..d31, ' +
  'separated by comma, semicolon or tab';

/**
 * Recognises the layout from the header line (without its line end).
 * @throws RefusedError naming what was found and what is expected.
 */
export function parseReadingsHeader(line: string): ReadingsLayout {
  const header = line.replace(/^\ufeff/, '');
  if (header.trim() === '') throw new RefusedError(`The first line is empty: ${EXPECTED}.`);
  for (const delimiter of DELIMITERS) {
    const columns = splitHeader(header, delimiter);
    if (columns.length < 3) continue;
    const layout = recognise(columns, delimiter);
    if (layout !== null) return layout;
  }
  throw new RefusedError(whyNot(header));
}

function recognise(columns: string[], delimiter: string): ReadingsLayout | null {
  const names = columns.map((name) => name.toLowerCase());
  const find = (wanted: string[]) => {
    const name = wanted.find((each) => names.includes(each));
    if (name === undefined) return -1;
    if (names.indexOf(name) !== names.lastIndexOf(name))
      throw new RefusedError(`Two columns are called «${name}».`);
    return names.indexOf(name);
  };
  const idColumn = find(NAMES.id);
  if (idColumn < 0) return null;
  const common = { delimiter: delimiter.charCodeAt(0), columns, idColumn };
  const startColumn = find(NAMES.start);
  const kwhColumn = find(NAMES.kwh);
  const long = (startColumn: number, daily: boolean): LongLayout => {
    const qualityColumn = find(NAMES.quality);
    const used = [idColumn, startColumn, kwhColumn, qualityColumn];
    const ignoredColumns = columns.filter((_, column) => !used.includes(column));
    return { ...common, layout: 'long', startColumn, kwhColumn, qualityColumn, daily, ignoredColumns };
  };
  if (startColumn >= 0 && kwhColumn >= 0) return long(startColumn, false);
  const monthColumn = find(NAMES.month);
  const dayOfColumn = daysOf(names);
  if (monthColumn >= 0 && dayOfColumn !== null) {
    const ignoredColumns = columns.filter(
      (_, i) => dayOfColumn[i] < 0 && i !== idColumn && i !== monthColumn,
    );
    return {
      ...common,
      layout: 'month',
      monthColumn,
      intervalMinutes: DAILY_MINUTES,
      dayOfColumn,
      ignoredColumns,
    };
  }
  const dateColumn = find(NAMES.date);
  if (dateColumn < 0) return null;
  const slotOfColumn = slotsOf(names);
  if (slotOfColumn === null) return kwhColumn >= 0 ? long(dateColumn, true) : null;
  const slots = slotOfColumn.reduce((count, slot) => count + (slot >= 0 ? 1 : 0), 0);
  const ignoredColumns = columns.filter((_, i) => slotOfColumn[i] < 0 && i !== idColumn && i !== dateColumn);
  return {
    ...common,
    layout: 'wide',
    dateColumn,
    intervalMinutes: 1440 / slots,
    slotOfColumn,
    ignoredColumns,
  };
}

/**
 * The interval each column holds, or null when the columns are not one whole day. Labels: `h00` or `0` counted from
 * zero, `h1` or `1` counted from one (the first interval of the day either way), or clock times `00:30`, `00:30-01:00`
 * that name the interval's start; where the last is 24:00 and none is 00:00, its end.
 */
function slotsOf(names: string[]): Int32Array | null {
  const clock = names.map((name) => /^(\d{1,2}):(\d{2})(?:\s*[-–]\s*\d{1,2}:\d{2})?$/.exec(name));
  const ordinal = names.map((name) => /^h?(\d{1,3})$/.exec(name));
  const clockColumns = clock.filter((match) => match !== null).length;
  const count = Math.max(clockColumns, ordinal.filter((match) => match !== null).length);
  if (![24, 48, 96, 288].includes(count)) return null;
  const first = Math.min(...ordinal.map((match) => (match ? Number(match[1]) : Infinity)));
  const interval = 1440 / count;
  // `01:00` to `24:00`: no day begins at its end, so these are the ends of intervals.
  const firstClock = names.some((name) => /^24:00$/.test(name)) ? 1 : 0;
  const slots = names.map((_, column) => {
    if (clockColumns === count) {
      const match = clock[column];
      return match ? (Number(match[1]) * 60 + Number(match[2])) / interval - firstClock : -1;
    }
    const match = ordinal[column];
    return match ? Number(match[1]) - first : -1;
  });
  const seen = new Set(slots.filter((slot) => Number.isInteger(slot) && slot >= 0 && slot < count));
  const counted = clockColumns === count || first === 0 || first === 1;
  return seen.size === count && counted ? Int32Array.from(slots) : null;
}

/** The day of the month each column holds, from 0, or null when the columns are not `d01` (or `1`) to `d31`. */
function daysOf(names: string[]): Int32Array | null {
  const days = names.map((name) => Number(/^d?(\d{1,2})$/.exec(name)?.[1] ?? 0) - 1);
  const seen = new Set(days.filter((day) => day >= 0 && day < 31));
  const columns = days.filter((day) => day !== -1);
  return seen.size === 31 && columns.length === 31 ? Int32Array.from(days) : null;
}

function splitHeader(header: string, delimiter: string): string[] {
  return header.split(delimiter).map((name) =>
    name
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim(),
  );
}

function whyNot(header: string): string {
  const shown = JSON.stringify(header.length > 120 ? `${header.slice(0, 120)}…` : header);
  const delimiter = DELIMITERS.reduce((best, d) => (count(header, d) > count(header, best) ? d : best));
  const columns = splitHeader(header, delimiter);
  const names = columns.map((name) => name.toLowerCase());
  if (count(header, '|') >= 2 && count(header, delimiter) < 2) {
    return `The columns are separated by «|», which is not read: ${EXPECTED}. The first line is ${shown}.`;
  }
  if (columns.length < 3) return `The first line ${shown} is not a header of readings: ${EXPECTED}.`;
  if (/^["=]*\d/.test(columns[0]) || columns.some((name) => /^\d{4}-\d{2}-\d{2}/.test(name))) {
    return `The file has no header line (the first line is ${shown}): ${EXPECTED}.`;
  }
  if (!names.some((name) => NAMES.id.includes(name))) {
    return `No column metering_point in the header ${shown}: ${EXPECTED}.`;
  }
  if (names.some((name) => NAMES.date.includes(name))) {
    return `The columns of the day in the header ${shown} are not 24, 48, 96 or 288 whole intervals: ${EXPECTED}.`;
  }
  return `The header ${shown} has no ${names.some((n) => NAMES.start.includes(n)) ? 'kwh' : 'start'} column: ${EXPECTED}.`;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
