import { RefusedError } from '../../../config/errors.js';
import type { UploadOptions } from '../../domain/upload-options.js';
import type { DecodeContext, Format, FoundItem, Head, Recognised, Source } from '../format.js';
import type { TableRow } from '../tables/csv-rows.js';
import type { TableLayout } from '../tables/layout.js';
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
    if (source.file === null)
      return { declined: 'The spreadsheet lies inside an archive: send it by itself.' };
    const book = await Workbook.open(source.file.path);
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
    }
  },

  async *decode(source: Source, context: DecodeContext): AsyncGenerator<FoundItem[]> {
    if (source.file === null)
      throw new RefusedError('The spreadsheet lies inside an archive: send it by itself.');
    const book = await Workbook.open(source.file.path);
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
    }
  },
};

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
  const layout = recogniseTable(head, { zone, options, delimiter: '', sheet: sheet.name });
  if (layout === null) return null;
  return 'declined' in layout ? { kind: 'declined', declined: layout.declined } : { kind: 'table', layout };
}

function ofSheet(
  found: Exclude<SheetLayout, { kind: 'declined' }>,
  sheet: Sheet,
  sheets: number,
): Recognised {
  const dialect = sheets === 1 ? 'XLSX' : `XLSX, sheet «${sheet.name}» and others`;
  return found.kind === 'table' ? described(found.layout, dialect) : describedReport(found.report, dialect);
}
