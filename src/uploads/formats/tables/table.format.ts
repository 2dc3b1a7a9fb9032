import { RefusedError } from '../../../config/errors.js';
import type { UploadOptions } from '../../domain/upload-options.js';
import type { Declined, DecodeContext, Format, FoundItem, Head, Recognised, Source } from '../format.js';
import { HEAD_BYTES } from '../format.js';
import { CsvRows, delimiterOf, type Delimiter, type TableRow } from './csv-rows.js';
import { LaterRows } from './later-rows.js';
import type { TableLayout } from './layout.js';
import { recogniseTable } from './recognise-table.js';
import { describedReport, registerReport, ReportDecoder, type RegisterReport } from './register-report.js';
import { TableDecoder } from './table-decoder.js';
import { encodingOf, textOf, withLineFeeds, type Encoding } from './text.js';

const BATCH_ROWS = 2_000;
/** Of a table in time order, two million meters' rows of one moment and the next. */
const MOST_LATER_CHARS = 200 << 20;

/** Tables of readings as utilities and their customers export them, in any dialect of CSV. */
export const TABLE: Format = {
  name: 'table-csv',
  title: { ru: 'Таблица показаний (CSV, TSV)', en: 'Table of readings (CSV, TSV)' },

  async recognise(
    { bytes, container }: Head,
    source: Source,
    options?: UploadOptions,
  ): Promise<Recognised | null> {
    if (container !== 'plain') return null;
    const found = await look(bytes, source, { zone: null, options });
    if (found === null) return null;
    const dialect = `${found.encoding}, ${nameOf(found.delimiter)}`;
    if ('declined' in found.layout) return found.layout;
    return 'form' in found.layout ? described(found.layout, dialect) : describedReport(found.layout, dialect);
  },

  async *decode(source: Source, context: DecodeContext): AsyncGenerator<FoundItem[]> {
    const head = await headOf(source);
    const found = await look(head, source, context);
    if (found === null)
      throw new RefusedError('The file is no table of readings: no header with a time and values was found.');
    const { layout, encoding, delimiter } = found;
    if ('declined' in layout) throw new RefusedError(layout.declined);
    const rows = new CsvRows(delimiter);
    const decoder =
      'form' in layout ? new TableDecoder(layout, '', context.options) : new ReportDecoder(layout);
    for await (const text of textOf(source.chunks(), encoding)) {
      const taken = rows.take(text);
      for (let at = 0; at < taken.length; at += BATCH_ROWS) {
        for (const row of taken.slice(at, at + BATCH_ROWS)) decoder.row(row);
        yield decoder.takeFound(false);
      }
    }
    for (const row of rows.end()) decoder.row(row);
    yield decoder.takeFound(true);
  },
};

/** What a layout is, in the receipt's words. */
export function described(layout: TableLayout, dialect: string): Recognised {
  const forms = {
    long: (minutes: number) => `one reading a line, every ${minutes} minutes`,
    wide: (minutes: number) => `one day a line, ${1440 / minutes} intervals`,
    dates: (minutes: number) =>
      minutes === 1440 ? 'a meter a line, a date a column' : `a date a column, every ${minutes} minutes`,
    registers: () => 'readings of cumulative registers',
  };
  const form = layout.form === 'registers' ? forms.registers() : forms[layout.form](layout.intervalMinutes);
  const title = layout.title === '' ? 'A table of readings' : layout.title;
  const unnamed = layout.pointColumn < 0 && layout.point === null && !namesMeters(layout);
  return {
    kind: layout.form === 'registers' ? 'registers' : 'readings',
    recognised: `${title}: ${form} (${dialect}).`,
    assumed: [
      ...layout.assumed,
      ...(unnamed
        ? [
            'The file names no metering point: say it with the upload (point=123), or above the table («Meter: 123»).',
          ]
        : []),
    ],
  };
}

function namesMeters(layout: TableLayout): boolean {
  return layout.form === 'long' && layout.values.every(({ point }) => point !== null);
}

async function look(
  head: Buffer,
  source: Source,
  { zone, options }: Pick<DecodeContext, 'zone' | 'options'>,
): Promise<{
  layout: TableLayout | RegisterReport | Declined;
  encoding: Encoding;
  delimiter: Delimiter;
} | null> {
  const encoding = encodingOf(head);
  const text = withLineFeeds(new TextDecoder(encoding).decode(head));
  // A binary file makes tables of anything.
  if (text.includes('\0') || /^\s*[<{[]/.test(text)) return null;
  const whole = head.length < HEAD_BYTES ? text : text.slice(0, text.lastIndexOf('\n') + 1);
  const delimiter = delimiterOf(whole);
  if (delimiter === null) return null;
  const reader = new CsvRows(delimiter);
  const rows: TableRow[] = [...reader.take(whole), ...reader.end()];
  const settings = { zone, options, delimiter };
  const layout =
    recogniseTable(rows, settings) ??
    registerReport(rows) ??
    recogniseTable(await withLater(rows, source, encoding, delimiter), settings);
  return layout === null ? null : { layout, encoding, delimiter };
}

/** The rows of the head, and those that follow of the meter in its last one. */
async function withLater(
  rows: readonly TableRow[],
  source: Source,
  encoding: Encoding,
  delimiter: Delimiter,
): Promise<readonly TableRow[]> {
  const later = new LaterRows(rows);
  let chars = 0;
  let rest = '';
  let line = rows.at(-1)?.line ?? 0;
  if (later.isDone) return rows;
  for await (const text of textOf(source.chunks(), encoding)) {
    // Behind the head; where a row begins in it does not matter.
    const piece = chars < HEAD_BYTES ? text.slice(HEAD_BYTES) : rest + text;
    chars += text.length;
    const end = piece.lastIndexOf('\n') + 1;
    rest = piece.slice(end);
    for (const found of linesWith(piece.slice(0, end), later.texts)) {
      const [row] = [...new CsvRows(delimiter).take(`${found}\n`)];
      if (row !== undefined) later.take({ line: ++line, cells: row.cells });
    }
    if (later.isDone || chars > MOST_LATER_CHARS) break;
  }
  return [...rows, ...later.found];
}

function* linesWith(text: string, words: readonly string[]): Generator<string> {
  for (const word of words)
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      const end = text.indexOf('\n', at);
      yield text.slice(text.lastIndexOf('\n', at) + 1, end);
      at = end;
    }
}

async function headOf(source: Source): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source.chunks()) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= HEAD_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES);
}

function nameOf(delimiter: Delimiter): string {
  return delimiter === '\t' ? 'tabs' : `«${delimiter}»`;
}
