import { QUALITY } from '../../../readings/domain/quality.js';
import type { UploadOptions } from '../../domain/upload-options.js';
import type { FoundItem, FoundProblem } from '../format.js';
import type { TableRow } from './csv-rows.js';
import type { TableLayout, ValueColumn } from './layout.js';
import { isMissing, numberFrom } from './numbers.js';
import { qualityWord } from './words.js';

const MOST_OF_RAW = 4_000;
const MOST_NOTES = 200;

/** Reads cells by the layout, and gathers what was found in them, with its faults and assumptions. */
export class RowReader {
  found: FoundItem[] = [];
  private readonly noted = new Set<string>();

  constructor(
    private readonly layout: TableLayout,
    /** Places in a workbook begin with its sheet. */
    readonly path: string,
    private readonly options: UploadOptions,
  ) {}

  read(row: TableRow, column: number, value: ValueColumn): { number: number; quality: number } | null {
    const text = this.cellOf(row, column);
    const number = numberFrom(text, value.mark);
    if (number === null) {
      this.fault(row, value.name, 'bad_number', `${JSON.stringify(text.slice(0, 60))} is no number.`);
      return null;
    }
    const quality = this.qualityOf(row.cells);
    return quality === null ? { number: NaN, quality: 0 } : { number, quality };
  }

  /** Null: the row says that there is no value. */
  qualityOf(cells: readonly string[]): number | null {
    const { qualityColumn, names } = this.layout;
    if (qualityColumn < 0) return QUALITY.actual;
    // Where a decimal comma cut the row, what stands after it moved on by one.
    const text =
      cells[
        cells.length === names.length + 1 && cells[cells.length - 1] !== ''
          ? qualityColumn + 1
          : qualityColumn
      ] ?? '';
    const word = qualityWord(text);
    if (word === 'questionable')
      this.note(`The quality «${text.slice(0, 40)}» is not known: its values are stored as questionable.`);
    return word === 'missing' ? null : QUALITY[word];
  }

  /** What the row's values are multiplied by; null: it states a transformer ratio, and nobody says whether it is in them. */
  ratioOf(cells: readonly string[]): number | null {
    const { ratioColumn } = this.layout;
    if (ratioColumn < 0 && this.options.ct === undefined) return 1;
    const text = ratioColumn < 0 ? '' : (cells[ratioColumn] ?? '');
    const isOne = text === '' || isMissing(text) || /^1([.,]0+)?(\s*[/:]\s*1)?$/.test(text);
    if (/^0[.,]0{0,2}1$/.test(text)) {
      this.note(`Values are multiplied by the factor beside them (${text}): their decimals.`);
      return Number(text.replace(',', '.'));
    }
    const { ct, ct_ratio: said = 1 } = this.options;
    if (ct === undefined) return isOne ? 1 : null;
    if (ct === 'applied') return 1;
    const [over, under = 1] = text.split(/[/:]/).map((part) => Number(part.trim().replace(',', '.')));
    const stated = over / under;
    const ratio = ratioColumn < 0 || !(stated > 0 && Number.isFinite(stated)) ? said : stated;
    return ct === 'twice' ? 1 / ratio : ratio;
  }

  note(sentence: string): void {
    if (this.noted.has(sentence) || this.noted.size > MOST_NOTES) return;
    this.noted.add(sentence);
    this.found.push({ kind: 'assumed', sentence });
  }

  fault({ line, cells }: TableRow, field: string, reason: FoundProblem['reason'], detail: string): void {
    this.found.push({
      kind: 'problem',
      place: { line, path: this.path },
      field,
      reason,
      detail,
      raw: this.withoutPeople(cells),
    });
  }

  /** Of «1,234» in a file cut by commas, both halves: one real sender leaves its decimals without quotation marks. */
  private cellOf({ cells }: TableRow, column: number): string {
    const { names } = this.layout;
    const text = cells[column] ?? '';
    const isCut =
      cells.length === names.length + 1 &&
      this.layout.form === 'long' &&
      this.layout.values.length === 1 &&
      cells[cells.length - 1] !== '';
    const rest = cells[column + 1] ?? '';
    return isCut && /^-?\d+$/.test(text) && /^\d+$/.test(rest) ? `${text}.${rest}` : text;
  }

  /** A rejected row is kept; names and addresses in it are not. */
  private withoutPeople(cells: readonly string[]): string {
    const { names, persons } = this.layout;
    const kept = cells.map((cell, column) => (persons.includes(column) ? '…' : cell));
    return kept
      .slice(0, Math.max(names.length, 1) + 2)
      .join(';')
      .slice(0, MOST_OF_RAW);
  }
}

/** Energy of one unit of an interval's value. */
export function whPerValue(unit: ValueColumn['unit'], intervalMinutes: number): number {
  if (unit === null) return 1000;
  return unit.isPower ? (unit.whPerUnit * intervalMinutes) / 60 : unit.whPerUnit;
}

export const NET_NOTE = 'Negative values are net: what the home gives to the grid.';
