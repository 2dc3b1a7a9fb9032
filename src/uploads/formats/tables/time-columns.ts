import { NO_COLUMN, type Columns } from './columns.js';
import type { TimeColumns } from './layout.js';
import { timeFrom, type DateOrder } from './times.js';
import { normalised, saysUtc } from './words.js';

export function timeColumns(columns: Columns, names: readonly string[]): TimeColumns {
  const range = columns.ranges();
  let start = columns.dated('start');
  // «Start Time» may hold the date as well.
  if (start < 0) start = columns.dated('start-time');
  let startTime = NO_COLUMN;
  if (start < 0) {
    start = columns.dated('date');
    startTime = columns.find('start-time') >= 0 ? columns.find('start-time') : columns.find('hour');
    if (startTime < 0 && start >= 0) startTime = columns.clockColumn('start');
  }
  const endDate = columns.dated('end-date');
  const end = endDate >= 0 ? endDate : columns.dated('end');
  const endTime = endDate >= 0 ? columns.find('end-time') : NO_COLUMN;
  if (start < 0 && end < 0 && range < 0) {
    start = columns.dated('hour') >= 0 ? columns.dated('hour') : columns.firstDated();
    if (startTime === start) startTime = NO_COLUMN;
  }
  if (start >= 0 && startTime < 0 && end < 0 && columns.isDateOnly(start))
    startTime = columns.clockByContent([start, end, endTime, range, columns.find('end-time')]);
  const hours = startTime < 0 ? [] : columns.cells(startTime).filter((cell) => cell !== '');
  const isCounted = hours.length > 0 && hours.every((cell) => /^\d{1,2}$/.test(cell));
  const hoursFrom = isCounted ? (hours.some((cell) => Number(cell) === 0) ? 0 : 1) : null;
  const isUtc = [start, end, range].some((column) => column >= 0 && saysUtc(names[column]));
  return { range, start, startTime, end, endTime, hoursFrom, isUtc };
}

/** Day first where a header is of a language that writes so; English says nothing (4 July or 7 April). */
export function orderByWords(names: readonly string[]): 'dmy' | null {
  const plain = names.map(normalised).join(' ');
  return /[а-я]|fecha|giorno|datum|dato|\bfra\b|heure|volume eenheid|uhrzeit|mprn/.test(plain) ? 'dmy' : null;
}

/**
 * Of dates such as 02/01/2025: the order in which those that follow one another are a day apart, where each has several
 * rows. (The first of each month, one row each, would be days in a row in the other order.)
 */
export function orderBySteps(cells: readonly string[]): DateOrder | null {
  const runs: { readonly text: string; rows: number }[] = [];
  for (const cell of cells) {
    const text = cell.split(/[\sT]/)[0];
    const last = runs[runs.length - 1];
    if (last?.text === text) last.rows++;
    else runs.push({ text, rows: 1 });
  }
  const inner = runs.slice(1, -1);
  if (runs.length < 2 || runs[0].rows < 2 || inner.some(({ rows }) => rows < 4)) return null;
  const orders = (['dmy', 'mdy'] as const).filter((order) => {
    const days = runs.map(({ text }) => timeFrom(text, order)?.localMinutes ?? NaN);
    const steps = days.slice(1).map((day, at) => Math.abs(day - days[at]));
    return steps.every((step) => step === 1440);
  });
  return orders.length === 1 ? orders[0] : null;
}
