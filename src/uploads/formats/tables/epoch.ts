import type { TableRow } from './csv-rows.js';
import { roleOf } from './words.js';

/** Seconds or milliseconds since 1970, of the years 2001 to 2096. */
const EPOCH = /^[1-3]\d{9}(?:\d{3})?$/;
const MOST_PREAMBLE = 80;

/** A column that a header calls a time and that holds large whole numbers; −1: none. */
export function epochColumnOf(rows: readonly TableRow[]): number {
  for (const [at, { cells }] of rows.slice(0, MOST_PREAMBLE).entries()) {
    const below = rows.slice(at + 1, at + 20);
    const column = cells.findIndex(
      (name, place) =>
        (['start', 'end', 'date', 'hour'].includes(roleOf(name) ?? '') || /epoch|unix/i.test(name)) &&
        below.length > 0 &&
        below.every((row) => EPOCH.test(row.cells[place] ?? '')),
    );
    if (column >= 0) return column;
  }
  return -1;
}

/** The row with its number written as an instant. */
export function withoutEpoch(row: TableRow, column: number): TableRow {
  const text = row.cells[column] ?? '';
  if (!EPOCH.test(text)) return row;
  const cells = [...row.cells];
  cells[column] = new Date(Number(text) * (text.length === 10 ? 1000 : 1)).toISOString();
  return { line: row.line, cells };
}
