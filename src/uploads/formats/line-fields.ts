const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const SPACE = 0x20;

/** The fields of one line, found without copying it; reused from line to line. */
export class LineFields {
  /** Where each field begins and ends in {@link source}; one more than the header has, for a trailing delimiter. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** The block the line lies in, or the unquoted copy of a line with quotes. */
  source: Buffer = Buffer.alloc(0);
  /** How many fields the line has; only as many positions are kept as the header has columns, and one. */
  fields = 0;
  /** Bytes of the line without its line end. */
  length = 0;

  private block: Buffer = Buffer.alloc(0);
  private start = 0;

  constructor(
    private readonly columns: number,
    private readonly delimiter: number,
  ) {
    this.starts = new Int32Array(columns + 1);
    this.ends = new Int32Array(columns + 1);
  }

  /** Finds the fields of the line at `at`; returns where the next line begins. Every block ends with a line feed. */
  split(bytes: Buffer, at: number): number {
    const { delimiter, starts, ends } = this;
    const most = starts.length;
    let fields = 0;
    let quoted = false;
    let start = at;
    let p = at;
    for (; ; p++) {
      const code = bytes[p];
      if (code === delimiter) {
        if (fields < most) {
          starts[fields] = start;
          ends[fields] = p;
        }
        fields++;
        start = p + 1;
      } else if (code === LF) break;
      else if (code === QUOTE) quoted = true;
    }
    const lineEnd = p > at && bytes[p - 1] === CR ? p - 1 : p;
    if (fields < most) {
      starts[fields] = start;
      ends[fields] = Math.max(start, lineEnd);
    }
    this.fields = fields + 1;
    this.source = bytes;
    this.block = bytes;
    this.start = at;
    this.length = lineEnd - at;
    if (quoted) this.splitQuoted();
    return p + 1;
  }

  /** Takes a line that is not to be split. */
  take(line: Buffer): void {
    this.block = line;
    this.start = 0;
    this.length = line.length;
  }

  hasOnlyTrailingDelimiter(): boolean {
    return this.fields === this.columns + 1 && this.starts[this.columns] === this.ends[this.columns];
  }

  text(column: number): string {
    return this.source.toString('utf8', this.starts[column], this.ends[column]);
  }

  /** Leaves out the spaces around a field. */
  trim(column: number): void {
    const { source, starts, ends } = this;
    while (starts[column] < ends[column] && source[starts[column]] === SPACE) starts[column]++;
    while (ends[column] > starts[column] && source[ends[column] - 1] === SPACE) ends[column]--;
  }

  /** The line as it stands in the file, at most `most` bytes of it. */
  raw(most = this.length): Buffer {
    return this.block.subarray(this.start, this.start + Math.min(this.length, most));
  }

  /** {@link split} for a line with quotes: `"0,5"`, `""` inside quotes, and spreadsheets' `="0012"`. */
  private splitQuoted(): void {
    const text = this.raw().toString('latin1');
    const delimiter = String.fromCharCode(this.delimiter);
    const values: string[] = [];
    let at = 0;
    while (at <= text.length) {
      const open = /^ *=?"/.exec(text.slice(at, at + 8));
      let value = '';
      if (open) {
        at += open[0].length;
        for (; at < text.length; at++) {
          if (text[at] !== '"') value += text[at];
          else if (text[at + 1] === '"') value += text[++at];
          else break;
        }
        at++;
      }
      const end = text.indexOf(delimiter, at);
      value += text.slice(at, end < 0 ? text.length : end);
      values.push(value);
      if (end < 0) break;
      at = end + 1;
    }
    this.source = Buffer.from(values.join(''), 'latin1');
    this.fields = values.length;
    let start = 0;
    for (let field = 0; field < Math.min(values.length, this.starts.length); field++) {
      this.starts[field] = start;
      start += values[field].length;
      this.ends[field] = start;
    }
  }
}
