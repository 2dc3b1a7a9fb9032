import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { AlertView } from '../alert-list.js';
import { COLUMNS, type Column } from './domain/columns.js';
import { dateSerial, xmlText } from './domain/spreadsheet-xml.js';

/** Of a sheet, Excel's own: 2^20, one of which names the columns. */
export const MOST_XLSX_ROWS = 2 ** 20 - 1;
/** Excel's own limit of one cell. */
const MOST_CELL_CHARACTERS = 32_767;

/** Positions in the styles below. */
const STYLES = { plain: 0, head: 1, date: 2, instant: 3 };

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const CONTENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const SHEET = 'xl/worksheets/sheet1.xml';

/** The least that ECMA-376 part 1 asks of a workbook beside its sheet. */
const PARTS: Readonly<Record<string, string>> = {
  '[Content_Types].xml':
    `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
    `<Override PartName="/xl/workbook.xml" ContentType="${CONTENT}.sheet.main+xml"/>` +
    `<Override PartName="/${SHEET}" ContentType="${CONTENT}.worksheet+xml"/>` +
    `<Override PartName="/xl/styles.xml" ContentType="${CONTENT}.styles+xml"/></Types>`,
  '_rels/.rels': `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="alerts" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels':
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>` +
    `<Relationship Id="rId2" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`,
  'xl/styles.xml':
    `<styleSheet xmlns="${MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>` +
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>' +
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4">' +
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>' +
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>',
};

/** A workbook of one sheet, made as its rows come; the whole of it is never in memory. */
export async function* workbookBytes(pages: AsyncIterable<readonly AlertView[]>): AsyncGenerator<Buffer> {
  const zip = new ZipFile();
  const bytes = zip.outputStream as Readable;
  zip.on('error', (error: Error) => bytes.destroy(error));
  for (const [name, xml] of Object.entries(PARTS)) zip.addBuffer(Buffer.from(DECLARATION + xml), name);
  const sheet = Readable.from(sheetXml(pages), { objectMode: false });
  zip.addReadStream(sheet, SHEET);
  zip.end();
  try {
    for await (const chunk of bytes) yield chunk as Buffer;
  } finally {
    sheet.destroy();
  }
}

async function* sheetXml(pages: AsyncIterable<readonly AlertView[]>): AsyncGenerator<string> {
  // The names of the columns stay in sight.
  const views =
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
  yield `${DECLARATION}<worksheet xmlns="${MAIN}">${views}<sheetData>`;
  let row = 1;
  yield rowXml(
    row,
    COLUMNS.map(({ name }, index) => textCell(`${letter(index)}${row}`, name, STYLES.head)),
  );
  for await (const page of pages) {
    yield page
      .map((alert) => {
        row++;
        return rowXml(
          row,
          COLUMNS.map((column, index) => cellXml(`${letter(index)}${row}`, column, alert)),
        );
      })
      .join('');
  }
  yield '</sheetData></worksheet>';
}

function rowXml(row: number, cells: readonly string[]): string {
  return `<row r="${row}">${cells.join('')}</row>`;
}

/** There are fewer columns than letters. */
function letter(index: number): string {
  return String.fromCharCode(65 + index);
}

/** A text cell of a workbook is never run as a formula, so it needs no quote. */
function cellXml(at: string, { type, value }: Column, alert: AlertView): string {
  const cell = value(alert);
  if (cell === null) return '';
  switch (type) {
    case 'number':
      return numberCell(at, Number(cell), STYLES.plain);
    case 'date':
      return numberCell(at, dateSerial(new Date(cell)), STYLES.date);
    case 'instant':
      return numberCell(at, dateSerial(new Date(cell)), STYLES.instant);
    case 'text':
      return textCell(at, String(cell), STYLES.plain);
  }
}

function numberCell(at: string, value: number, style: number): string {
  return `<c r="${at}" s="${style}"><v>${value}</v></c>`;
}

function textCell(at: string, text: string, style: number): string {
  const shown = xmlText(text.slice(0, MOST_CELL_CHARACTERS));
  return `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${shown}</t></is></c>`;
}
