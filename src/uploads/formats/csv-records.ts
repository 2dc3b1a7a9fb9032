import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { RefusedError } from '../../config/errors.js';
import type { RejectedRow, RejectReason } from '../domain/rejected-row.js';
import { lineBlocks, MAX_LINE_BYTES } from './line-blocks.js';

/** A record as it stands in the file: one line, or several when a quoted value holds line ends. */
interface RawRecord {
  readonly line: number;
  readonly text: string;
}

export interface CsvRecord extends RawRecord {
  /** Without the blanks around them. */
  readonly cells: readonly string[];
}

/** What a stretch of the file holds: at most {@link BATCH_RECORDS} records, whole or rejected. */
export interface CsvBatch<Header> {
  readonly header: Header;
  readonly records: CsvRecord[];
  readonly rejected: RejectedRow[];
  /** Number of the line read last; the header is line 1. */
  readonly lastLine: number;
}

const BATCH_RECORDS = 10_000;
/** A quoted value with line ends in it; more lines than this is a quotation mark that nobody closed. */
const MAX_LINES_OF_RECORD = 20;
const KEPT_OF_RAW = 4_000;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a file into records, after a header that `parseHeader` recognises (its line, without the line end). At least one
 * batch is yielded, also of a header alone; memory is bounded by a batch, whatever the file holds.
 *
 * Lines are cut and checked here and only whole records are given to csv-parse: a NUL byte, a broken character, a line
 * without end or an unclosed quotation mark then costs its own line and not the rest of the file.
 * @throws RefusedError the file is empty or its first line too long; and what `parseHeader` throws.
 */
export async function* csvBatches<Header extends { readonly delimiter: string }>(
  input: AsyncIterable<Buffer>,
  parseHeader: (line: Buffer) => Header,
): AsyncGenerator<CsvBatch<Header>> {
  let reader: CsvReader<Header> | null = null;
  for await (const block of lineBlocks(input, 0)) {
    if (block.kind === 'long-line') {
      if (reader === null)
        throw new RefusedError(`The first line has more than ${MAX_LINE_BYTES} bytes: it is no header.`);
      reader.takeLongLine(block.head);
    } else {
      const { bytes } = block;
      for (let start = 0, end: number; start < bytes.length; start = end + 1) {
        end = bytes.indexOf(LF, start);
        const line = bytes.subarray(start, end > start && bytes[end - 1] === CR ? end - 1 : end);
        if (reader === null) reader = new CsvReader(parseHeader(line));
        else reader.takeLine(line, block.clean);
        if (reader.isFull()) yield reader.batch();
      }
    }
  }
  if (reader === null) throw new RefusedError('The file is empty: it should begin with a header line.');
  reader.finish();
  yield reader.batch();
}

class CsvReader<Header extends { readonly delimiter: string }> {
  /** Number of the line read last; the header is line 1. */
  private line = 1;
  private records: RawRecord[] = [];
  private rejected: RejectedRow[] = [];
  /** Lines of a record whose quoted value is still open. */
  private open: RawRecord[] = [];

  constructor(private readonly header: Header) {}

  isFull(): boolean {
    return this.records.length + this.rejected.length >= BATCH_RECORDS;
  }

  takeLine(bytes: Buffer, clean: boolean): void {
    this.line++;
    if (clean || (isUtf8(bytes) && !bytes.includes(0))) {
      this.takeText({ line: this.line, text: bytes.toString('utf8') });
      return;
    }
    this.finish();
    const raw = bytes.toString('utf8').replaceAll('\0', '\ufffd');
    if (bytes.includes(0))
      this.reject(this.line, raw, 'nul_byte', 'The line holds a NUL byte; export the file again.');
    else this.reject(this.line, raw, 'bad_utf8', 'The line is not UTF-8; save the file as CSV UTF-8.');
  }

  takeLongLine(head: Buffer): void {
    this.line++;
    this.finish();
    const raw = head.toString('utf8').replaceAll('\0', '\ufffd');
    this.reject(this.line, raw, 'line_too_long', `The line has more than ${MAX_LINE_BYTES} bytes.`);
  }

  /** The file ends, or a line that can't be read cuts off what is open. */
  finish(): void {
    while (this.open.length > 0) this.giveUpOpen();
  }

  /** What has been taken since the last batch. */
  batch(): CsvBatch<Header> {
    const records: CsvRecord[] = [];
    const cellsOf = this.parseAll(this.records);
    this.records.forEach((record, at) => {
      const cells = cellsOf[at];
      if (cells !== null) records.push({ ...record, cells });
      else
        this.reject(
          record.line,
          record.text,
          'wrong_columns',
          'The quotation marks of the line do not match up.',
        );
    });
    const { header, rejected, line } = this;
    this.records = [];
    this.rejected = [];
    return { header, records, rejected, lastLine: line };
  }

  private takeText(line: RawRecord): void {
    const quoting = quotingAtEnd(line.text, this.header.delimiter, this.open.length > 0);
    if (quoting === 'open') {
      this.open.push(line);
      if (this.open.length >= MAX_LINES_OF_RECORD) this.giveUpOpen();
    } else if (quoting === 'broken' && this.open.length > 0) {
      this.open.push(line);
      this.giveUpOpen();
    } else if (quoting === 'broken') {
      this.reject(
        line.line,
        line.text,
        'wrong_columns',
        'Text follows a closing quotation mark in the line.',
      );
    } else if (this.open.length > 0) {
      const text = [...this.open, line].map((part) => part.text).join('\n');
      this.records.push({ line: this.open[0].line, text });
      this.open = [];
    } else if (line.text.trim() !== '') {
      this.records.push(line);
    }
  }

  /** The quotation mark on the first open line is closed nowhere: that line is rejected, the others stand by themselves. */
  private giveUpOpen(): void {
    const [first, ...rest] = this.open;
    if (first === undefined) return;
    this.open = [];
    this.reject(
      first.line,
      first.text,
      'wrong_columns',
      'A quotation mark opens in the line and is never closed.',
    );
    for (const line of rest) this.takeText(line);
  }

  /** The cells of each record, null where csv-parse can't make sense of its quotation marks. */
  private parseAll(records: readonly RawRecord[]): (string[] | null)[] {
    const options = {
      delimiter: this.header.delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      relax_quotes: true,
      trim: true,
    };
    const parseText = (text: string): string[][] => {
      try {
        return parse(text, options);
      } catch {
        return [];
      }
    };
    const together = parseText(records.map(({ text }) => text).join('\n'));
    if (together.length === records.length) return together;
    return records.map(({ text }) => {
      const alone = parseText(text);
      return alone.length === 1 ? alone[0] : null;
    });
  }

  private reject(line: number, raw: string, reason: RejectReason, detail: string): void {
    this.rejected.push({ line, field: '', reason, detail, raw: keptOfRaw(raw) });
  }
}

/** What is kept of a rejected record's text. */
export function keptOfRaw(text: string): string {
  return text.slice(0, KEPT_OF_RAW);
}

/**
 * Where a line leaves the quoting. A quotation mark opens a quoted value only where the value begins (`5" pipe` is not
 * quoted), two of them stand for one, and the closing one ends the value: anything else is `broken`, so that a mark left
 * open earlier is not closed by the next value's opening one.
 */
function quotingAtEnd(text: string, delimiter: string, startsOpen: boolean): 'open' | 'closed' | 'broken' {
  if (!text.includes('"')) return startsOpen ? 'open' : 'closed';
  let open = startsOpen;
  let valueBegins = true;
  for (let at = 0; at < text.length; at++) {
    if (open) {
      if (text[at] !== '"') continue;
      if (text[at + 1] === '"') at++;
      else {
        open = false;
        while (text[at + 1] === ' ') at++;
        if (at + 1 < text.length && text[at + 1] !== delimiter) return 'broken';
      }
    } else if (text[at] === delimiter) valueBegins = true;
    else if (text[at] === '"' && valueBegins) open = true;
    else if (text[at] !== ' ') valueBegins = false;
  }
  return open ? 'open' : 'closed';
}
