import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ZipFile } from 'yazl';
import { XLSX } from '../../../src/uploads/formats/xlsx/xlsx.format.js';
import { isDateFormat, textOfSerial } from '../../../src/uploads/formats/xlsx/cell-text.js';
import { recogniseFile } from '../../../src/uploads/formats/recognise.js';
import { checkZip } from '../../../src/uploads/formats/zip.js';
import { zipOf } from './zip-file.js';
import { decoded, recognisedBy, type Decoded } from '../../support/decoded.js';
import { describeWithRealData } from '../../support/shared-data.js';

type Cell = string | number | { readonly date: number } | null;

const folder = mkdtempSync(path.join(tmpdir(), 'gridwarden-xlsx-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A workbook as spreadsheets write it: shared texts, one style for moments. */
async function workbook(
  sheets: Readonly<Record<string, readonly (readonly Cell[])[]>>,
  change = (xml: string) => xml,
): Promise<Buffer> {
  const shared: string[] = [];
  const zip = new ZipFile();
  const add = (name: string, text: string) => zip.addBuffer(Buffer.from(text), name);
  const names = Object.keys(sheets);
  add(
    'xl/workbook.xml',
    `<workbook xmlns:r="r"><sheets>${names.map((name, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`).join('')}</sheets></workbook>`,
  );
  add(
    'xl/_rels/workbook.xml.rels',
    `<Relationships>${names.map((_, at) => `<Relationship Id="rId${at + 1}" Target="worksheets/s${at + 1}.xml"/>`).join('')}</Relationships>`,
  );
  add(
    'xl/styles.xml',
    '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy\\ hh:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>',
  );
  names.forEach((name, at) => {
    const rows = sheets[name].map((cells, row) => {
      const xml = cells.map((cell, column) => {
        const reference = `${String.fromCharCode(65 + column)}${row + 1}`;
        if (cell === null) return '';
        if (typeof cell === 'number') return `<c r="${reference}"><v>${cell}</v></c>`;
        if (typeof cell === 'object') return `<c r="${reference}" s="1"><v>${cell.date}</v></c>`;
        if (!shared.includes(cell)) shared.push(cell);
        return `<c r="${reference}" t="s"><v>${shared.indexOf(cell)}</v></c>`;
      });
      return `<row r="${row + 1}">${xml.join('')}</row>`;
    });
    add(
      `xl/worksheets/s${at + 1}.xml`,
      change(`<worksheet><sheetData>${rows.join('')}</sheetData></worksheet>`),
    );
  });
  add(
    'xl/sharedStrings.xml',
    `<sst>${shared.map((text) => `<si><t xml:space="preserve">${escaped(text)}</t></si>`).join('')}</sst>`,
  );
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

let files = 0;
async function read(bytes: Buffer): Promise<Decoded & { recognised: string }> {
  const file = path.join(folder, `${files++}.xlsx`);
  writeFileSync(file, bytes);
  const found = await recognisedBy(XLSX, bytes, file);
  const recognised = found === null ? 'null' : 'declined' in found ? found.declined : found.recognised;
  return { ...(await decoded(XLSX, bytes, { path: file })), recognised };
}

/** 1 February 2025. */
const FEBRUARY = 45_689;

describe('spreadsheets', () => {
  it('reads a long table, its moments by their style, ids with their zeros', async () => {
    const rows = Array.from({ length: 48 }, (_, at): Cell[] => ['00123', { date: FEBRUARY + at / 48 }, 0.5]);
    const { intervals, problems, totalsWh } = await read(
      await workbook({
        Данные: [['Отчёт'], ['Заводской номер', 'Начало', 'кВт·ч'], ...rows, ['Итого', null, 24]],
      }),
    );
    expect(problems).toEqual([]);
    expect(totalsWh).toEqual({ '00123 import': 24_000 });
    expect(intervals[0].start).toEqual({ localMinutes: Date.UTC(2025, 1, 1) / 60_000, zone: null });
  });

  it('date × hour, one meter a sheet', async () => {
    const header: Cell[] = ['Дата', ...Array.from({ length: 24 }, (_, hour) => `${hour + 1}`)];
    const day = (kwh: number): Cell[][] => [
      ['Потребление, кВт·ч'],
      header,
      [{ date: FEBRUARY }, ...header.slice(1).map(() => kwh)],
      [{ date: FEBRUARY + 1 }, ...header.slice(1).map(() => kwh)],
    ];
    const { totalsWh } = await read(
      await workbook({ 'ПУ-1': day(1), 'ПУ-2': day(2), Заметки: [['ничего']] }),
    );
    expect(totalsWh).toEqual({ 'ПУ-1 import': 48_000, 'ПУ-2 import': 96_000 });
  });

  it('reads the register report of households, without its people', async () => {
    const { items, problems, recognised } = await read(
      await workbook({
        Лист1: [
          ['ООО «Сбыт»'],
          ['Отчёт о потреблении за период'],
          [
            '№ п/п',
            'Кв.',
            'Лицевой счёт',
            'Адрес',
            'Заводской номер',
            'Дата установки',
            'Дельта А+',
            'Показание или сумма по тарифам (А+)',
            'Дата и время показаний',
            'Показания по тарифу 1 (А+)',
            'Показания по тарифу2 (А+)',
            'Показание (А-)',
            'Коэф. трансформации',
          ],
          ['число', 'число', null, null, null, null, 'целое число'],
          [
            1,
            'кв 1',
            '100',
            'ул. Тайная, 1',
            '90000001',
            { date: 44_000 },
            'н/д',
            'н/д',
            null,
            null,
            null,
            null,
            '1/1',
          ],
          [
            2,
            'кв 2',
            '101',
            'ул. Тайная, 2',
            '90000002',
            { date: 44_000 },
            5,
            1_234.5,
            { date: FEBRUARY + 0.5 },
            1000.5,
            234,
            7,
            '200/5',
          ],
          [
            3,
            'кв 3',
            '102',
            'ул. Тайная, 3',
            '90000003',
            { date: 44_000 },
            5,
            -3,
            { date: FEBRUARY },
            null,
            null,
            0,
            '1/1',
          ],
        ],
      }),
    );
    expect(recognised).toContain('Пирамида');
    expect(items.filter(({ kind }) => kind === 'register')).toEqual([
      expect.objectContaining({
        point: '90000002',
        zone: 'total',
        kwh: 1234.5,
        ctRatio: 40,
        at: { localMinutes: Date.UTC(2025, 1, 1, 12) / 60_000, zone: null },
      }),
      expect.objectContaining({ zone: 'T1', kwh: 1000.5 }),
      expect.objectContaining({ zone: 'T2', kwh: 234 }),
    ]);
    expect(problems).toEqual([expect.objectContaining({ reason: 'negative', place: { line: 7, path: '' } })]);
    expect(JSON.stringify(items)).not.toContain('Тайная');
  });

  it.each([
    ['a DOCTYPE', (xml: string) => `<!DOCTYPE x [<!ENTITY a "b">]>${xml}`, /DOCTYPE/],
    ['a sheet that is cut off', (xml: string) => xml.slice(0, -20), /damaged/],
    [
      'a sheet without end of nesting',
      (xml: string) => xml.replace('<sheetData>', '<a>'.repeat(100)),
      /nested|damaged/,
    ],
  ])('refuses %s', async (_, change, words) => {
    await expect(
      read(
        await workbook(
          {
            A: [
              ['Meter ID', 'Start', 'kWh'],
              ['1', '2025-02-01 00:00', 1],
            ],
          },
          change,
        ),
      ),
    ).rejects.toThrow(words);
  });

  it('reads a workbook that lies in a zip archive, and no archive in the workbook', async () => {
    const book = await workbook({
      A: [
        ['Meter ID', 'Start', 'kWh'],
        ...[0, 1, 2].map((at): Cell[] => ['90001', { date: FEBRUARY + at / 24 }, 0.5]),
      ],
    });
    const file = path.join(folder, 'packed.zip');
    writeFileSync(file, zipOf({ 'february.xlsx': book }));
    const limit = 1 << 20;
    expect(await checkZip(file, limit)).toBeGreaterThan(book.length);
    const { parts, close } = await recogniseFile(file);
    expect(parts.map(({ format, refusal }) => [format?.name, refusal])).toEqual([['xlsx', null]]);
    let wh = 0;
    const context = { zone: null, receivedAt: new Date('2026-01-01') };
    for await (const items of XLSX.decode(parts[0].source, context))
      for (const item of items) if (item.kind === 'intervals') for (const value of item.wh) wh += value || 0;
    close();
    expect(Math.round(wh)).toBe(1500);
    writeFileSync(file, zipOf({ 'a.zip': zipOf({ 'b.csv': 'x' }) }));
    await expect(checkZip(file, limit)).rejects.toThrow('itself an archive');
    writeFileSync(file, zipOf({ 'february.xlsx': book }));
    await expect(checkZip(file, book.length + 10)).rejects.toThrow('unpacks to more than');
  });

  it('leaves other spreadsheets alone', async () => {
    const bytes = await workbook({
      A: [
        ['name', 'age'],
        ['x', 3],
      ],
    });
    const file = path.join(folder, 'other.xlsx');
    writeFileSync(file, bytes);
    expect(await recognisedBy(XLSX, bytes, file)).toBeNull();
  });
});

describe('cells', () => {
  it.each([
    [14, undefined, true],
    [2, undefined, false],
    [164, 'dd\\.mm\\.yyyy\\ hh:mm:ss', true],
    [164, '[$-419]d mmm yyyy', true],
    [164, '#,##0.00" day"', false],
    [164, '0.00', false],
    [164, 'mm:ss.0', true],
  ])('format %i %s shows a moment: %s', (id, code, isDate) => {
    expect(isDateFormat(id, code)).toBe(isDate);
  });

  it.each([
    // As LibreOffice shows them.
    [45_689, false, '2025-02-01'],
    [45_689 + 1 / 48, false, '2025-02-01 00:30:00'],
    [44_227, true, '2025-02-01'],
    [0.75, false, '18:00:00'],
  ])('serial %d (1904: %s) is %s', (serial, is1904, text) => {
    expect(textOfSerial(serial, is1904)).toBe(text);
  });
});

describeWithRealData('a register report of «Пирамида 2.0»', (data) => {
  it('is read with its tariffs', async () => {
    const { items, problems } = await read(
      readFileSync(path.join(data, 'formats', 'pyramida2', 'consumption_report_FL_masked.xlsx')),
    );
    expect(problems).toEqual([]);
    const registers = items.filter((item) => item.kind === 'register');
    expect(registers.filter(({ zone }) => zone === 'total')).toHaveLength(38);
    expect(registers.find(({ serial, zone }) => serial === '90000003' && zone === 'T2')).toMatchObject({
      kwh: 223.74,
      ctRatio: 1,
    });
  });
});
