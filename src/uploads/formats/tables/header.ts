import type { TableRow } from './csv-rows.js';
import { looksNumeric } from './numbers.js';
import { looksLikeDate } from './times.js';
import { roleOf } from './words.js';

/** Rows looked at for a header; preambles of twenty lines are seen. */
const MOST_PREAMBLE = 80;
const TYPE_WORDS = /^(число|целое число|числовой.*|текст|строка|дата|date|number|text|string|тип)$/i;

/** A table's beginning. */
export interface TableHead {
  readonly names: readonly string[];
  readonly preamble: readonly TableRow[];
  /** Rows of data that were looked at. */
  readonly sample: readonly TableRow[];
}

/** Finds the first rows of data, and the header of one or two rows above them; null when there is no such thing. */
export function tableHead(rows: readonly TableRow[]): TableHead | null {
  const first = rows
    .slice(0, MOST_PREAMBLE)
    .findIndex(
      (row, at) =>
        isData(row) &&
        (isLike(row, rows[at + 1]) || isLike(row, rows[at + 2]) || (at + 2 >= rows.length && at > 0)),
    );
  if (first < 0) return null;
  const above = rows.slice(0, first).filter(({ cells }) => filled(cells) >= 2);
  const width = rows[first].cells.length;
  let header = above.pop();
  if (header === undefined) return null;
  const under = header;
  const isTypes = under.cells.every((cell) => cell === '' || TYPE_WORDS.test(cell.trim()));
  const upper = above[above.length - 1];
  let names: string[] = [...header.cells];
  if (isTypes && upper !== undefined) {
    header = upper;
    names = [...upper.cells];
  } else if (
    upper !== undefined &&
    namesTime(upper.cells) &&
    !namesTime(under.cells) &&
    upper.cells.length + 2 >= width
  ) {
    header = upper;
    names = joined(upper.cells, under.cells);
  }
  const preamble = rows.filter(({ line }) => line < header.line);
  return { names, preamble, sample: rows.slice(first).filter(isData) };
}

/** Rows of one table are about as wide as one another. */
function isLike({ cells }: TableRow, other: TableRow | undefined): boolean {
  return other !== undefined && isData(other) && Math.abs(other.cells.length - cells.length) <= 1;
}

function namesTime(cells: readonly string[]): boolean {
  return cells.some((cell) =>
    ['start', 'end', 'date', 'range', 'hour', 'start-time'].includes(roleOf(cell) ?? ''),
  );
}

/** A merged cell stands in its first column only. */
function joined(upper: readonly string[], under: readonly string[]): string[] {
  let last = '';
  return under.map((cell, column) => {
    if ((upper[column] ?? '') !== '') last = upper[column];
    return cell === '' ? (upper[column] ?? '') : `${last} ${cell}`;
  });
}

export function filled(cells: readonly string[]): number {
  return cells.reduce((count, cell) => count + (cell === '' ? 0 : 1), 0);
}

/** A row that tells of a moment, and has something beside it. */
export function isData({ cells }: TableRow): boolean {
  if (cells.length < 2) return false;
  const dates = cells.filter((cell) => looksLikeDate(cell)).length;
  return (
    dates > 0 &&
    (filled(cells) > dates || cells.length > dates + 1) &&
    cells.some((cell) => looksNumeric(cell) || cell === '' || cell.length < 12)
  );
}

const POINT_LINE =
  /(?:meter(?: number| id| no\.?)?|ean(?:-?code)?|mprn|cups|pod|nmi|esiid|service point|account(?: number| no\.?)?|for|сч[её]тчик|прибор учета|заводской номер|точка учета|№ пу|номер пу)\s*[:№#=;,]+\s*["']?([\p{L}\p{N}][\p{L}\p{N}_\-/.]{2,63})/iu;

/** The metering point that the lines above a table name, by themselves or as a header with its values below. */
export function pointAbove({ preamble }: TableHead): string | null {
  const said = preamble.map(({ cells }) => pointOfLine(cells)).findLast((found) => found !== null);
  if (said !== undefined && said !== null) return said;
  for (const [at, { cells }] of preamble.slice(0, -1).entries()) {
    const column = cells.findIndex((cell) => ['point', 'serial'].includes(roleOf(cell) ?? ''));
    const below = preamble[at + 1].cells;
    const value = below[column] ?? '';
    if (column >= 0 && below.length === cells.length && /^[\w-]*\d[\w-]*$/.test(value)) return value;
  }
  return null;
}

/** The metering point that a line above the table names. */
export function pointOfLine(cells: readonly string[]): string | null {
  return POINT_LINE.exec(cells.filter((cell) => cell !== '').join(': '))?.[1] ?? null;
}
