import { isUtf8 } from 'node:buffer';
import { RefusedError } from '../../config/errors.js';

/** A header whose columns are found by their names, in any order. */
export interface NamedHeader<Column extends string> {
  readonly delimiter: string;
  readonly columns: readonly string[];
  /** Where each column stands, from 0; a column the file doesn't have is missing here. */
  readonly at: ReadonlyMap<Column, number>;
  readonly ignoredColumns: readonly string[];
}

export interface NamedColumns<Column extends string> {
  /** What the file is, for the refusal: `a file of register readings`. */
  readonly what: string;
  /** Each column with the names it goes by. */
  readonly names: Readonly<Record<Column, readonly string[]>>;
  readonly required: readonly Column[];
}

const DELIMITERS = [';', '\t', ','];

/**
 * Recognises the header line (without its line end).
 * @throws RefusedError one sentence that says what is missing.
 */
export function parseNamedHeader<Column extends string>(
  line: Buffer,
  { what, names, required }: NamedColumns<Column>,
): NamedHeader<Column> {
  if (line.includes(0) || !isUtf8(line))
    throw new RefusedError('The header is not UTF-8 (windows-1251? UTF-16?): save the file as CSV UTF-8.');
  const text = line.toString('utf8').replace(/^\ufeff/, '');
  const delimiter = DELIMITERS.find((mark) => text.includes(mark)) ?? ',';
  const columns = text.split(delimiter).map((name) => name.replaceAll('"', '').trim());
  const lower = columns.map((name) => name.toLowerCase());
  const at = new Map<Column, number>();
  for (const column of Object.keys(names) as Column[]) {
    const found = lower.flatMap((name, index) => (names[column].includes(name) ? [index] : []));
    if (found.length > 1) throw new RefusedError(`The header names the column ${column} twice.`);
    if (found.length === 1) at.set(column, found[0]);
  }
  const missing = required.filter((column) => !at.has(column));
  if (missing.length > 0) {
    const expected = (Object.keys(names) as Column[])
      .map((column) => (required.includes(column) ? column : `[${column}]`))
      .join(',');
    throw new RefusedError(`No column ${missing.join(' and ')} in the header: ${what} has ${expected}.`);
  }
  const used = new Set(at.values());
  const ignoredColumns = columns.filter(
    (name, index) => !used.has(index) && name !== '' && !name.startsWith('gridwarden_'),
  );
  return { delimiter, columns, at, ignoredColumns };
}
