import type { TableRow } from '../tables/csv-rows.js';
import type { XmlHandler, XmlScanner } from '../xml/xml-scanner.js';
import { Repeated } from '../xml/xml-values.js';
import { columnIn, plainNumber, textOfSerial } from './cell-text.js';

const MOST_COLUMNS = 16_384;
const MOST_CELL = 32_768;
/** A year of half hours: moments come again for every meter. */
const MOST_MOMENTS = 20_000;

/** What a workbook's sheets share. */
export interface SharedParts {
  readonly texts: readonly string[];
  /** Indexes of cell styles that show a number as a moment. */
  readonly dateStyles: ReadonlySet<number>;
  readonly is1904: boolean;
}

/** Types of cells by the first letter of what `t` says. */
const NUMBER = 0x6e;
const SHARED = 0x73;
const BOOLEAN = 0x62;
const ERROR = 0x65;
const DATE = 0x64;
const TEXT = 0;

/** Makes rows of a sheet's elements. */
export class SheetReader implements XmlHandler {
  private found: TableRow[] = [];
  private cells: string[] = [];
  private line = 0;
  private column = -1;
  private type = NUMBER;
  private style = 0;
  private value = '';
  private readonly moments = new Map<string, string>();
  /** By column: meters and their ratios stand in it row after row. */
  private readonly numbers: Repeated<string>[] = [];

  constructor(private readonly shared: SharedParts) {}

  take(): TableRow[] {
    const { found } = this;
    this.found = [];
    return found;
  }

  open(name: string, xml: XmlScanner): void {
    if (name === 'c') this.openCell(xml);
    else if (name === 'row') {
      const line = xml.digits('r');
      this.line = line < 0 ? this.line + 1 : line;
      this.cells = [];
      this.column = -1;
    }
  }

  close(name: string, xml: XmlScanner): void {
    switch (name) {
      case 'v':
        this.value += this.valueOf(xml);
        return;
      case 't':
        if (this.value.length < MOST_CELL) this.value += xml.wholeText();
        return;
      case 'c':
        return this.closeCell();
      case 'row':
        if (this.cells.length > 0) this.found.push({ line: this.line, cells: this.cells });
    }
  }

  private openCell(xml: XmlScanner): void {
    const column = xml.attributeAs('r', columnIn) ?? this.column + 1;
    this.column = column >= 0 && column < MOST_COLUMNS ? column : this.column + 1;
    this.type = xml.attributeAs('t', typeIn) ?? NUMBER;
    this.style = Math.max(0, xml.digits('s'));
    this.value = '';
  }

  private closeCell(): void {
    if (this.value === '') return;
    while (this.cells.length < this.column) this.cells.push('');
    this.cells[this.column] = this.value.trim();
  }

  private valueOf(xml: XmlScanner): string {
    const { texts, dateStyles } = this.shared;
    switch (this.type) {
      case NUMBER:
        if (dateStyles.has(this.style)) return this.momentOf(xml);
        return xml.textOnce((this.numbers[this.column] ??= new Repeated(plainNumber)));
      case SHARED:
        return texts[xml.number()] ?? '';
      case BOOLEAN:
        return xml.text() === '1' ? 'true' : 'false';
      case ERROR:
        return '';
      case DATE:
        return xml.text().replace(/T00:00:00(\.0+)?Z?$/, '');
      default:
        return xml.wholeText().slice(0, MOST_CELL);
    }
  }

  private momentOf(xml: XmlScanner): string {
    const text = xml.text();
    let moment = this.moments.get(text);
    if (moment === undefined) {
      if (this.moments.size >= MOST_MOMENTS) this.moments.clear();
      const serial = xml.number();
      moment = Number.isNaN(serial) ? text : textOfSerial(serial, this.shared.is1904);
      this.moments.set(text, moment);
    }
    return moment;
  }
}

/** `s` is an index of shared texts, `str` and `inlineStr` are texts. */
function typeIn(bytes: Uint8Array, from: number, to: number): number {
  return to - from === 1 ? bytes[from] : TEXT;
}
