/** A row of a table, with its cells as text, trimmed. */
export interface TableRow {
  /** 1-based line of the text, or row of the sheet. */
  readonly line: number;
  readonly cells: readonly string[];
}

const DELIMITERS = [';', ',', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** Lines that a quoted value may hold; more is a quotation mark that nobody closed. */
const MOST_LINES_OF_ROW = 20;

/** The delimiter that cuts most lines into the same number of columns; null when none makes two columns of any. */
export function delimiterOf(text: string): Delimiter | null {
  const lines = text.split(/\r?\n/).slice(0, 400);
  let best: { delimiter: Delimiter; score: number } | null = null;
  for (const delimiter of DELIMITERS) {
    const counts = new Map<number, number>();
    for (const line of lines) {
      const columns = cut(line, delimiter).length;
      if (columns > 1) counts.set(columns, (counts.get(columns) ?? 0) + 1);
    }
    for (const [columns, count] of counts) {
      // Agreement of many lines first; more columns break ties (a decimal comma agrees with itself by chance).
      const score = count * 1000 + Math.min(columns, 400);
      if (best === null || score > best.score) best = { delimiter, score };
    }
  }
  return best?.delimiter ?? null;
}

/** Cuts text into rows; keeps a row that goes on in the next piece. */
export class CsvRows {
  private line = 0;
  private open: { text: string; line: number; lines: number } | null = null;

  constructor(private readonly delimiter: Delimiter) {}

  /** Rows that end in this piece; blank lines are passed over, and counted. */
  take(text: string): TableRow[] {
    const rows: TableRow[] = [];
    const lines = text.split('\n');
    if (lines[lines.length - 1] === '') lines.pop();
    for (const each of lines) {
      this.line++;
      const line = each.endsWith('\r') ? each.slice(0, -1) : each;
      if (this.open !== null) {
        this.open = { text: `${this.open.text}\n${line}`, line: this.open.line, lines: this.open.lines + 1 };
        if (hasOpenQuote(this.open.text) && this.open.lines < MOST_LINES_OF_ROW) continue;
        rows.push({ line: this.open.line, cells: cut(this.open.text, this.delimiter) });
        this.open = null;
        continue;
      }
      if (line.includes('"') && hasOpenQuote(line)) {
        this.open = { text: line, line: this.line, lines: 1 };
        continue;
      }
      if (line.trim() !== '') rows.push({ line: this.line, cells: cut(line, this.delimiter) });
    }
    return rows;
  }

  end(): TableRow[] {
    const { open } = this;
    this.open = null;
    return open === null ? [] : [{ line: open.line, cells: cut(open.text, this.delimiter) }];
  }
}

function hasOpenQuote(text: string): boolean {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++;
  return quotes % 2 === 1;
}

/** `="00123"` is how spreadsheets are told to keep a number's zeros. */
function bare(cell: string): string {
  const trimmed = cell.trim();
  return trimmed.startsWith('="') && trimmed.endsWith('"') ? trimmed.slice(2, -1).trim() : trimmed;
}

function cut(line: string, delimiter: Delimiter): string[] {
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const char = line[at];
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (line[at + 1] === '"') cell += line[++at];
      else isQuoted = false;
    } else if (char === '"' && cell.trim() === '') {
      cell = '';
      isQuoted = true;
    } else if (char === delimiter) {
      cells.push(bare(cell));
      cell = '';
    } else cell += char;
  }
  cells.push(bare(cell));
  return cells;
}
