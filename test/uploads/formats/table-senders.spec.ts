import { FORMATS } from '../../../src/uploads/formats/index.js';
import { TABLE } from '../../../src/uploads/formats/tables/table.format.js';
import { decoded, headOfBytes, recognisedBy, sourceOf, type DecodeSettings } from '../../support/decoded.js';

/** Two days from 1 February 2025 of values that tell their own hour: hour + 1 hundredths of a kWh, and half of it more on the second. */
const DAYS = [0, 1];
const FIRST = Date.UTC(2025, 1, 1) / 60_000;
const isoOf = (minutes: number) => new Date(minutes * 60_000).toISOString();
const ymd = (minutes: number) => isoOf(minutes).slice(0, 10);
const hm = (minutes: number) => isoOf(minutes).slice(11, 16);
const dmy = (minutes: number, by = '.') => ymd(minutes).split('-').reverse().join(by);
const mdy = (minutes: number) => ymd(minutes).replace(/(\d+)-(\d+)-(\d+)/, '$2/$3/$1');
const two = (value: number) => String(value).padStart(2, '0');
const whAt = (minutes: number) => {
  const hour = (minutes - FIRST) / 60;
  return 10 * ((hour % 24) + 1) + (hour >= 24 ? 5 : 0);
};
const kwhAt = (minutes: number) => String(whAt(minutes) / 1000);
const comma = (minutes: number) => kwhAt(minutes).replace('.', ',');
const hours = Array.from({ length: 48 }, (_, hour) => FIRST + hour * 60);
const rows = (row: (minutes: number) => string) => `${hours.map(row).join('\n')}\n`;
const wide = (names: readonly string[], cells: (day: number) => string = dayCells) =>
  `Зав. номер;Дата, кВт·ч;${names.join(';')}\n${DAYS.map((day) => `10203040;${dmy(FIRST + day * 1440)};${cells(day)}\n`).join('')}`;
const dayCells = (day: number) =>
  hours
    .slice(day * 24, day * 24 + 24)
    .map(comma)
    .join(';');

/** Energies by the minute they begin at, of the metering point 10203040. */
async function read(text: string | Buffer, settings?: DecodeSettings): Promise<Map<number, number>> {
  const { intervals, problems } = await decoded(TABLE, text, settings);
  expect(problems).toEqual([]);
  const found = new Map<number, number>();
  for (const { point, channel, start, intervalMinutes, wh } of intervals) {
    if (channel === 'export') continue;
    expect(point).toBe('10203040');
    const from = 'utcMs' in start ? start.utcMs / 60_000 : start.localMinutes;
    wh.forEach((value, at) => {
      if (!Number.isNaN(value)) found.set(from + at * intervalMinutes, Math.round(value));
    });
  }
  return found;
}

const expected = new Map(hours.map((minutes) => [minutes, whAt(minutes)]));
const byHour = (a: [number, number], b: [number, number]) => a[0] - b[0];

/** Tables of senders that were never seen: each says the same two days in a way of its own. */
describe('tables of other senders', () => {
  it.each<[string, string | Buffer, DecodeSettings?]>([
    [
      'a column of hours that nobody knows the name of',
      `Datum;Timme;Anläggningsid;Förbrukning (kWh)\n${rows((t) => `${ymd(t)};${two((t / 60) % 24)}:00;10203040;${comma(t)}`)}`,
    ],
    [
      'hours counted from 1',
      `Дата;Час суток;№ счётчика;Потребление, кВт⋅ч\n${rows((t) => `${dmy(t)};${((t / 60) % 24) + 1};10203040;${comma(t)}`)}`,
    ],
    [
      'ranges of clock times beside dates',
      `Дата;Интервал;Номер ПУ;Расход, кВтч\n${rows((t) => `${dmy(t)};${hm(t)}-${hm(t + 60)};10203040;${comma(t)}`)}`,
    ],
    [
      'German, from and to, in windows-1252',
      latin(
        `Zählernummer;Datum;Uhrzeit von;Uhrzeit bis;Verbrauch [kWh]\n${rows((t) => `10203040;${dmy(t)};${hm(t)};${hm(t + 60)};${comma(t)}`)}`,
      ),
    ],
    [
      'months in words',
      `meter no;interval start;kWh\n${rows((t) => `10203040;${isoOf(t).slice(8, 10)}-Feb-2025 ${hm(t)};${comma(t)}`)}`,
    ],
    [
      'compact stamps',
      `meter no;interval start;kWh\n${rows((t) => `10203040;${ymd(t).replaceAll('-', '')}T${hm(t).replace(':', '')}00;${comma(t)}`)}`,
    ],
    [
      'seconds since 1970',
      `meter no;timestamp;kWh\n${rows((t) => `10203040;${t * 60};${comma(t)}`)}`,
      { options: { label: 'start' } },
    ],
    [
      'a header that says UTC',
      `meter no,timestamp (UTC),kWh\n${rows((t) => `10203040,${ymd(t)} ${hm(t)},${kwhAt(t)}`)}`,
    ],
    [
      'American dates below the thirteenth: days follow one another only month first',
      `ESIID,USAGE_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH\n${rows((t) => `'10203040,${mdy(t)}, ${hm(t)}, ${hm(t + 60)},${kwhAt(t)}`)}`,
    ],
    [
      'a meter and its values above the table',
      `PRM;Type;Unite\n10203040;Courbe de charge;W\nHorodate;Valeur\n${rows((t) => `${ymd(t + 60)}T${hm(t + 60)}:00Z;${whAt(t)}`)}`,
    ],
    [
      'rows of A+, A− and R+',
      `Счётчик;Дата и время;Тип;кВт·ч\n${rows((t) => `10203040;${dmy(t)} ${hm(t)};A+;${comma(t)}\n10203040;${dmy(t)} ${hm(t)};A-;0,5\n10203040;${dmy(t)} ${hm(t)};R+;7`)}`,
    ],
    [
      'rows by OBIS code',
      `Zählpunkt;OBIS;Von;Bis;Wert (kWh)\n${rows((t) => `10203040;1-1:1.29.0;${dmy(t)} ${hm(t)};${dmy(t + 60)} ${hm(t + 60)};${comma(t)}\n10203040;1-1:2.29.0;${dmy(t)} ${hm(t)};${dmy(t + 60)} ${hm(t + 60)};0,5`)}`,
    ],
    [
      'energy beside a demand',
      `meter no,start time,consumption kWh,max demand kW\n${rows((t) => `10203040,${ymd(t)} ${hm(t)},${kwhAt(t)},3.2`)}`,
    ],
    ['a day a line: 0-1, 1-2 …', wide(hours.slice(0, 24).map((_, hour) => `${hour}-${hour + 1}`))],
    ['a day a line: час 1 …', wide(hours.slice(0, 24).map((_, hour) => `Час ${hour + 1}`))],
    [
      'a date a column, an hour a row',
      `Счётчик: 10203040\nкВт·ч\nЧас;${DAYS.map((day) => dmy(FIRST + day * 1440)).join(';')}\n${hours
        .slice(0, 24)
        .map((t, hour) => `${hour + 1};${comma(t)};${comma(t + 1440)}\n`)
        .join('')}Итого;3;4\n`,
    ],
    [
      'a date a column, meters and hours down',
      `Счетчик;Час;${DAYS.map((day) => dmy(FIRST + day * 1440)).join(';')}\n${hours
        .slice(0, 24)
        .map((t, hour) => `10203040;${two(hour)}:00-${two(hour + 1)}:00;${comma(t)};${comma(t + 1440)}\n`)
        .join('')}`,
      { options: { unit: 'kWh' } },
    ],
    [
      'old Macintosh line ends',
      `Дата;Время начала;Заводской номер;кВт·ч\n${rows((t) => `${dmy(t)};${hm(t)};10203040;${comma(t)}`)}`.replaceAll(
        '\n',
        '\r',
      ),
    ],
    [
      'IBM 866',
      ibm866(
        `Дата;Время начала;Заводской номер;Потребление кВтч\n${rows((t) => `${dmy(t)};${hm(t)};10203040;${comma(t)}`)}`,
      ),
    ],
  ])('%s', async (_, text, settings) => {
    expect([...(await read(text, { chunkBytes: 333, ...settings }))].sort(byHour)).toEqual([...expected]);
  });

  it('a date a column, a meter a row: whole days, without totals', async () => {
    const text =
      'Суточное потребление, кВт·ч\n№ п/п;Зав. №;Адрес;01.02.2025;02.02.2025;03.02.2025;Итого\n' +
      '1;10203040;ул. Тайная;5,5;6,25;;11,75\n2;10203041;ул. Тайная;1;0;2;3\nИтого;;;6,5;6,25;2;14,75\n';
    const { totalsWh, intervals, problems, items } = await decoded(TABLE, text);
    expect(problems).toEqual([]);
    expect(totalsWh).toEqual({ '10203040 import': 11_750, '10203041 import': 3000 });
    expect(intervals.every(({ intervalMinutes }) => intervalMinutes === 1440)).toBe(true);
    expect(JSON.stringify(items)).not.toContain('Тайная');
  });

  it.each(['2b', '3A', '02:00*', '02:00 (2)'])('the second of two hours in a column %s', async (extra) => {
    const isClock = extra.includes(':');
    const names = Array.from({ length: 24 }, (_, hour) => (isClock ? `${two(hour)}:00` : String(hour + 1)));
    const of = isClock ? 2 : Number(extra[0]) - 1;
    names.splice(of + 1, 0, extra);
    const row = (date: string, second: string) =>
      `10203040;${date};${names.map((name, at) => (name === extra ? second : `0,${at + 10}`)).join(';')}\n`;
    const text = `meter;date;${names.join(';')}\n${row('26.10.2025', '9,5')}${row('27.10.2025', '')}`;
    // Our own header, but for the column more: the layout of our own would pass over it.
    expect((await takenBy(text))?.name).toBe('table-csv');
    const { intervals, problems } = await decoded(TABLE, text, { options: { unit: 'kWh' } });
    expect(problems).toEqual([]);
    const again = intervals.filter(({ wh }) => wh.length === 1);
    expect(again.map(({ start, wh }) => [start, wh[0]])).toEqual([
      [{ localMinutes: Date.UTC(2025, 9, 26) / 60_000 + of * 60, zone: null, pass: 'second' }, 9500],
    ]);
  });

  it('a day of 25 columns is counted through its zone, and asked about without one', async () => {
    const names = Array.from({ length: 25 }, (_, hour) => String(hour + 1)).join(';');
    const line = (date: string, count: number) =>
      `10203040;${date};${Array.from({ length: 25 }, (_, hour) => (hour < count ? `0,${hour + 10}` : '')).join(';')}\n`;
    const text = `Meter no;Date;${names}\n${line('29.03.2025', 24)}${line('30.03.2025', 23)}${line('26.10.2025', 25)}`;
    const options = { unit: 'kWh' } as const;
    const { intervals, problems } = await decoded(TABLE, text, { zone: 'Europe/Berlin', options });
    expect(problems).toEqual([]);
    expect(intervals.map(({ start }) => start)).toEqual([
      { localMinutes: Date.UTC(2025, 2, 29) / 60_000, zone: null },
      { utcMs: Date.parse('2025-03-29T23:00Z') },
      { utcMs: Date.parse('2025-10-25T22:00Z') },
    ]);
    expect(intervals[2].wh).toHaveLength(25);
    expect(Math.round(intervals[2].wh[24])).toBe(340);
    expect((await decoded(TABLE, text, { options })).problems).toEqual([
      expect.objectContaining({ place: { line: 4, path: '' }, detail: expect.stringContaining('zone=') }),
    ]);
  });

  it('tariffs of a day in rows of their own are added, decimals of a factor are put in', async () => {
    const days = [1, 2, 3, 4];
    const tariffs = days.map(
      (day) => `10203040;0${day}.02.2025;день;5,5\n10203040;0${day}.02.2025;ночь;2,5\n`,
    );
    const text = `Счетчик;Дата;Тариф;кВт·ч\n${tariffs.join('')}`;
    expect((await decoded(TABLE, text)).totalsWh).toEqual({ '10203040 import': 32_000 });
    const registers = `ean,epoch,register_low,factor\n${days.map((day) => `10203040,${(FIRST + day * 1440) * 60},${1_000_000 + day},0.001\n`).join('')}`;
    const { items } = await decoded(TABLE, registers);
    expect(items.find(({ kind }) => kind === 'register')).toMatchObject({ kwh: 1000.001 });
  });

  it('a hand-over of bills in CSV is read as a register report', async () => {
    const text =
      '№ п/п;Л/С;Номер_ПУ;Дата;Т1;Т2;Т сумм;Адрес;ФИО абонента;Тип ПУ\n' +
      [1, 2, 3].map((n) => `${n};77;9000${n};01.02.2025;100,5;50;150,5;ул. Тайная;Иванов;М206\n`).join('');
    const { items } = await decoded(TABLE, text);
    expect(items.filter(({ kind }) => kind === 'register')).toHaveLength(9);
    expect(JSON.stringify(items.filter(({ kind }) => kind !== 'assumed'))).not.toMatch(/Тайная|Иванов/);
  });

  it.each([
    [
      'registers of both directions',
      `Meter no,timestamp,import kWh,export kWh\n${rows((t) => `1020304,${ymd(t)} ${hm(t)},${12_345 + t - FIRST},${900 + t - FIRST}`)}`,
      /only grow/,
    ],
    [
      'registers under dates',
      `Счетчик;01.02.2025;02.02.2025;03.02.2025\n${[1, 2, 3, 4, 5, 6].map((n) => `1020${n};1000,5;1010,7;1015,2\n`).join('')}`,
      /only grow/,
    ],
    [
      'rows that nothing tells apart',
      `Счетчик;Дата;Начало;кВт·ч\n${rows((t) => `1020304;${dmy(t)};${hm(t)};0,5\n1020304;${dmy(t)};${hm(t)};0,7`)}`,
      /same time/,
    ],
    [
      'times under a header that names no end of the interval',
      `CUPS;FECHA-HORA;CONSUMO kWh\n${rows((t) => `ES1020304;${dmy(t + 420, '/')} ${hm(t + 420)};0,5`)}`,
      /beginnings of the intervals or their ends/,
    ],
  ])('asks about %s', async (_, text, words) => {
    const options = { unit: 'kWh' } as const;
    expect(JSON.stringify(await recognisedBy(TABLE, Buffer.from(text), null, options))).toMatch(words);
  });
});

async function takenBy(text: string): Promise<{ readonly name: string } | null> {
  const bytes = Buffer.from(text);
  for (const format of FORMATS)
    if ((await format.recognise(headOfBytes(bytes), sourceOf(bytes))) !== null) return format;
  return null;
}

function latin(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function ibm866(text: string): Buffer {
  return Buffer.from(
    [...text].map((char) => {
      const code = char.charCodeAt(0);
      if (code < 0x410 || code > 0x44f) return code;
      return code < 0x440 ? code - 0x410 + 0x80 : code - 0x440 + 0xe0;
    }),
  );
}
