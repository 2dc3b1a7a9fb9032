import { RefusedError } from '../../../config/errors.js';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { ZipArchive } from '../zip.js';
import type { TableRow } from '../tables/csv-rows.js';
import { columnOf, isDateFormat, textOfSerial } from './cell-text.js';

/** Texts that cells share, and their length together: more is no table of readings. */
const MOST_SHARED = 5_000_000;
const MOST_SHARED_CHARS = 256 << 20;
const MOST_COLUMNS = 16_384;
const MOST_CELL = 32_768;
const MOST_DEPTH = 64;
const MOST_SHEETS = 400;

export interface Sheet {
  readonly name: string;
  readonly member: string;
}

/** An open workbook: its sheets are read row by row, only the shared texts and styles are in memory. */
export class Workbook {
  private constructor(
    private readonly archive: ZipArchive,
    readonly sheets: readonly Sheet[],
    private readonly shared: readonly string[],
    private readonly dateStyles: ReadonlySet<number>,
    private readonly is1904: boolean,
  ) {}

  /** @throws RefusedError damaged, or no workbook of this kind. */
  static async open(path: string): Promise<Workbook> {
    const archive = await ZipArchive.open(path);
    try {
      if (!archive.members.includes('xl/workbook.xml'))
        throw new RefusedError('The spreadsheet is of a binary kind (.xlsb): save it as .xlsx or CSV.');
      const targets = new Map<string, string>();
      await eachTag(archive, 'xl/_rels/workbook.xml.rels', (name, attributes) => {
        if (name === 'Relationship') targets.set(attributes.Id ?? '', attributes.Target ?? '');
      });
      const sheets: Sheet[] = [];
      let is1904 = false;
      await eachTag(archive, 'xl/workbook.xml', (name, attributes) => {
        if (name === 'workbookPr') is1904 = /^(1|true)$/.test(attributes.date1904 ?? '');
        if (name !== 'sheet' || attributes.state === 'veryHidden') return;
        const target = targets.get(attributes['r:id'] ?? '') ?? `worksheets/sheet${sheets.length + 1}.xml`;
        const member = target.startsWith('/') ? target.slice(1) : `xl/${target}`;
        if (archive.members.includes(member) && sheets.length < MOST_SHEETS)
          sheets.push({ name: attributes.name ?? '', member });
      });
      return new Workbook(archive, sheets, await sharedTexts(archive), await dateStyles(archive), is1904);
    } catch (error) {
      archive.close();
      throw error;
    }
  }

  close(): void {
    this.archive.close();
  }

  /** Rows that hold something, in batches; `line` is the row's number. */
  async *rows(sheet: Sheet): AsyncGenerator<TableRow[]> {
    const reader = new SheetReader(this.shared, this.dateStyles, this.is1904);
    for await (const chunk of this.archive.chunks(sheet.member)) yield reader.take(chunk);
    yield reader.end();
  }
}

class SheetReader {
  private readonly parser = safeParser({
    open: (name, attributes) => this.open(name, attributes),
    close: (name) => this.close(name),
    text: (text) => {
      if (this.text !== null && this.text.length < MOST_CELL) this.text += text;
    },
  });
  private readonly decoder = new TextDecoder('utf-8');
  private found: TableRow[] = [];
  private cells: string[] = [];
  private line = 0;
  private column = -1;
  private type = '';
  private style = 0;
  private text: string | null = null;
  private value = '';

  constructor(
    private readonly shared: readonly string[],
    private readonly dateStyles: ReadonlySet<number>,
    private readonly is1904: boolean,
  ) {}

  take(chunk: Buffer): TableRow[] {
    this.parser.write(this.decoder.decode(chunk, { stream: true }));
    const { found } = this;
    this.found = [];
    return found;
  }

  end(): TableRow[] {
    this.parser.close();
    return this.found;
  }

  private open(name: string, attributes: Readonly<Record<string, string | undefined>>): void {
    switch (name) {
      case 'row':
        this.line = Number(attributes.r ?? this.line + 1);
        this.cells = [];
        this.column = -1;
        return;
      case 'c': {
        const column = attributes.r === undefined ? this.column + 1 : columnOf(attributes.r);
        this.column = column >= 0 && column < MOST_COLUMNS ? column : this.column + 1;
        this.type = attributes.t ?? 'n';
        this.style = Number(attributes.s ?? 0);
        this.value = '';
        return;
      }
      case 'v':
      case 't':
        this.text = '';
        return;
    }
  }

  private close(name: string): void {
    switch (name) {
      case 'v':
      case 't':
        this.value += this.text ?? '';
        this.text = null;
        return;
      case 'c':
        if (this.value === '') return;
        while (this.cells.length < this.column) this.cells.push('');
        this.cells[this.column] = this.textOfCell().trim();
        return;
      case 'row':
        if (this.cells.length > 0) this.found.push({ line: this.line, cells: this.cells });
    }
  }

  private textOfCell(): string {
    const { value, type } = this;
    if (type === 's') return this.shared[Number(value)] ?? '';
    if (type === 'b') return value === '1' ? 'true' : 'false';
    if (type === 'e') return '';
    if (type === 'd') return value.replace(/T00:00:00(\.0+)?Z?$/, '');
    if (type !== 'n') return value;
    const number = Number(value);
    if (!Number.isFinite(number)) return value;
    return this.dateStyles.has(this.style) ? textOfSerial(number, this.is1904) : plainNumber(number);
  }
}

/** 0.1 + 0.2 is kept as 0.30000000000000004; a spreadsheet shows fifteen digits. Ids of numbers stay whole. */
function plainNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return value.toFixed(0);
  return String(Number(value.toPrecision(15)));
}

async function sharedTexts(archive: ZipArchive): Promise<string[]> {
  const texts: string[] = [];
  if (!archive.members.includes('xl/sharedStrings.xml')) return texts;
  let chars = 0;
  let text: string | null = null;
  let whole = '';
  let isPhonetic = false;
  const parser = safeParser({
    open: (name) => {
      if (name === 'si') whole = '';
      if (name === 'rPh') isPhonetic = true;
      if (name === 't' && !isPhonetic) text = '';
    },
    text: (more) => {
      if (text !== null && text.length < MOST_CELL) text += more;
    },
    close: (name) => {
      if (name === 't' && text !== null) {
        whole += text;
        text = null;
      }
      if (name === 'rPh') isPhonetic = false;
      if (name !== 'si') return;
      chars += whole.length;
      if (texts.length >= MOST_SHARED || chars > MOST_SHARED_CHARS)
        throw new RefusedError(
          'The spreadsheet holds more text than a table of readings has: send it as CSV.',
        );
      texts.push(whole);
    },
  });
  await parse(archive, 'xl/sharedStrings.xml', parser);
  return texts;
}

/** Indexes of cell styles that show a number as a moment. */
async function dateStyles(archive: ZipArchive): Promise<Set<number>> {
  const dates = new Set<number>();
  if (!archive.members.includes('xl/styles.xml')) return dates;
  const codes = new Map<number, string>();
  let isCells = false;
  let index = 0;
  await eachTag(
    archive,
    'xl/styles.xml',
    (name, attributes) => {
      if (name === 'numFmt') codes.set(Number(attributes.numFmtId), attributes.formatCode ?? '');
      if (name === 'cellXfs') isCells = true;
      if (name !== 'xf' || !isCells) return;
      const id = Number(attributes.numFmtId ?? 0);
      if (isDateFormat(id, codes.get(id))) dates.add(index);
      index++;
    },
    (name) => {
      if (name === 'cellXfs') isCells = false;
    },
  );
  return dates;
}

async function eachTag(
  archive: ZipArchive,
  member: string,
  onOpen: (name: string, attributes: Readonly<Record<string, string | undefined>>) => void,
  onClose: (name: string) => void = () => undefined,
): Promise<void> {
  if (!archive.members.includes(member)) return;
  const parser = safeParser({ open: onOpen, close: onClose });
  await parse(archive, member, parser);
}

async function parse(archive: ZipArchive, member: string, parser: SaxesParser): Promise<void> {
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of archive.chunks(member)) parser.write(decoder.decode(chunk, { stream: true }));
  parser.close();
}

interface Handlers {
  readonly open: (name: string, attributes: Readonly<Record<string, string | undefined>>) => void;
  readonly close: (name: string) => void;
  readonly text?: (text: string) => void;
}

/** No DOCTYPE, no entities but XML's own, a bounded depth; what is not well-formed is refused. */
function safeParser({ open, close, text }: Handlers): SaxesParser {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let depth = 0;
  parser.on('doctype', () => {
    throw new RefusedError('The spreadsheet has a DOCTYPE, which no spreadsheet has.');
  });
  parser.on('error', (error) => {
    throw new RefusedError(`The spreadsheet is damaged: ${error.message}.`);
  });
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => {
    if (++depth > MOST_DEPTH) throw new RefusedError('The spreadsheet is nested deeper than any.');
    open(bare(name), attributes);
  });
  parser.on('closetag', ({ name }: SaxesTagPlain) => {
    depth--;
    close(bare(name));
  });
  if (text !== undefined) parser.on('text', text);
  return parser;
}

function bare(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
