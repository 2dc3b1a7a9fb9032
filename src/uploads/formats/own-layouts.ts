import { RefusedError } from '../../config/errors.js';
import { MAX_INTERVAL_WH } from '../../readings/domain/energy-codec.js';
import { DAILY_MINUTES } from '../../readings/domain/interval.js';
import { csvBatches, keptOfRaw, type CsvRecord } from './csv-records.js';
import { EVENTS, type EventColumn } from './events-csv.js';
import type { DecodeContext, Format, FoundItem, FoundTime, Head, Place, Source } from './format.js';
import { parseNamedHeader } from './named-header.js';
import { fault, shown, type Fault, type PointRowLayout } from './point-rows.js';
import { qualityFrom } from './quality-words.js';
import { parseReadingsHeader, type LongLayout, type ReadingsLayout } from './readings-header.js';
import { REGISTERS, type RegisterColumn } from './registers-csv.js';
import { decodeRegistry } from './registry-csv.js';
import { DateScanner, NO_OFFSET, TimeScanner } from './scan-time.js';
import { BLANK, scanWh } from './scan-value.js';
import { surveyOf } from './survey.js';
import { decodeWeather } from './weather-csv.js';

/**
 * The layouts of our own. Each has a loader that walks its bytes without the common items; what is decoded here serves
 * `gridwarden inspect` and archives of several files, and need not be as fast.
 */
const SURVEY_BYTES = 4 << 20;
const PLACE_OF_TIME =
  'times without an offset are those of the upload’s zone, else of each metering point’s territory';

const WEATHER: Format = {
  name: 'weather-csv',
  title: { ru: 'Температура по территориям, CSV', en: 'Temperatures by territory, CSV' },
  isOwn: true,
  recognise: (head) =>
    hasColumns(head, ['territory', 'temperature_c'])
      ? { kind: 'weather', recognised: 'Hourly temperatures by territory, CSV.', assumed: [] }
      : null,
  decode: async function* (source, { zone }) {
    for await (const { rejected } of decodeWeather(source.chunks(), zone)) yield rejected.map(problemOf);
  },
};

const REGISTER_READINGS: Format = {
  name: 'registers-csv',
  title: { ru: 'Показания счётчиков, CSV', en: 'Register readings, CSV' },
  isOwn: true,
  recognise: (head) =>
    hasColumns(head, ['register_kwh'])
      ? { kind: 'registers', recognised: 'Readings of cumulative registers, CSV.', assumed: [PLACE_OF_TIME] }
      : null,
  decode: (source) =>
    pointRows<RegisterColumn>(source, REGISTERS, (point, at, place, row) => {
      const { serial, zone, kwh, ctRatio, quality } = row;
      return { kind: 'register', point, serial, zone, at, kwh, ctRatio, quality, place };
    }),
};

const METER_EVENTS: Format = {
  name: 'events-csv',
  title: { ru: 'События счётчиков, CSV', en: 'Meter events, CSV' },
  isOwn: true,
  recognise: (head) =>
    hasColumns(head, ['journal', 'code'])
      ? { kind: 'events', recognised: 'Meter events by journal and code, CSV.', assumed: [PLACE_OF_TIME] }
      : null,
  decode: (source) =>
    pointRows<EventColumn>(source, EVENTS, (point, at, place, { journal, code }) => ({
      kind: 'event',
      point,
      at,
      journal,
      code,
      place,
    })),
};

const REGISTRY: Format = {
  name: 'registry-csv',
  title: { ru: 'Реестр точек учёта, CSV', en: 'Registry of metering points, CSV' },
  isOwn: true,
  recognise: (head) =>
    hasColumns(head, ['metering_point', 'territory'])
      ? { kind: 'registry', recognised: 'Registry of metering points, CSV.', assumed: [] }
      : null,
  decode: async function* (source, { zone }) {
    for await (const { rows, rejected } of decodeRegistry(source.chunks(), { zone })) {
      yield [
        ...rows.map((row): FoundItem => ({ kind: 'registry-row', row, place: { line: row.line, path: '' } })),
        ...rejected.map(problemOf),
      ];
    }
  },
};

const READINGS: Format = {
  name: 'readings-csv',
  title: { ru: 'Показания по интервалам, CSV', en: 'Interval readings, CSV' },
  isOwn: true,
  recognise: (head) => {
    const layout = readingsLayout(head);
    if (layout === null || isForTables(head, layout)) return null;
    const names = headerNames(head);
    const isTransformer =
      !names.includes('metering_point') && names.some((name) => /^transformer(_id)?$/.test(name));
    const forms = { long: 'one reading a line', wide: 'one day a line', month: 'one month of days a line' };
    return {
      kind: isTransformer ? 'transformer-readings' : 'readings',
      recognised: `Interval readings, CSV, ${forms[layout.layout]}, in kWh.`,
      assumed: [PLACE_OF_TIME],
    };
  },
  decode: decodeReadings,
};

/** By their header lines, in the order in which one may hide in another. */
export const OWN_LAYOUTS: readonly Format[] = [WEATHER, REGISTER_READINGS, METER_EVENTS, REGISTRY, READINGS];

function hasColumns(head: Head, wanted: readonly string[]): boolean {
  const names = headerNames(head);
  return wanted.every((name) => names.includes(name));
}

function headerNames(head: Head): string[] {
  return headerLine(head)
    .split(/[;,\t]/)
    .map((name) => name.replaceAll('"', '').trim().toLowerCase());
}

function headerLine({ bytes, container }: Head): string {
  if (container !== 'plain') return '';
  const end = bytes.indexOf(0x0a);
  return bytes
    .toString('utf8', 0, end < 0 ? bytes.length : end)
    .replace(/^\ufeff/, '')
    .replace(/\r$/, '');
}

/** A header like ours over dates of another kind, or over a day of 25 hours: the reader of tables knows both. */
function isForTables(head: Head, layout: ReadingsLayout): boolean {
  const hasMoreHours =
    layout.layout === 'wide' &&
    layout.ignoredColumns.some((name) => /^(h?\d{1,3}|\d{1,2}:\d{2})([\s*'(a-zа-я].{0,6})?$/i.test(name));
  if (hasMoreHours || layout.layout === 'month') return hasMoreHours;
  const [, first = ''] = head.bytes.toString('utf8', 0, 16_384).split(/\r?\n/);
  const cell = first.split(String.fromCharCode(layout.delimiter))[
    layout.layout === 'long' ? layout.startColumn : layout.dateColumn
  ];
  return /^"?(\d{1,4}\/\d{1,2}\/|\d{1,2}-\d{1,2}-\d{2,4}|\d{10}(\d{3})?"?$)/.test(cell ?? '');
}

function readingsLayout(head: Head): ReadingsLayout | null {
  try {
    return parseReadingsHeader(headerLine(head));
  } catch (error) {
    if (error instanceof RefusedError) return null;
    throw error;
  }
}

/** Rows of a metering point and moment, without the registry that their loader asks. */
async function* pointRows<Column extends string, Row extends object = RowOf<Column>>(
  source: Source,
  layout: PointRowLayout<Column, Row>,
  item: (point: string, at: FoundTime, place: Place, row: Row) => FoundItem,
): AsyncGenerator<FoundItem[]> {
  const nowhere = { utcMs: 0, standardMinutes: 0 };
  for await (const { header, records, rejected } of csvBatches(source.chunks(), (line) =>
    parseNamedHeader<Column | 'metering_point'>(line, layout),
  )) {
    const items: FoundItem[] = rejected.map(problemOf);
    for (const record of records) {
      const cell = (column: Column | 'metering_point') => record.cells[header.at.get(column) ?? -1] ?? '';
      const at = timeFrom(cell(layout.time));
      const row = at === null ? timeFault(layout.time, cell(layout.time)) : layout.read(cell, 0, nowhere);
      if (row === null) continue;
      const place = { line: record.line, path: '' };
      if ('reason' in row) items.push(problemAt(record, row));
      else items.push(item(cell('metering_point').replace(/^="(.*)"$/, '$1'), at!, place, row));
    }
    yield items;
  }
}

type RowOf<Column> = Column extends RegisterColumn
  ? ReturnType<typeof REGISTERS.read> extends infer Row
    ? Exclude<Row, Fault | null>
    : never
  : Exclude<ReturnType<typeof EVENTS.read>, Fault | null>;

const times = new TimeScanner();
const dates = new DateScanner();

function timeFrom(text: string): FoundTime | null {
  const bytes = Buffer.from(text.replace(/^(.{16}):[0-5]\d(?:[.,]\d+)?/, '$1'));
  if (bytes.length === 10) {
    const day = dates.scan(bytes, 0);
    return day === null ? null : { localMinutes: day * 1440, zone: null };
  }
  if (!times.scan(bytes, 0, bytes.length)) return null;
  const { localMinutes, offsetMinutes } = times.time;
  if (offsetMinutes === NO_OFFSET) return { localMinutes, zone: null };
  return { utcMs: (localMinutes - offsetMinutes) * 60_000 };
}

function timeFault(field: string, text: string): Fault {
  return fault(field, 'bad_time', `${shown(text)} is not a time that exists between 2000 and 2199.`);
}

function problemAt({ line, text }: CsvRecord, { field, reason, detail }: Fault): FoundItem {
  return { kind: 'problem', place: { line, path: '' }, field, reason, detail, raw: keptOfRaw(text) };
}

function problemOf(row: Fault & { readonly line: number; readonly raw: string }): FoundItem {
  const { line, field, reason, detail, raw } = row;
  return { kind: 'problem', place: { line, path: '' }, field, reason, detail, raw };
}

async function* decodeReadings(source: Source, _context: DecodeContext): AsyncGenerator<FoundItem[]> {
  const { layout, intervalMinutes } = await surveyOf(await beginning(source), null);
  const header = { ...layout, delimiter: String.fromCharCode(layout.delimiter) };
  const maxWh = MAX_INTERVAL_WH * Math.max(1, intervalMinutes / 60);
  for await (const { records, rejected } of csvBatches(source.chunks(), () => header)) {
    const items: FoundItem[] = rejected.map(problemOf);
    const runs = new Runs(intervalMinutes);
    for (const record of records) {
      if (layout.layout === 'long') items.push(...longItems(record, layout, maxWh, runs));
      else items.push(...rowItems(record, layout, maxWh));
    }
    yield [...runs.blocks(), ...items];
  }
}

async function beginning(source: Source): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source.chunks()) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= SURVEY_BYTES) break;
  }
  return Buffer.concat(chunks);
}

function longItems(record: CsvRecord, layout: LongLayout, maxWh: number, runs: Runs): FoundItem[] {
  const { cells, line } = record;
  const text = cells[layout.startColumn] ?? '';
  const at = timeFrom(text);
  if (at === null) return [problemAt(record, timeFault(layout.columns[layout.startColumn], text))];
  const wh = whFrom(cells[layout.kwhColumn] ?? '', maxWh);
  if (typeof wh !== 'number') return [problemAt(record, { ...wh, field: layout.columns[layout.kwhColumn] })];
  const quality = layout.qualityColumn < 0 ? 0 : qualityFrom(cells[layout.qualityColumn] ?? '');
  const point = cells[layout.idColumn] ?? '';
  runs.add(point, at, quality === null ? NaN : wh, quality ?? 0, { line, path: '' });
  return [];
}

function rowItems(
  record: CsvRecord,
  layout: Exclude<ReadingsLayout, LongLayout>,
  maxWh: number,
): FoundItem[] {
  const { cells, line } = record;
  const isMonth = layout.layout === 'month';
  const column = isMonth ? layout.monthColumn : layout.dateColumn;
  const text = cells[column] ?? '';
  const day = dates.scan(Buffer.from(isMonth ? monthStartText(text) : text.padEnd(10)), 0);
  if (day === null) return [problemAt(record, timeFault(layout.columns[column], text))];
  const slots = isMonth ? 31 : 1440 / layout.intervalMinutes;
  const wh = new Float64Array(slots).fill(NaN);
  const problems: FoundItem[] = [];
  slotsOf(layout).forEach((slot, at) => {
    if (slot < 0) return;
    const value = whFrom(cells[at] ?? '', maxWh);
    if (typeof value === 'number') wh[slot] = value;
    else problems.push(problemAt(record, { ...value, field: layout.columns[at] }));
  });
  const start = { localMinutes: day * 1440, zone: null };
  const { intervalMinutes } = layout;
  const point = cells[layout.idColumn] ?? '';
  const block: FoundItem = {
    kind: 'intervals',
    point,
    channel: 'import',
    start,
    intervalMinutes,
    wh,
    quality: null,
    place: { line, path: '' },
  };
  return [block, ...problems];
}

function slotsOf(layout: Exclude<ReadingsLayout, LongLayout>): Int32Array {
  return layout.layout === 'month' ? layout.dayOfColumn : layout.slotOfColumn;
}

function monthStartText(text: string): string {
  const russian = /^(\d{2})\.(\d{4})$/.exec(text);
  return russian ? `${russian[2]}-${russian[1]}-01` : `${text.slice(0, 7)}-01`;
}

function whFrom(text: string, maxWh: number): number | Omit<Fault, 'field'> {
  const bytes = Buffer.from(text);
  const wh = scanWh(bytes, 0, bytes.length, maxWh);
  if (wh >= 0) return wh;
  if (wh === BLANK) return NaN;
  return { reason: 'bad_number', detail: `${shown(text)} is not an energy in kWh.` };
}

/** Readings of one line each, joined to blocks where one follows the other. */
class Runs {
  private readonly done: FoundItem[] = [];
  private open: { point: string; at: FoundTime; wh: number[]; quality: number[]; place: Place } | null = null;

  constructor(private readonly intervalMinutes: number) {}

  add(point: string, at: FoundTime, wh: number, quality: number, place: Place): void {
    if (this.open === null || !this.follows(point, at)) {
      this.close();
      this.open = { point, at, wh: [], quality: [], place };
    }
    this.open.wh.push(wh);
    this.open.quality.push(quality);
  }

  blocks(): readonly FoundItem[] {
    this.close();
    return this.done;
  }

  private follows(point: string, at: FoundTime): boolean {
    const { open, intervalMinutes } = this;
    if (open?.point !== point || open.wh.length * intervalMinutes >= 31 * DAILY_MINUTES) return false;
    const elapsed = open.wh.length * intervalMinutes;
    if ('utcMs' in at) return 'utcMs' in open.at && at.utcMs === open.at.utcMs + elapsed * 60_000;
    return 'localMinutes' in open.at && at.localMinutes === open.at.localMinutes + elapsed;
  }

  private close(): void {
    if (this.open === null) return;
    const { point, at: start, wh, quality, place } = this.open;
    this.done.push({
      kind: 'intervals',
      point,
      channel: 'import',
      start,
      intervalMinutes: this.intervalMinutes,
      wh: Float64Array.from(wh),
      quality: quality.some((code) => code !== 0) ? Uint8Array.from(quality) : null,
      place,
    });
    this.open = null;
  }
}
