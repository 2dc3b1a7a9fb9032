import type { Declined } from '../format.js';
import { NO_COLUMN, type Columns } from './columns.js';
import type { TableRow } from './csv-rows.js';
import { filled, type TableHead } from './header.js';
import type { CommonLayout, DatesTable } from './layout.js';
import { isMissing, looksNumeric } from './numbers.js';
import type { Preset } from './presets.js';
import { declined } from './question.js';
import type { TableSettings } from './recognise-table.js';
import { slotsOf } from './slots.js';
import { dateOrderOf, looksLikeDate, timeFrom, type DateOrder } from './times.js';
import { numbersOf } from './values.js';
import { oneValue } from './wide-table.js';
import { orderByWords } from './time-columns.js';
import { isRegisterName, isTotalsRow, normalised, roleOf } from './words.js';

const MOST_PREAMBLE = 80;
/** Rows by whose names the intervals of a day are told: 288, and those of an hour more. */
const MOST_NAMES = 300;

/** The header whose columns are dates, and the rows under it; null: another table. */
export function datesHead(rows: readonly TableRow[]): TableHead | null {
  const at = rows.slice(0, MOST_PREAMBLE).findIndex((row, line) => namesDates(row, rows[line + 1]));
  if (at < 0) return null;
  const sample = rows.slice(at + 1).filter((row) => filled(row.cells) > 1);
  return { names: rows[at].cells, preamble: rows.slice(0, at), sample };
}

function namesDates({ cells }: TableRow, next: TableRow | undefined): boolean {
  const dates = cells.flatMap((cell, column) => (looksLikeDate(cell) ? [column] : []));
  if (next === undefined || dates.length < 2) return false;
  if (new Set(dates.map((column) => cells[column])).size < dates.length) return false;
  return (
    dates.length * 2 > filled(cells) - 2 &&
    !next.cells.some(looksLikeDate) &&
    dates.every((column) => {
      const cell = next.cells[column] ?? '';
      return isMissing(cell) || looksNumeric(cell);
    }) &&
    dates.some((column) => looksNumeric(next.cells[column] ?? ''))
  );
}

/** Dates in columns: a row is a meter with the energy of each day, or an interval of the day of one meter. */
export function datesTable(
  head: TableHead,
  columns: Columns,
  common: CommonLayout,
  preset: Preset | null,
  settings: TableSettings,
): DatesTable | Declined | null {
  const named = head.names.flatMap((name, column) => (looksLikeDate(name) ? [{ name, column }] : []));
  const order = orderOf(
    named.map(({ name }) => name),
    head,
  );
  if (order === null)
    return declined(
      'Dates such as 01/02/2025 may be read day first or month first',
      'dates with the year in front (2025-02-01)',
    );
  const days = named.flatMap(({ name, column }) => {
    const time = timeFrom(name, order);
    return time === null || time.hasTime ? [] : [{ column, localMinutes: time.localMinutes }];
  });
  if (days.length < named.length || new Set(days.map((day) => day.localMinutes)).size < days.length)
    return null;
  const found = rowsOf(head, common, settings.options?.label ?? null);
  if (found === 'unclear')
    return declined(
      'The rows of the day are clock times that may be the beginnings of the intervals or their ends',
      'rows that say so',
      'label',
    );
  const cells = days.flatMap(({ column }) => columns.cells(column));
  if (found.slots === null && showRegisters(head, days))
    return declined(
      'The values only grow from date to date, as a register’s do',
      'one reading a row: meter, date, reading',
    );
  const value = oneValue(head, columns, cells, found.intervalMinutes, preset, settings);
  if ('declined' in value) return value;
  return {
    ...common,
    form: 'dates',
    dateOrder: order,
    days,
    ...found,
    value: value.value,
    assumed: [
      ...common.assumed,
      ...value.assumed,
      found.slots === null
        ? 'Each value is the energy of the day that its column names.'
        : 'Each column is a day, each row an interval of it.',
    ],
  };
}

/** By the words above, or because no row ever falls, where use goes up and down. */
function showRegisters({ preamble, sample }: TableHead, days: DatesTable['days']): boolean {
  if (preamble.some(({ cells }) => isRegisterName(cells.join(' ')))) return true;
  let rises = 0;
  for (const { cells } of sample) {
    if (isTotalsRow(normalised(cells[0] ?? ''))) continue;
    const values = numbersOf(
      [...days].sort((a, b) => a.localMinutes - b.localMinutes).map(({ column }) => cells[column] ?? ''),
    );
    for (let at = 1; at < values.length; at++) {
      if (values[at] < values[at - 1]) return false;
      if (values[at] > values[at - 1]) rises++;
    }
  }
  return rises >= 12;
}

function orderOf(names: readonly string[], head: TableHead): DateOrder | null {
  const order = dateOrderOf(names);
  if (order !== null && order !== 'none') return order;
  // Columns stand a day apart, and seldom a month.
  const orders = (['dmy', 'mdy'] as const).filter((each) => {
    const days = names.map((name) => timeFrom(name, each)?.localMinutes ?? NaN);
    return days.slice(1).every((day, at) => Math.abs(day - days[at]) === 1440);
  });
  return orders.length === 1
    ? orders[0]
    : orderByWords([...head.names, ...head.preamble.flatMap(({ cells }) => cells)]);
}

/** The column whose texts are the intervals of a day; without one, rows are whole days. */
function rowsOf(
  { sample, names }: TableHead,
  { pointColumn }: CommonLayout,
  label: 'start' | 'end' | null,
): Pick<DatesTable, 'slots' | 'intervalMinutes'> | 'unclear' {
  for (let column = 0; column < Math.min(4, names.length); column++) {
    if (column === pointColumn || looksLikeDate(names[column])) continue;
    const first = sample[0]?.cells[pointColumn];
    const texts = sample
      .filter(({ cells }) => pointColumn < 0 || cells[pointColumn] === first)
      .map(({ cells }) => cells[column] ?? '')
      .filter((text) => text !== '' && !isTotalsRow(normalised(text)))
      .slice(0, MOST_NAMES);
    // A running number of rows looks like hours: 24 of them are told by their header.
    if (/^(№|n|no|nr|#|№ п п|п п)/.test(normalised(names[column]).replace(/\W(?=п)/g, ' '))) continue;
    if (texts.every((text) => /^\d{1,3}$/.test(text)) && roleOf(names[column]) !== 'hour' && pointColumn >= 0)
      continue;
    const found = slotsOf(texts, label);
    if (found === 'unclear') return 'unclear';
    if (found === null) continue;
    const of = new Map(found.slots.map((slot) => [texts[slot.column], slot.slot]));
    return { slots: { column, of }, intervalMinutes: found.intervalMinutes };
  }
  return { slots: null, intervalMinutes: 1440 };
}

export const NO_TIME = {
  start: NO_COLUMN,
  startTime: NO_COLUMN,
  end: NO_COLUMN,
  endTime: NO_COLUMN,
  range: NO_COLUMN,
  hoursFrom: null,
  isUtc: false,
} as const;
