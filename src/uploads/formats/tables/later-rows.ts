import type { TableRow } from './csv-rows.js';

/** Rows that tell how a table's rows of one meter follow one another. */
const WANTED = 12;
const COMPARED = 200;
const SHORTEST_ID = 4;

/**
 * Of a table that is sorted by time, the head may show a single moment of thousands of meters. Gathers from what follows the
 * rows that name the meter of the head's last row: whatever stands in a column where no two rows of the head say the same.
 */
export class LaterRows {
  readonly found: TableRow[] = [];
  private names: readonly { readonly column: number; readonly text: string }[];
  private readonly counts = new Map<number, number>();

  constructor(private readonly head: readonly TableRow[]) {
    const compared = head.slice(-COMPARED);
    const last = compared.at(-1)?.cells ?? [];
    this.names = last.flatMap((text, column) => {
      const distinct = new Set(compared.map(({ cells }) => cells[column]));
      const isName = text.length >= SHORTEST_ID && !/^-?\d*[.,]\d+$/.test(text);
      return isName && compared.length >= COMPARED && distinct.size >= COMPARED - 1 ? [{ column, text }] : [];
    });
  }

  /** Nothing in the head can be looked for, or enough is found. */
  get isDone(): boolean {
    return this.names.length === 0;
  }

  /** What a piece of text must hold to be worth cutting into rows. */
  get texts(): readonly string[] {
    return this.names.map(({ text }) => text);
  }

  take(row: TableRow): void {
    if (row.line <= (this.head.at(-1)?.line ?? 0)) return;
    const name = this.names.find(({ column, text }) => row.cells[column] === text);
    if (name === undefined) return;
    this.found.push(row);
    const count = (this.counts.get(name.column) ?? 0) + 1;
    this.counts.set(name.column, count);
    // A whole number that no two rows share may be a value: it must not keep the meter's rows out.
    if (count === WANTED) this.names = this.names.filter((each) => each !== name);
  }
}
