import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { RefusedError } from '../../config/errors.js';
import type { RegistryRow } from '../../grid/domain/registry-row.js';
import { parseZone } from '../../grid/domain/time-zone.js';
import { decodeRegistry, type RegistryBatch } from './registry-csv.js';

async function batches(
  content: string | Buffer,
  zone: string | null = null,
  chunkBytes = 7,
): Promise<RegistryBatch[]> {
  const bytes = Buffer.from(content);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
  const decoded: RegistryBatch[] = [];
  const options = { zone: zone === null ? null : parseZone(zone) };
  for await (const batch of decodeRegistry(Readable.from(chunks), options)) decoded.push(batch);
  return decoded;
}

async function decode(content: string | Buffer, zone: string | null = null) {
  const all = await batches(content, zone);
  return {
    rows: all.flatMap(({ rows }) => rows),
    rejected: all.flatMap(({ rejected }) => rejected),
    ignoredColumns: all[0].ignoredColumns,
  };
}

const SHORT = 'metering_point,territory\n';
const ALL =
  'metering_point,household,territory,transformer,feeder,tariff_category,' +
  'electric_heating,contracted_kw,declared_load_kw,declared_purpose\n';

describe('layouts', () => {
  const expected = {
    meteringPoint: '00123',
    household: 'H1',
    transformer: 'T1',
    feeder: 'F1',
    tariffCategory: 'urban',
    electricHeating: true,
    contractedKw: 15.5,
    declaredLoadKw: 12,
    declaredPurpose: 'сауна, гараж',
  };
  const body = '00123;H1;25701000;T1;F1;urban;да;15,5;12;сауна, гараж';
  const semicolons = `${ALL.replaceAll(',', ';')}${body}\n`;
  it.each<[string, string | Buffer]>([
    ['comma', `${ALL}00123,H1,25701000,T1,F1,urban,yes,15.5,12,"сауна, гараж"\n`],
    ['semicolon', semicolons],
    ['tab', semicolons.replaceAll(';', '\t')],
    ['BOM', `\ufeff${semicolons}`],
    ['CRLF', semicolons.replaceAll('\n', '\r\n')],
    ['no line end at the end', semicolons.trimEnd()],
    [
      'header in capitals, spaced and quoted',
      semicolons.replace('metering_point;household', '"Metering_Point" ; HOUSEHOLD '),
    ],
    [
      'every value quoted',
      `${ALL}${body
        .split(';')
        .map((cell) => `"${cell}"`)
        .join(',')}\n`,
    ],
    ['spare delimiters at the end', semicolons.replace('гараж\n', 'гараж;;;\n')],
    ['empty lines', semicolons.replace('\n', '\n\n  \n')],
    ['an id guarded for Excel', semicolons.replace('00123', '="00123"')],
  ])('%s', async (_name, content) => {
    const { rows, rejected } = await decode(content);
    expect(rejected).toEqual([]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject(expected);
    expect(rows[0].territory).toMatchObject({ code: '25701000', region: 'RU-IRK' });
  });

  it('takes columns in any order and blank or missing ones as not stated', async () => {
    const { rows } = await decode('territory,contracted_kw,metering_point\nRU-MOW,,A1\n');
    expect(rows[0]).toEqual({
      line: 2,
      meteringPoint: 'A1',
      household: null,
      territory: expect.objectContaining({ code: 'RU-MOW' }),
      transformer: null,
      feeder: null,
      tariffCategory: null,
      electricHeating: null,
      contractedKw: null,
      declaredLoadKw: null,
      declaredPurpose: null,
    });
  });

  it('passes over columns it does not know and names them, but for its own', async () => {
    const { rows, ignoredColumns } = await decode(
      'metering_point,colour,territory,gridwarden_line\nA1,red,RU-MOW,7\n',
    );
    expect([rows.length, ignoredColumns]).toEqual([1, ['colour']]);
  });

  it('yields one batch, without rows, of a header alone', async () => {
    expect(await batches(SHORT)).toEqual([{ rows: [], rejected: [], ignoredColumns: [] }]);
  });
});

describe('values', () => {
  const value = async (column: string, text: string) => {
    const { rows, rejected } = await decode(`metering_point;territory;${column}\nA1;RU-MOW;${text}\n`);
    return {
      row: rows[0] as RegistryRow | undefined,
      reason: rejected[0]?.reason,
      field: rejected[0]?.field,
    };
  };

  it.each([
    ['yes', true],
    ['TRUE', true],
    ['1', true],
    ['Да', true],
    ['no', false],
    ['false', false],
    ['0', false],
    ['НЕТ', false],
    ['', null],
  ])('electric heating "%s" is %s', async (text, expected) => {
    expect((await value('electric_heating', text)).row?.electricHeating).toBe(expected);
  });

  it.each([
    ['15', 15],
    ['15.5', 15.5],
    ['15,5', 15.5],
    ['0', 0],
    ['1 250,5', 1250.5],
    ['1\u00a0250', 1250],
    ['', null],
  ])('contracted kW "%s" is %s', async (text, expected) => {
    expect((await value('contracted_kw', text)).row?.contractedKw).toBe(expected);
  });

  it.each([
    ['contracted_kw', 'fifteen', 'bad_number'],
    ['contracted_kw', '1,250.5', 'bad_number'],
    ['contracted_kw', '1 5', 'bad_number'],
    ['contracted_kw', 'NaN', 'bad_number'],
    ['contracted_kw', '-3', 'negative'],
    ['declared_load_kw', '4294967.295', 'out_of_range'],
    ['electric_heating', 'maybe', 'bad_value'],
    ['declared_purpose', 'x'.repeat(501), 'bad_value'],
    ['household', '1.23E+17', 'excel_id'],
    ['transformer', '1,2E+05', 'excel_id'],
    ['feeder', '#N/A', 'bad_id'],
    ['household', 'x'.repeat(101), 'bad_id'],
    ['household', 'a\u0007b', 'bad_id'],
  ])('%s "%s" rejects the row: %s', async (column, text, reason) => {
    expect(await value(column, text)).toEqual({ row: undefined, reason, field: column });
  });

  it('leaves an id with a letter e alone', async () => {
    expect((await value('transformer', '12E5')).row?.transformer).toBe('12E5');
  });
});

describe('rejected rows', () => {
  it.each<[string, string, string, string]>([
    ['too few columns', 'A1', 'wrong_columns', ''],
    ['too many columns', 'A1,RU-MOW,x', 'wrong_columns', ''],
    ['no id', ',RU-MOW', 'missing_value', 'metering_point'],
    ['no territory', 'A1,', 'missing_value', 'territory'],
    ['an id ruined by Excel', '1.23E+17,RU-MOW', 'excel_id', 'metering_point'],
    ['an unknown territory', 'A1,RU-XXX', 'unknown_territory', 'territory'],
    ['a territory abroad without a zone', 'A1,AU-NSW', 'unknown_territory', 'territory'],
    ['letters after a closing quotation mark', '"A1"x,RU-MOW', 'wrong_columns', ''],
    ['a quotation mark behind an unbreakable space', 'A1,\u00a0"RU-MOW', 'wrong_columns', ''],
  ])('%s', async (_name, line, reason, field) => {
    const { rows, rejected } = await decode(`${SHORT}B1,RU-MOW\n${line}\nB2,RU-MOW\n`);
    expect(rows.map(({ meteringPoint }) => meteringPoint)).toEqual(['B1', 'B2']);
    expect(rejected).toMatchObject([{ line: 3, reason, field, raw: line }]);
  });

  it('says what an unknown territory may have meant', async () => {
    const { rejected } = await decode(`${SHORT}A1,RU-IRC\nA2,Иркутская область\nA3,1701000\nA4,AU-NSW\n`);
    expect(rejected.map(({ detail }) => detail)).toEqual([
      '"RU-IRC" is neither an OKTMO nor an ISO 3166-2 code of Russia. Do you mean RU-IRK (Irkutsk Oblast; OKTMO 25…)?',
      '"Иркутская область" is neither an OKTMO nor an ISO 3166-2 code of Russia. Do you mean RU-IRK (Irkutsk Oblast; OKTMO 25…)?',
      '"1701000" is neither an OKTMO nor an ISO 3166-2 code of Russia. Do you mean RU-ALT (Altai Krai; OKTMO 01…)?',
      '"AU-NSW" is neither an OKTMO nor an ISO 3166-2 code of Russia. For a place abroad state the zone of the upload.',
    ]);
  });

  it('takes a territory abroad in the zone of the upload, and a Russian one in its own', async () => {
    const { rows, rejected } = await decode(`${SHORT}A1,AU-NSW\nA2,RU-IRK\nA3,Sydney\n`, 'Australia/Sydney');
    expect(rows.map(({ territory }) => territory.zone.name)).toEqual(['Australia/Sydney', 'Asia/Irkutsk']);
    expect(rejected).toMatchObject([{ line: 4, reason: 'unknown_territory' }]);
  });

  it('takes a metering point once: the same again is passed over, something else rejected', async () => {
    const { rows, rejected } = await decode(`${SHORT}A1,RU-MOW\nA1,RU-MOW\nA1,RU-IRK\n`);
    expect(rows.map(({ line }) => line)).toEqual([2]);
    expect(rejected).toMatchObject([
      { line: 4, reason: 'duplicate_id', detail: 'Line 2 states "A1" otherwise; that line was taken.' },
    ]);
  });

  it('takes one feeder for a transformer', async () => {
    const { rows, rejected } = await decode(
      'metering_point,territory,transformer,feeder\nA1,RU-MOW,T1,F1\nA2,RU-MOW,T1,\nA3,RU-MOW,T1,F2\nA4,RU-MOW,,F2\n',
    );
    expect(rows.map(({ meteringPoint, feeder }) => [meteringPoint, feeder])).toEqual([
      ['A1', 'F1'],
      ['A2', null],
      ['A4', null],
    ]);
    expect(rejected).toMatchObject([{ line: 4, field: 'feeder', reason: 'bad_value' }]);
  });
});

describe('broken bytes and quotation marks', () => {
  const good = (line: number, id: string) => expect.objectContaining({ line, meteringPoint: id });

  it('rejects lines that are not UTF-8 or hold a NUL, and keeps counting', async () => {
    const content = Buffer.concat([
      Buffer.from(`${SHORT}A1,RU-MOW\n`),
      Buffer.from([0xcc, 0xee, 0xf1, 0x2c, 0x0a]),
      Buffer.from('A\0,RU-MOW\nA2,RU-MOW\n'),
    ]);
    const { rows, rejected } = await decode(content);
    expect(rows).toEqual([good(2, 'A1'), good(5, 'A2')]);
    expect(rejected).toMatchObject([
      { line: 3, reason: 'bad_utf8' },
      { line: 4, reason: 'nul_byte', raw: 'A\ufffd,RU-MOW' },
    ]);
  });

  it('rejects a line over 64 KiB and keeps its head', async () => {
    const all = await batches(`${SHORT}${'x'.repeat(200_000)}\nA1,RU-MOW\n`, null, 10_000);
    expect(all[0].rows).toEqual([good(3, 'A1')]);
    expect(all[0].rejected).toMatchObject([{ line: 2, reason: 'line_too_long', raw: 'x'.repeat(4000) }]);
  });

  it('counts lines through quoted line ends', async () => {
    const { rows, rejected } = await decode(
      'metering_point,territory,declared_purpose\nA1,RU-MOW,"garage\r\nand ""sauna"""\nA2,RU-MOW,\nA3,?,"a\nb"\nA4,RU-MOW,x\n',
    );
    expect(rows.map(({ line, declaredPurpose }) => [line, declaredPurpose])).toEqual([
      [2, 'garage\nand "sauna"'],
      [4, null],
      [7, 'x'],
    ]);
    expect(rejected).toMatchObject([{ line: 5, reason: 'unknown_territory', raw: 'A3,?,"a\nb"' }]);
  });

  it('takes a quotation mark within a value as it stands', async () => {
    const { rows, rejected } = await decode(
      'metering_point,territory,declared_purpose\nA1,RU-MOW,ООО "Луч"\nA2,RU-MOW,5" pipe\n',
    );
    expect(rejected).toEqual([]);
    expect(rows.map(({ declaredPurpose }) => declaredPurpose)).toEqual(['ООО "Луч"', '5" pipe']);
  });

  it('loses one line, not the file, to a quotation mark that is never closed', async () => {
    const after = Array.from({ length: 50 }, (_, i) => `B${i},RU-MOW,\n`).join('');
    const { rows, rejected } = await decode(
      `metering_point,territory,declared_purpose\nA1,RU-MOW,"garage\n${after}`,
    );
    expect(rows).toHaveLength(50);
    expect(rows[49]).toEqual(good(52, 'B49'));
    expect(rejected).toMatchObject([{ line: 2, reason: 'wrong_columns', raw: 'A1,RU-MOW,"garage' }]);
  });

  it('does so at the end of the file too', async () => {
    const { rows, rejected } = await decode('metering_point,territory\nA1,"RU-MOW\nA2,RU-MOW\nA3,"RU-MOW');
    expect(rows).toEqual([good(3, 'A2')]);
    expect(rejected.map(({ line }) => line)).toEqual([2, 4]);
  });
});

describe('files that are refused', () => {
  it.each<[string, string | Buffer, string]>([
    ['an empty file', '', 'The file is empty'],
    ['an empty first line', '\nmetering_point,territory\n', 'The first line is empty'],
    ['no header', 'A1,RU-MOW\n', 'No column metering_point and territory in the first line "A1,RU-MOW"'],
    ['no territory', 'metering_point,household\n', 'No column territory'],
    ['another delimiter', 'metering_point|territory\n', 'No column metering_point and territory'],
    [
      'a column twice',
      'metering_point,territory,Territory\n',
      'The header names the column territory twice.',
    ],
    ['windows-1251', Buffer.from([0xcc, 0xee, 0x3b, 0x0a]), 'The header is not UTF-8'],
    ['UTF-16', Buffer.from('\ufeffmetering_point,territory\n', 'utf16le'), 'UTF-16'],
    ['binary', Buffer.from([0x00, 0x01, 0x0a]), 'not text in UTF-8'],
  ])('%s', async (_name, content, sentence) => {
    const refusal = await decode(content).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RefusedError);
    expect((refusal as Error).message).toContain(sentence);
  });

  it('one endless line', async () => {
    await expect(batches('x'.repeat(200_000), null, 10_000)).rejects.toThrow('more than 65536 bytes');
  });
});

it('cuts batches of at most 10,000 records, every record in one of them', async () => {
  const lines = Array.from({ length: 25_000 }, (_, i) => (i % 1000 === 0 ? `,RU-MOW\n` : `P${i},RU-MOW\n`));
  const all = await batches(SHORT + lines.join(''), null, 65_536);
  const sizes = all.map(({ rows, rejected }) => rows.length + rejected.length);
  expect(sizes).toEqual([10_000, 10_000, 5_000]);
  expect(all.flatMap(({ rejected }) => rejected)).toHaveLength(25);
});
