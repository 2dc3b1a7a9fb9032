import { createWriteStream, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { ZipFile } from 'yazl';

const MARCH_MS = Date.UTC(2026, 2, 1);
const HALF_HOURS = 1440;
const GROUP_ROWS = 250_000;

/** A workbook of one sheet: meter, beginning, kWh, half hour by half hour and meter by meter. */
export async function writeWorkbook(file, rows) {
  const zip = new ZipFile();
  const add = (name, text) => zip.addBuffer(Buffer.from(text), name);
  add(
    'xl/workbook.xml',
    '<workbook xmlns:r="r"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
  );
  add(
    'xl/_rels/workbook.xml.rels',
    '<Relationships><Relationship Id="rId1" Target="worksheets/s1.xml"/></Relationships>',
  );
  add('xl/styles.xml', '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>');
  zip.addReadStream(Readable.from(sheet(rows)), 'xl/worksheets/s1.xml');
  zip.end();
  const out = createWriteStream(file);
  zip.outputStream.pipe(out);
  await once(out, 'close');
}

function* sheet(rows) {
  yield '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Meter ID</t></is></c><c r="B1" t="inlineStr"><is><t>Interval start</t></is></c><c r="C1" t="inlineStr"><is><t>kWh</t></is></c></row>';
  for (let n = 0; n < rows; n++) {
    const serial = 46_082 + (n % HALF_HOURS) / 48;
    const at = n + 2;
    yield `<row r="${at}"><c r="A${at}"><v>${10_000_000 + Math.floor(n / HALF_HOURS)}</v></c><c r="B${at}" s="1"><v>${serial}</v></c><c r="C${at}"><v>${((n * 7) % 900) / 1000}</v></c></row>`;
  }
  yield '</sheetData></worksheet>';
}

/** One reading a row, in groups of a quarter of a million. */
export function writeParquet(file, rows) {
  const at = (value) => Array.from({ length: rows }, (_, n) => value(n));
  const bytes = parquetWriteBuffer({
    rowGroupSize: GROUP_ROWS,
    columnData: [
      { name: 'ean', type: 'STRING', data: at((n) => `5414488600${Math.floor(n / HALF_HOURS)}`) },
      {
        name: 'start',
        type: 'TIMESTAMP',
        data: at((n) => new Date(MARCH_MS + (n % HALF_HOURS) * 1_800_000)),
      },
      { name: 'kwh', type: 'DOUBLE', data: at((n) => ((n * 7) % 900) / 1000) },
    ],
  });
  writeFileSync(file, new Uint8Array(bytes));
}
