import { RefusedError } from '../../config/errors.js';
import type { DayNumber } from '../../grid/domain/calendar.js';
import type { Territory } from '../../grid/domain/territories.js';
import { offsetMinutesAtLocal, type Zone } from '../../grid/domain/time-zone.js';
import type { RejectedRow, RejectReason } from '../domain/rejected-row.js';
import { csvBatches, keptOfRaw, type CsvRecord } from './csv-records.js';
import { NO_OFFSET, TimeScanner } from './scan-time.js';
import { territoryReader } from './territory-reader.js';

/** Hourly means of one territory and standard-time day. */
export interface WeatherDay {
  readonly territory: Territory;
  readonly day: DayNumber;
  /** °C summed per hour, and how many values went into each of the 24 hours. */
  readonly sums: Float64Array;
  readonly counts: Int32Array;
}

/** What a stretch of the file holds. The counts are of this batch. */
export interface WeatherBatch {
  /** Days to be stored now; of an hour that an earlier batch gave too, the later value stands. */
  readonly days: WeatherDay[];
  readonly rejected: RejectedRow[];
  readonly rows: number;
  readonly values: number;
  readonly blank: number;
  /** Number of the line read last. */
  readonly lastLine: number;
}

const COLUMNS = ['territory', 'start', 'temperature_c'] as const;
type Column = (typeof COLUMNS)[number];
/** The coldest and hottest air measured on Earth are −89.2 and 56.7 °C (WMO archive of extremes). */
const COLDEST_C = -90;
const HOTTEST_C = 60;
/** A year of 54 territories, about 10 MB. */
const MAX_OPEN_DAYS = 20_000;
const SHOWN_LENGTH = 80;

/**
 * Reads `territory,start,temperature_c`; times carry an offset or are local time of the territory (`zone` when given).
 * Memory is bounded by a batch and {@link MAX_OPEN_DAYS}, whatever the file holds.
 * @throws RefusedError the file is empty or a column is missing.
 */
export async function* decodeWeather(
  input: AsyncIterable<Buffer>,
  zone: Zone | null,
): AsyncGenerator<WeatherBatch> {
  let reader: WeatherReader | null = null;
  for await (const { header, records, rejected, lastLine } of csvBatches(input, parseWeatherHeader)) {
    reader ??= new WeatherReader(header, zone);
    yield reader.take(records, rejected, lastLine);
  }
  if (reader !== null) yield reader.end();
}

interface WeatherHeader {
  readonly delimiter: string;
  readonly at: ReadonlyMap<Column, number>;
}

function parseWeatherHeader(line: Buffer): WeatherHeader {
  const text = line.toString('utf8').replace(/^\ufeff/, '');
  const delimiter = [';', '\t'].find((mark) => text.includes(mark)) ?? ',';
  const names = text.split(delimiter).map((name) => name.replaceAll('"', '').trim().toLowerCase());
  const missing = COLUMNS.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new RefusedError(
      `The weather file has no column ${missing.join(', ')}: expected ${COLUMNS.join(',')}.`,
    );
  }
  return { delimiter, at: new Map(COLUMNS.map((name) => [name, names.indexOf(name)])) };
}

class WeatherReader {
  private days = new Map<string, WeatherDay>();
  private readonly territory: (code: string) => Territory | null;
  private readonly times = new TimeScanner();
  private lastLine = 1;
  private values = 0;
  private blank = 0;

  constructor(
    private readonly header: WeatherHeader,
    private readonly zone: Zone | null,
  ) {
    this.territory = territoryReader(zone);
  }

  /** `unread` are the lines that are no records. */
  take(records: readonly CsvRecord[], unread: readonly RejectedRow[], lastLine: number): WeatherBatch {
    const rejected = [...unread];
    for (const record of records) {
      const fault = this.add(record);
      if (fault) rejected.push({ line: record.line, raw: keptOfRaw(record.text), ...fault });
    }
    rejected.sort((a, b) => a.line - b.line);
    this.lastLine = lastLine;
    const days = this.days.size > MAX_OPEN_DAYS ? this.takeDays() : [];
    return this.batch({ days, rejected, rows: records.length + unread.length });
  }

  /** The days still open. */
  end(): WeatherBatch {
    return this.batch({ days: this.takeDays(), rejected: [], rows: 0 });
  }

  private batch(taken: Pick<WeatherBatch, 'days' | 'rejected' | 'rows'>): WeatherBatch {
    const { values, blank, lastLine } = this;
    this.values = 0;
    this.blank = 0;
    return { ...taken, values, blank, lastLine };
  }

  private takeDays(): WeatherDay[] {
    const days = [...this.days.values()];
    this.days = new Map();
    return days;
  }

  private add(record: CsvRecord): Fault | null {
    const cell = (column: Column) => record.cells[this.header.at.get(column)!] ?? '';
    const text = cell('temperature_c');
    if (text === '') {
      this.blank++;
      return null;
    }
    const territory = this.territory(cell('territory'));
    if (territory === null) {
      const detail = `${shown(cell('territory'))} is no OKTMO or ISO 3166-2 code.`;
      return { field: 'territory', reason: 'unknown_territory', detail };
    }
    const celsius = Number(text.replace(',', '.').replace('\u2212', '-'));
    if (!(celsius >= COLDEST_C && celsius <= HOTTEST_C)) {
      const detail = `${shown(text)} is not a temperature between −90 and 60 °C.`;
      return { field: 'temperature_c', reason: 'out_of_range', detail };
    }
    const minutes = this.standardMinutes(cell('start'), territory);
    if (minutes === null) {
      const detail = `${shown(cell('start'))} is not a time that exists; write YYYY-MM-DDTHH:MM.`;
      return { field: 'start', reason: 'bad_time', detail };
    }
    const day = Math.floor(minutes / 1440);
    const weather = this.day(territory, day);
    const hour = Math.floor((minutes - day * 1440) / 60);
    weather.sums[hour] += celsius;
    weather.counts[hour]++;
    this.values++;
    return null;
  }

  private standardMinutes(text: string, territory: Territory): number | null {
    const bytes = Buffer.from(text.trim());
    if (!this.times.scan(bytes, 0, bytes.length)) return null;
    const { localMinutes, offsetMinutes } = this.times.time;
    const standard = territory.zone.standardOffsetMinutes;
    if (offsetMinutes !== NO_OFFSET) return localMinutes - offsetMinutes + standard;
    const local = offsetMinutesAtLocal(this.zone ?? territory.zone, localMinutes * 60_000);
    if (local.kind === 'none') return null;
    return localMinutes - (local.kind === 'one' ? local.offset : local.winterOffset) + standard;
  }

  private day(territory: Territory, day: DayNumber): WeatherDay {
    const key = `${territory.code} ${day}`;
    let found = this.days.get(key);
    if (!found) {
      found = { territory, day, sums: new Float64Array(24), counts: new Int32Array(24) };
      this.days.set(key, found);
    }
    return found;
  }
}

type Fault = Pick<RejectedRow, 'field' | 'detail'> & { readonly reason: RejectReason };

function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text);
}
