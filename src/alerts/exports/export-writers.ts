import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import { RefusedError } from '../../config/errors.js';
import type { AlertView } from '../alert-list.js';
import { COLUMNS, type Column } from './domain/columns.js';
import { inertText } from './domain/spreadsheet-text.js';
import { MOST_XLSX_ROWS, workbookBytes } from './workbook.js';

export const EXPORT_FORMATS = ['csv', 'ndjson', 'xlsx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** @throws RefusedError a sheet has no room for so many alerts; told before its first byte */
export function requireRoom(format: ExportFormat, alerts: number): void {
  if (format !== 'xlsx' || alerts <= MOST_XLSX_ROWS) return;
  throw new RefusedError(
    `A sheet holds at most ${MOST_XLSX_ROWS} alerts and these are ${alerts}; narrow them by territory, kind or state, or take csv.`,
  );
}

/** Writes the pages to `output` as they come, and leaves it open. Returns how many alerts there were. */
export async function writeAlerts(
  pages: AsyncIterable<readonly AlertView[]>,
  format: ExportFormat,
  output: Writable,
): Promise<number> {
  let alerts = 0;
  async function* counted(): AsyncGenerator<readonly AlertView[]> {
    for await (const page of pages) {
      alerts += page.length;
      yield page;
    }
  }
  const bytes = format === 'xlsx' ? workbookBytes(counted()) : textOf(format, counted());
  for await (const some of bytes) await write(output, some);
  return alerts;
}

async function* textOf(
  format: 'csv' | 'ndjson',
  pages: AsyncIterable<readonly AlertView[]>,
): AsyncGenerator<string> {
  const { head, rows } = format === 'csv' ? CSV : NDJSON;
  yield head;
  for await (const page of pages) yield rows(page);
}

/** RFC 4180: CRLF ends a record, the first of which names the columns. */
const CSV = {
  head: `${COLUMNS.map(({ name }) => name).join(',')}\r\n`,
  rows: (page: readonly AlertView[]) =>
    stringify(
      page.map((alert) => COLUMNS.map((column) => csvValue(column, alert))),
      { record_delimiter: '\r\n' },
    ),
};

const NDJSON = {
  head: '',
  rows: (page: readonly AlertView[]) => page.map((alert) => `${JSON.stringify(flat(alert))}\n`).join(''),
};

function csvValue({ type, value }: Column, alert: AlertView): string {
  const cell = value(alert);
  if (cell === null) return '';
  return type === 'text' ? inertText(String(cell)) : String(cell);
}

function flat(alert: AlertView): Record<string, unknown> {
  return Object.fromEntries(COLUMNS.map(({ name, value }) => [name, value(alert)]));
}

async function write(output: Writable, bytes: string | Buffer): Promise<void> {
  // A stream that is destroyed drains no more, and says nothing.
  if (output.destroyed) throw output.errored ?? new Error('the receiver went away');
  if (bytes.length > 0 && !output.write(bytes)) await once(output, 'drain');
}
