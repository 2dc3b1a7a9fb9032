import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TABLE } from '../../../src/uploads/formats/tables/table.format.js';
import { OWN_LAYOUTS } from '../../../src/uploads/formats/own-layouts.js';
import { decoded, recognisedBy, survivesDamage } from '../../support/decoded.js';
import { describeWithRealData } from '../../support/shared-data.js';

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const hours = (count: number, row: (hour: number) => string) =>
  Array.from({ length: count }, (_, hour) => row(hour)).join('');

async function said(text: string | Buffer): Promise<string> {
  const found = await recognisedBy(TABLE, Buffer.from(text));
  return found === null ? 'null' : 'declined' in found ? found.declined : found.recognised;
}

describe('tables of readings', () => {
  it('reads a table in time order, in whose beginning no meter comes twice', async () => {
    const rows = hours(3, (hour) =>
      Array.from(
        { length: 4_000 },
        (_, n) => `METER-${1000 + n};2026-03-01 ${clock(hour * 60)};${1000 + (n % 900)}\n`,
      ).join(''),
    );
    const text = `Zählpunkt;Beginn;Wh\n${rows}`;
    expect(await said(text)).toContain('one reading a line, every 60 minutes');
    const { intervals, problems } = await decoded(TABLE, text);
    expect(problems).toEqual([]);
    expect(intervals).toHaveLength(4_000);
    expect([...intervals[0].wh.slice(0, 4)]).toEqual([1000, 1000, 1000, NaN]);
  });

  it('Fluvius: tariffs of one interval are added, and the hour that comes twice is kept twice', async () => {
    const row = (from: string, to: string, register: string, volume: string, status = 'Gevalideerd') =>
      `29-10-2023;${from}:00;29-10-2023;${to}:00;="541448860004107822";1SAG1;Digitale Meter;${register};${volume};kWh;${status}\r\n`;
    const text =
      '\ufeffVan datum;Van tijdstip;Tot datum;Tot tijdstip;EAN;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus\r\n' +
      row('01:45', '02:00', 'Afname Dag', '0,100') +
      row('01:45', '02:00', 'Afname Nacht', '0,025', 'Geschat') +
      row('01:45', '02:00', 'Injectie Dag', '0,5') +
      row('02:00', '02:15', 'Afname Nacht', '0,001') +
      row('02:00', '02:15', 'Afname Nacht', '0,002') +
      row('02:45', '02:00', 'Afname Nacht', '0,004') +
      row('02:45', '03:00', 'Afname Nacht', '0,008') +
      row('03:00', '03:15', 'Afname Nacht', '', 'Geen verbruik');
    expect(await said(text)).toContain('Fluvius');
    const { intervals, problems, totalsWh } = await decoded(TABLE, text);
    expect(problems).toEqual([]);
    expect(totalsWh).toEqual({ '541448860004107822 import': 140, '541448860004107822 export': 500 });
    const [first, ...again] = intervals.filter(({ channel }) => channel === 'import');
    expect([first.wh[7], first.wh[8], first.wh[11], first.wh[12]]).toEqual([125, 1, 4, NaN]);
    expect(first.quality?.[7]).toBe(1);
    expect(again.map(({ start, wh }) => [start, wh[0]])).toEqual([
      [expect.objectContaining({ pass: 'second' }), 2],
      [expect.objectContaining({ pass: 'second' }), 8],
    ]);
  });

  it('Datadis: hours 1 to 25 are counted through the local day', async () => {
    const text = `CUPS;Fecha;Hora;Consumo_kWh;Metodo_obtencion\n${hours(24, (h) => `ES01;25/10/2025;${h + 1};0,100;R\n`)}${hours(25, (h) => `ES01;26/10/2025;${h + 1};0,2;E\n`)}`;
    const { intervals, assumed, problems } = await decoded(TABLE, text);
    expect(problems).toEqual([]);
    expect(assumed).toContainEqual(expect.stringContaining('Europe/Madrid'));
    const instants = intervals.flatMap(({ start, wh }) =>
      [...wh].flatMap((value, at) =>
        Number.isNaN(value) || !('utcMs' in start) ? [] : [start.utcMs + at * 3_600_000],
      ),
    );
    expect(instants).toHaveLength(49);
    expect(new Date(Math.min(...instants)).toISOString()).toBe('2025-10-24T22:00:00.000Z');
    expect(new Date(Math.max(...instants)).toISOString()).toBe('2025-10-26T22:00:00.000Z');
  });

  it('Datadis API: 24:00 is the end of its day, surplus is export', async () => {
    const text = `cups,fecha,hora,consumo_kWh,metodoObtencion,energiaVertida_kWh,energiaGenerada_kWh\n${hours(24, (h) => `ES01,2025/02/01,${clock((h + 1) * 60)},0.1,Real,0.05,9\n`)}`;
    const { totalsWh, intervals } = await decoded(TABLE, text);
    expect(totalsWh).toEqual({ 'ES01 import': 2400, 'ES01 export': 1200 });
    expect(intervals[0].start).toEqual({ localMinutes: Date.UTC(2025, 1, 1) / 60_000, zone: null });
  });

  it('ESB: average power, ends of intervals, newest first', async () => {
    const text =
      'MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time\r\n' +
      '10300000001,000123,2.0,Active Import Interval (kW),26-10-2025 02:00\r\n' +
      '10300000001,000123,1.0,Active Import Interval (kW),26-10-2025 01:30\r\n' +
      '10300000001,000123,0.5,Active Export Interval (kW),26-10-2025 01:30\r\n' +
      '10300000001,000123,4.0,Active Import Interval (kW),26-10-2025 02:00\r\n' +
      '10300000001,000123,6.0,Active Import Interval (kW),26-10-2025 01:00\r\n' +
      '10300000001,000123,8.0,Active Import Interval (kW),13-10-2025 00:00\r\n';
    const { intervals, totalsWh } = await decoded(TABLE, text);
    expect(totalsWh).toEqual({ '10300000001 import': 10_500, '10300000001 export': 250 });
    const [day, again] = intervals.filter(({ wh }) => !Number.isNaN(wh[3]) || wh.length === 1);
    // The list runs backwards: the hour after the change comes first.
    expect([day.wh[3], again.wh[0]]).toEqual([2000, 1000]);
    expect(again.start).toMatchObject({ pass: 'second' });
    expect(intervals.find(({ wh }) => wh[47] === 4000)?.start).toMatchObject({
      localMinutes: Date.UTC(2025, 9, 12) / 60_000,
    });
  });

  it('Elhub: the decimal comma may cut the row', async () => {
    const text =
      'Fra,Til,KWH 60 Forbruk,Kvalitet\n' +
      '01.01.2025 00:00,01.01.2025 01:00,1,234,Målt\n' +
      '01.01.2025 01:00,01.01.2025 02:00,2,5,Stipulert\n' +
      '01.01.2025 02:00,01.01.2025 03:00,3,Målt\n';
    const { intervals } = await decoded(TABLE, text);
    expect([...intervals[0].wh.subarray(0, 4)]).toEqual([1234, 2500, 3000, NaN]);
    expect(intervals[0].quality?.[1]).toBe(1);
  });

  it('DSMR: tariffs in columns are added, gas is not, times are instants', async () => {
    const text =
      'Meter: E001\nHour Start,Electricity 1 (Low Tariff),Electricity 2 (Normal Tariff),Electricity 1 Returned (Low Tariff),Electricity 2 Returned (Normal Tariff),Gas\n' +
      '2025-01-01T00:00:00+01:00,0.196,0.004,0,0.5,9\n2025-01-01T01:00:00+01:00,0.1,0,0,0,9\n';
    const { totalsWh, intervals } = await decoded(TABLE, text);
    expect(totalsWh).toEqual({ 'E001 import': 300, 'E001 export': 500 });
    expect(intervals[0].start).toEqual({ utcMs: Date.parse('2024-12-31T00:00:00Z') });
  });

  it('Engie: rows of gas are not electricity', async () => {
    const text =
      'EAN,Type,Datum,Verbruik,Piek\n871,Elektriciteit,2025-01-01T00:00:00+0100,0.5,true\n871,Gas,2025-01-01T00:00:00+0100,3,false\n871,Elektriciteit,2025-01-01T01:00:00+0100,0.25,false\n';
    expect((await decoded(TABLE, text)).totalsWh).toEqual({ '871 import': 750 });
  });

  it('Ameren: of rows of 15 and of 60 minutes only one is read', async () => {
    const rows = [0, 15, 30, 45]
      .map((m) => `01/13/2025 00:${String(m).padStart(2, '0')},15min,0.25\n`)
      .join('');
    const text = `Account Number: 123456\nName,X\n\nStart Interval Date/Time,Interval,Usage\n01/13/2025 00:00,60min,1.0\n${rows}`;
    expect((await decoded(TABLE, text)).totalsWh).toEqual({ '123456 import': 1000 });
  });

  it('columns of 60 and of 15 minutes side by side are not added', async () => {
    const text = `Meter ID,Date Time,Usage 60 min (kWh),Usage 15 min (kWh)\n${[0, 15, 30, 45].map((m) => `7,2025-01-13 00:${String(m).padStart(2, '0')},${m === 0 ? '1.0' : '-'},0.25\n`).join('')}`;
    expect((await decoded(TABLE, text)).totalsWh).toEqual({ '7 import': 1000 });
  });

  it('a net below zero is what the home gives; parts of a report do not add up', async () => {
    const header = 'Energy consumption time period,Usage(Real energy in kilowatt-hours),Events occurred\n';
    const row = (h: number, kwh: string) =>
      ` 2025-10-19 ${clock(h * 60)} to 2025-10-19 ${clock(h * 60 + 60)},${kwh},,\n`;
    const text = ` Usage\n For: ACC-77\n ====\n ${header}${row(0, '1.0')}${row(1, '-0.5')}\n ====\n ${header}${row(0, '1.5')}${row(1, '0')}`;
    expect((await decoded(TABLE, text)).totalsWh).toEqual({ 'ACC-77 import': 1500, 'ACC-77 export': 500 });
  });

  it('SGSC: general supply and controlled load are one home, times are ends', async () => {
    const text =
      'CUSTOMER_ID,READING_DATETIME,CALENDAR_KEY,GENERAL_SUPPLY_KWH,CONTROLLED_LOAD_KWH,GROSS_GENERATION_KWH,NET_GENERATION_KWH\n' +
      '8156,2013-06-03 00:29:59,1,0.1,0.2,5,0\n8156,2013-06-03 00:59:59,1,0.1,0,5,0.4\n';
    const { intervals, totalsWh } = await decoded(TABLE, text);
    expect(totalsWh).toEqual({ '8156 import': 400, '8156 export': 400 });
    expect(Math.round(intervals[0].wh[0])).toBe(300);
  });

  it('wide days of a Russian export: windows-1251, preamble, totals, thousands, decimal comma', async () => {
    const names = Array.from({ length: 24 }, (_, h) =>
      `${h}-${h + 1}`.replace(/.*/, `${clock(h * 60)}-${clock(h * 60 + 60)}`),
    ).join(';');
    const row = (date: string) =>
      `${date};00123;${Array.from({ length: 24 }, () => '1\u00a0000,5').join(';')}`;
    const text = `Отчёт о потреблении, кВт·ч\r\n\r\nДата;Заводской номер;${names}\r\n${row('01.02.2025')}\r\n${row('02.02.2025')}\r\nИтого;;24012\r\n`;
    for (const encode of [
      cp1251,
      (each: string) => Buffer.from(each),
      (each: string) => Buffer.from(`\ufeff${each}`, 'utf16le'),
    ]) {
      const { totalsWh, problems, assumed } = await decoded(TABLE, encode(text), { chunkBytes: 101 });
      expect(problems).toEqual([]);
      expect(totalsWh).toEqual({ '00123 import': 48 * 1_000_500 });
      expect(assumed).toContain('Rows of totals are passed over.');
    }
  });

  it('meters in columns', async () => {
    const text = `Datum;Cas od;Cas do;IN-859182400100000001-O;IN-859182400100000002-O\n01.01.2025;00:00;00:15;0,5;0,25\n01.01.2025;00:15;00:30;0,5;0,25\n01.01.2025;00:30;00:45;0,5;0,25\n`;
    expect(await said(text)).toContain('does not say the unit');
    const { totalsWh } = await decoded(TABLE, `kWh\n${text}`.replace('kWh\n', 'Jednotka;kWh\n'));
    expect(totalsWh).toEqual({
      'IN-859182400100000001-O import': 1500,
      'IN-859182400100000002-O import': 750,
    });
  });

  it('names and addresses are neither read nor kept of a rejected row', async () => {
    const text = `ФИО;Адрес;Номер ПУ;Дата;Показания, кВт·ч\nИванов И.И.;ул. Тайная, 5;00077;01.02.2025;123,4\nИванов И.И.;ул. Тайная, 5;00077;02.02.2025;125,4\nПетров П.П.;ул. Тайная, 6;00078;02.02.2025;abc\n`;
    const { items, problems } = await decoded(TABLE, text);
    expect(items.find(({ kind }) => kind === 'register')).toMatchObject({ point: '00077', kwh: 123.4 });
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(items)).not.toMatch(/Иванов|Петров|Тайная/);
  });

  it.each([
    [
      'dates of either order',
      'Meter ID,Date Time,kWh\n1,01/02/2025 00:00,1\n1,01/02/2025 01:00,2\n',
      /day first or month first/,
    ],
    [
      'times of either end',
      'Meter ID,Timestamp,kWh\n1,2025-02-01 07:00,1\n1,2025-02-01 08:00,2\n',
      /beginnings of the intervals or their ends/,
    ],
    [
      'a unit that nothing tells',
      'Meter ID,Start,Consumption\n1,2025-02-01 00:00,1\n1,2025-02-01 01:00,2\n',
      /does not say the unit/,
    ],
    [
      'a comma of either kind',
      'Meter ID,Start,kWh\n1,2025-02-01 00:00,"1,234"\n1,2025-02-01 01:00,"2,345"\n',
      /decimal comma or groups/,
    ],
    [
      'a register that is not called one',
      `Meter ID,Start,kWh\n${hours(24, (h) => `1,2025-02-01 ${clock(h * 60)},${1000 + h}\n`)}`,
      /only grow/,
    ],
  ])('asks about %s and does not guess', async (_, text, words) => {
    expect(await said(text)).toMatch(words);
    await expect(decoded(TABLE, text)).rejects.toThrow(words);
  });

  it.each([
    ['prose', 'Dear all,\nplease find attached.\n'],
    ['XML', '<?xml version="1.0"?><a/>'],
    ['a list of dates', 'name,born\nA,2001-01-01\nB,2002-01-01\n'],
    ['nothing', ''],
  ])('leaves %s alone', async (_, text) => {
    expect(await recognisedBy(TABLE, Buffer.from(text))).toBeNull();
  });

  it('tells of bad cells where they stand', async () => {
    const text =
      'Meter ID,Start,kWh\n1,2025-02-01 00:00,0.5\n1,2025-02-01 01:00,abc\n1.2E+17,2025-02-01 02:00,1\n1,2025-02-30 03:00,1\n';
    const { problems } = await decoded(TABLE, text);
    expect(problems.map(({ place, reason }) => [place.line, reason])).toEqual([
      [3, 'bad_number'],
      [4, 'excel_id'],
      [5, 'bad_time'],
    ]);
  });

  it('our own layouts stay with their own loaders', async () => {
    const own = 'metering_point,start,kwh\nA,2025-01-01T00:00+08:00,1\n';
    const taken = await Promise.all(OWN_LAYOUTS.map((format) => recognisedBy(format, Buffer.from(own))));
    expect(taken.some((found) => found !== null)).toBe(true);
  });

  it('survives damage', () =>
    survivesDamage(
      TABLE,
      Buffer.from(
        `Отчёт\nДата;Время;Счётчик;кВт·ч;Статус\n${hours(30, (h) => `0${1 + Math.floor(h / 24)}.02.2025;${clock((h % 24) * 60)};="0012${h % 3}";${h},5;A\n`)}`,
      ),
      120,
    ));
});

/** Letters of windows-1251; everything else in the test is ASCII or a no-break space. */
function cp1251(text: string): Buffer {
  return Buffer.from(
    [...text].map((char) => {
      const code = char.charCodeAt(0);
      if (code >= 0x410 && code <= 0x44f) return code - 0x350;
      if (char === 'ё') return 0xb8;
      if (char === '·') return 0xb7;
      return code;
    }),
  );
}

describeWithRealData('samples of tables', (folder) => {
  it.each([
    // Sums by awk over the files' own columns, in Wh.
    [
      'Verbruikshistoriek_elektriciteit_123456789123456789_20211012_20240929_kwartiertotalen.csv',
      'Fluvius',
      18_192,
    ],
    ['ExportData_settembre.csv', 'e-distribuzione', null],
    ['dsmrreader-data-export-hour.csv', 'DSMR', null],
    ['liander_csv_bijlage_masked.csv', 'Liander', null],
    ['united_power_hourly_net-negative.csv', 'United Power', null],
  ])('%s', async (name, title, wh) => {
    const bytes = readFileSync(path.join(folder, 'formats', 'csv', name));
    expect(await recognisedBy(TABLE, bytes)).toMatchObject({ recognised: expect.stringContaining(title) });
    const { items, problems, totalsWh } = await decoded(TABLE, bytes, { chunkBytes: 5_000 });
    expect(problems).toEqual([]);
    expect(items.length).toBeGreaterThan(4);
    if (wh !== null) expect(Object.values(totalsWh)).toContain(wh);
  });
});
