import { RefusedError } from '../../../config/errors.js';
import type { UploadOptions } from '../../domain/upload-options.js';
import { asFile, type OpenFile } from '../as-file.js';
import type { DecodeContext, Format, FoundItem, Head, Recognised, Source } from '../format.js';
import type { TableRow } from '../tables/csv-rows.js';
import type { TableLayout } from '../tables/layout.js';
import { LaterRows } from '../tables/later-rows.js';
import { recogniseTable } from '../tables/recognise-table.js';
import { described } from '../tables/table.format.js';
import { TableDecoder } from '../tables/table-decoder.js';
import {
  describedReport,
  registerReport,
  ReportDecoder,
  type RegisterReport,
} from '../tables/register-report.js';
import { Workbook, type Sheet } from './workbook.js';

/** Rows by which a sheet's layout is told. */
const HEAD_ROWS = 400;

type SheetLayout =
  | { readonly kind: 'table'; readonly layout: TableLayout }
  | { readonly kind: 'report'; readonly report: RegisterReport }
  | { readonly kind: 'declined'; readonly declined: string };

/** Spreadsheets: the tables that also come as CSV, and the register reports of «Пирамида 2.0». */
export const XLSX: Format = {
  name: 'xlsx',
  title: { ru: 'Таблица показаний или ведомость (XLSX)', en: 'Table of readings or register report (XLSX)' },

  async recognise({ container }: Head, source: Source, options?: UploadOptions): Promise<Recognised | null> {
    if (container !== 'workbook') return null;
    const file = await asFile(source);
    const book = await openBook(file);
    try {
      let refusal: string | null = null;
      for (const sheet of book.sheets) {
        const found = await layoutOf(book, sheet, { zone: null, options });
        if (found === null) continue;
        if (found.kind === 'declined') refusal ??= `Sheet «${sheet.name}»: ${found.declined}`;
        else return ofSheet(found, sheet, book.sheets.length);
      }
      return refusal === null ? null : { declined: refusal };
    } finally {
      book.close();
      await file.close();
    }
  },

  async *decode(source: Source, context: DecodeContext): AsyncGenerator<FoundItem[]> {
    const file = await asFile(source);
    const book = await openBook(file);
    try {
      let read = 0;
      for (const [at, sheet] of book.sheets.entries()) {
        const found = await layoutOf(book, sheet, context);
        if (found === null || found.kind === 'declined') {
          const why = found === null ? 'it is no table of readings' : found.declined;
          yield [
            { kind: 'assumed', sentence: `Sheet «${sheet.name}» is passed over: ${why}.`.replace('..', '.') },
          ];
          continue;
        }
        read++;
        const path = book.sheets.length === 1 ? '' : `sheet ${at + 1}`;
        const decoder =
          found.kind === 'table'
            ? new TableDecoder(found.layout, path, context.options)
            : new ReportDecoder(found.report, path);
        for await (const rows of book.rows(sheet)) {
          for (const row of rows) decoder.row(row);
          yield decoder.takeFound(false);
        }
        yield decoder.takeFound(true);
      }
      if (read === 0) throw new RefusedError('None of the spreadsheet’s sheets is a table of readings.');
    } finally {
      book.close();
      await file.close();
    }
  },
};

async function openBook(file: OpenFile): Promise<Workbook> {
  try {
    return await Workbook.open(file.path);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function layoutOf(
  book: Workbook,
  sheet: Sheet,
  { zone, options }: Pick<DecodeContext, 'zone' | 'options'>,
): Promise<SheetLayout | null> {
  const rows: TableRow[] = [];
  for await (const some of book.rows(sheet)) {
    for (const row of some) rows.push(row);
    if (rows.length >= HEAD_ROWS) break;
  }
  const head = rows.slice(0, HEAD_ROWS);
  const report = registerReport(head);
  if (report !== null) return { kind: 'report', report };
  const settings = { zone, options, delimiter: '', sheet: sheet.name };
  const layout =
    recogniseTable(head, settings) ?? recogniseTable(await withLater(head, book, sheet), settings);
  if (layout === null) return null;
  return 'declined' in layout ? { kind: 'declined', declined: layout.declined } : { kind: 'table', layout };
}

/** The rows of the head, and those that follow of the meter in its last one. */
async function withLater(
  head: readonly TableRow[],
  book: Workbook,
  sheet: Sheet,
): Promise<readonly TableRow[]> {
  const later = new LaterRows(head);
  if (later.isDone) return head;
  for await (const rows of book.rows(sheet)) {
    for (const row of rows) later.take(row);
    if (later.isDone) break;
  }
  return [...head, ...later.found];
}

function ofSheet(
  found: Exclude<SheetLayout, { kind: 'declined' }>,
  sheet: Sheet,
  sheets: number,
): Recognised {
  const dialect = sheets === 1 ? 'XLSX' : `XLSX, sheet «${sheet.name}» and others`;
  return found.kind === 'table' ? described(found.layout, dialect) : describedReport(found.report, dialect);
}
