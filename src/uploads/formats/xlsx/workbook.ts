import { RefusedError } from '../../../config/errors.js';
import { ZipArchive } from '../zip.js';
import type { TableRow } from '../tables/csv-rows.js';
import { XmlScanner, type XmlHandler } from '../xml/xml-scanner.js';
import { isDateFormat } from './cell-text.js';
import { SheetReader, type SharedParts } from './sheet-reader.js';

/** Texts that cells share, and their length together: more is no table of readings. */
const MOST_SHARED = 5_000_000;
const MOST_SHARED_CHARS = 256 << 20;
const MOST_TEXT = 32_768;
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
    private readonly shared: SharedParts,
  ) {}

  /** @throws RefusedError damaged, or no workbook of this kind. */
  static async open(path: string): Promise<Workbook> {
    const archive = await ZipArchive.open(path);
    try {
      if (!archive.members.includes('xl/workbook.xml'))
        throw new RefusedError('The spreadsheet is of a binary kind (.xlsb): save it as .xlsx or CSV.');
      const targets = new Targets();
      await scan(archive, 'xl/_rels/workbook.xml.rels', targets);
      const list = new SheetList(archive.members, targets.byId);
      await scan(archive, 'xl/workbook.xml', list);
      const texts = new SharedTexts();
      await scan(archive, 'xl/sharedStrings.xml', texts);
      const styles = new Styles();
      await scan(archive, 'xl/styles.xml', styles);
      const shared = { texts: texts.found, dateStyles: styles.dates, is1904: list.is1904 };
      return new Workbook(archive, list.sheets, shared);
    } catch (error) {
      archive.close();
      throw error;
    }
  }

  close(): void {
    this.archive.close();
  }

  /** Rows that hold something, in batches; `line` is the row's number. */
  async *rows({ member }: Sheet): AsyncGenerator<TableRow[]> {
    const reader = new SheetReader(this.shared);
    const scanner = new XmlScanner(reader);
    for await (const chunk of this.archive.chunks(member)) {
      undamaged(() => scanner.write(chunk));
      yield reader.take();
    }
    undamaged(() => scanner.end());
    yield reader.take();
  }
}

/** Files of the workbook by the ids of its relationships. */
class Targets implements XmlHandler {
  readonly byId = new Map<string, string>();

  open(name: string, xml: XmlScanner): void {
    if (name === 'relationship') this.byId.set(xml.attribute('id') ?? '', xml.attribute('target') ?? '');
  }

  close(): void {
    return;
  }
}

class SheetList implements XmlHandler {
  readonly sheets: Sheet[] = [];
  is1904 = false;

  constructor(
    private readonly members: readonly string[],
    private readonly targets: ReadonlyMap<string, string>,
  ) {}

  open(name: string, xml: XmlScanner): void {
    if (name === 'workbookpr') this.is1904 = /^(1|true)$/.test(xml.attribute('date1904') ?? '');
    if (name !== 'sheet' || xml.attribute('state') === 'veryHidden') return;
    const target =
      this.targets.get(xml.attribute('id') ?? '') ?? `worksheets/sheet${this.sheets.length + 1}.xml`;
    const member = target.startsWith('/') ? target.slice(1) : `xl/${target}`;
    if (this.members.includes(member) && this.sheets.length < MOST_SHEETS)
      this.sheets.push({ name: xml.attribute('name') ?? '', member });
  }

  close(): void {
    return;
  }
}

class SharedTexts implements XmlHandler {
  readonly found: string[] = [];
  private chars = 0;
  private text = '';
  private isPhonetic = false;

  open(name: string): void {
    if (name === 'si') this.text = '';
    if (name === 'rph') this.isPhonetic = true;
  }

  close(name: string, xml: XmlScanner): void {
    if (name === 'rph') this.isPhonetic = false;
    if (name === 't' && !this.isPhonetic && this.text.length < MOST_TEXT) this.text += xml.wholeText();
    if (name !== 'si') return;
    this.chars += this.text.length;
    if (this.found.length >= MOST_SHARED || this.chars > MOST_SHARED_CHARS)
      throw new RefusedError('The spreadsheet holds more text than a table of readings has: send it as CSV.');
    this.found.push(this.text);
  }
}

/** Which cell styles show a number as a moment. */
class Styles implements XmlHandler {
  readonly dates = new Set<number>();
  private readonly codes = new Map<number, string>();
  private isCells = false;
  private index = 0;

  open(name: string, xml: XmlScanner): void {
    if (name === 'numfmt') this.codes.set(xml.digits('numfmtid'), xml.attribute('formatcode') ?? '');
    if (name === 'cellxfs') this.isCells = true;
    if (name !== 'xf' || !this.isCells) return;
    const id = Math.max(0, xml.digits('numfmtid'));
    if (isDateFormat(id, this.codes.get(id))) this.dates.add(this.index);
    this.index++;
  }

  close(name: string): void {
    if (name === 'cellxfs') this.isCells = false;
  }
}

async function scan(archive: ZipArchive, member: string, handler: XmlHandler): Promise<void> {
  if (!archive.members.includes(member)) return;
  const scanner = new XmlScanner(handler);
  for await (const chunk of archive.chunks(member)) undamaged(() => scanner.write(chunk));
  undamaged(() => scanner.end());
}

/** What the scanner refuses, as of a spreadsheet. */
function undamaged(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RefusedError) || !error.message.startsWith('Line ')) throw error;
    throw new RefusedError(`The spreadsheet is damaged. ${error.message}`, { cause: error });
  }
}
