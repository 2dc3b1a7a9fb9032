import { pipeline } from 'node:stream/promises';
import { Readable, type Writable } from 'node:stream';
import type { Database } from '../database/open-database.js';
import type { Receipt } from './receipt.js';
import { lineBlocks } from './formats/line-blocks.js';
import { packingOf, unpacked } from './formats/unpack.js';
import type { Spool } from './spool.js';

const ROWS_PER_QUERY = 5_000;

interface KeptRow {
  readonly line: number;
  readonly raw: string;
  readonly reasons: string;
  readonly details: string;
}

/**
 * Writes the kept rejected rows in the layout of the file itself, header first, each line with three columns more
 * (line, reasons, details) that an upload passes over, so that the mended file can be sent back as it is.
 */
export async function writeRejects(
  database: Database,
  spool: Spool,
  receipt: Receipt,
  output: Writable,
): Promise<void> {
  await pipeline(Readable.from(rejectLines(database, spool, receipt)), output);
}

async function* rejectLines(database: Database, spool: Spool, receipt: Receipt): AsyncGenerator<string> {
  if (receipt.layout?.recognised !== undefined) {
    yield* placedRejects(database, receipt);
    return;
  }
  const header = await headerLine(spool, receipt.sha256);
  const delimiter = receipt.layout?.delimiter ?? delimiterOf(header);
  const layout = new OriginalLayout(header, delimiter);
  yield `${[layout.header(), 'gridwarden_line', 'gridwarden_reason', 'gridwarden_detail'].join(delimiter)}\r\n`;
  for (let after = 0; ;) {
    const rows: KeptRow[] = await database.dataSource.query(
      `select line, min(raw) as raw, string_agg(distinct reason, ' ') as reasons,
              string_agg(case field when '' then detail else field || ': ' || detail end, ' ' order by field) as details
       from rejected_row where upload_id = $1 and line > $2 group by line order by line limit ${ROWS_PER_QUERY}`,
      [receipt.id, after],
    );
    if (rows.length === 0) return;
    after = Number(rows[rows.length - 1].line);
    yield rows
      .map(
        (row) => `${[layout.fit(row.raw), row.line, row.reasons, quoted(row.details)].join(delimiter)}\r\n`,
      )
      .join('');
  }
}

/** Of a file that is no table of ours: each value or element by its place, as the file itself can't be written line by line. */
async function* placedRejects(database: Database, receipt: Receipt): AsyncGenerator<string> {
  yield 'line,place,reason,detail,raw\r\n';
  for (let after = { line: -1, field: '' }; ;) {
    const rows: { line: string; field: string; reason: string; detail: string; raw: string }[] =
      await database.dataSource.query(
        `select line, field, reason, detail, raw from rejected_row
         where upload_id = $1 and (line, field) > ($2, $3) order by line, field limit ${ROWS_PER_QUERY}`,
        [receipt.id, after.line, after.field],
      );
    if (rows.length === 0) return;
    const last = rows[rows.length - 1];
    after = { line: Number(last.line), field: last.field };
    yield rows
      .map(
        ({ line, field, reason, detail, raw }) =>
          `${line},${[field, reason, detail, raw].map(quoted).join(',')}\r\n`,
      )
      .join('');
  }
}

/**
 * Brings each line to the header's columns, or our three would stand under other names: a line number read as kWh. Columns
 * of ours in a file that was itself made of rejects are left out.
 */
class OriginalLayout {
  private readonly columns: readonly string[];
  private readonly kept: readonly number[];

  constructor(
    header: string,
    private readonly delimiter: string,
  ) {
    this.columns = header.split(delimiter);
    this.kept = this.columns.flatMap((name, column) => (/^"?gridwarden_/.test(name) ? [] : [column]));
  }

  header(): string {
    return this.kept.map((column) => this.columns[column]).join(this.delimiter);
  }

  /** Missing fields are left blank, surplus ones stay together, quoted, in the last column. */
  fit(raw: string): string {
    if (raw.includes('"')) return this.fitQuoted(raw);
    const fields = raw.split(this.delimiter);
    const last = this.columns.length - 1;
    if (fields.length > this.columns.length) fields.push(quoted(fields.splice(last).join(this.delimiter)));
    return this.kept.map((column) => fields[column] ?? '').join(this.delimiter);
  }

  /** A line with quotes is kept as it is when its fields can be counted, else whole in the first column. */
  private fitQuoted(raw: string): string {
    const fields = raw.match(QUOTED_FIELDS[this.delimiter]) ?? [];
    if (fields.length === this.columns.length && this.kept.length === this.columns.length) return raw;
    return [quoted(raw), ...this.kept.slice(1).map(() => '')].join(this.delimiter);
  }
}

/** Fields of a line, quoted or plain. */
const QUOTED_FIELDS: Readonly<Record<string, RegExp>> = {
  ',': /(?<=^|,)(?: *=?"(?:[^"]|"")*"[^,]*|[^,"]*)(?=,|$)/g,
  ';': /(?<=^|;)(?: *=?"(?:[^"]|"")*"[^;]*|[^;"]*)(?=;|$)/g,
  '\t': /(?<=^|\t)(?: *=?"(?:[^"]|"")*"[^\t]*|[^\t"]*)(?=\t|$)/g,
};

async function headerLine(spool: Spool, sha256: string): Promise<string> {
  const path = spool.path(sha256);
  for await (const block of lineBlocks(unpacked(path, await packingOf(path)), 0)) {
    const bytes = block.kind === 'lines' ? block.bytes : block.head;
    return bytes
      .toString('utf8')
      .split(/\r?\n/, 1)[0]
      .replace(/^\ufeff/, '');
  }
  return '';
}

function delimiterOf(header: string): string {
  return [';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',';
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
