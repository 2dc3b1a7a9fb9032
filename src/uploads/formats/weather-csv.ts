import { parse, type CsvError } from 'csv-parse';
import { RefusedError } from '../../config/errors.js';
import type { DayNumber } from '../../grid/domain/calendar.js';
import { foreignTerritory, resolveTerritory, type Territory } from '../../grid/domain/territories.js';
import { offsetMinutesAtLocal, type Zone } from '../../grid/domain/time-zone.js';
import type { RejectedRow, RejectReason } from '../domain/rejected-row.js';
import { NO_OFFSET, TimeScanner } from './scan-time.js';

/** Hourly means of one territory and standard-time day. */
export interface WeatherDay {
  readonly territory: Territory;
  readonly day: DayNumber;
  /** °C summed per hour, and how many values went into each of the 24 hours. */
  readonly sums: Float64Array;
  readonly counts: Int32Array;
}

export interface DecodedWeather {
  readonly days: WeatherDay[];
  readonly rows: number;
  readonly values: number;
  readonly blank: number;
  readonly lastLine: number;
  readonly rejected: RejectedRow[];
}

const COLUMNS = ['territory', 'start', 'temperature_c'];
/** The coldest and hottest air measured on Earth are −89.2 and 56.7 °C (WMO archive of extremes). */
const COLDEST_C = -90;
const HOTTEST_C = 60;

/**
 * Reads `territory,start,temperature_c`; times carry an offset or are local time of the territory (`zone` when given).
 * @throws RefusedError when the columns are missing or the file can't be read as CSV.
 */
export async function decodeWeather(
  input: AsyncIterable<Buffer>,
  zone: Zone | null,
): Promise<DecodedWeather> {
  const reader = new WeatherReader(zone);
  const parser = parse({
    bom: true,
    delimiter: [',', ';', '\t'],
    columns: (header: string[]) => checkHeader(header.map((name) => name.trim().toLowerCase())),
    info: true,
    raw: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 65_536,
  });
  const feeding = (async () => {
    for await (const chunk of input)
      if (!parser.write(chunk)) await new Promise((resolve) => parser.once('drain', resolve));
    parser.end();
  })();
  feeding.catch((error: Error) => parser.destroy(error));
  try {
    for await (const record of parser as AsyncIterable<ParsedRecord>) reader.add(record);
  } catch (error) {
    if (error instanceof RefusedError || (error as CsvError).code === undefined) throw error;
    throw new RefusedError(`The weather file can't be read as CSV: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return reader.result();
}

interface ParsedRecord {
  readonly record: Record<string, string>;
  readonly raw: string;
  readonly info: { readonly lines: number };
}

function checkHeader(columns: string[]): string[] {
  const missing = COLUMNS.filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    throw new RefusedError(
      `The weather file has no column ${missing.join(', ')}: expected ${COLUMNS.join(',')}.`,
    );
  }
  return columns;
}

class WeatherReader {
  private readonly days = new Map<string, WeatherDay>();
  private readonly territories = new Map<string, Territory | null>();
  private readonly times = new TimeScanner();
  private readonly rejected: RejectedRow[] = [];
  private rows = 0;
  private values = 0;
  private blank = 0;
  private lastLine = 1;

  constructor(private readonly zone: Zone | null) {}

  result(): DecodedWeather {
    const { rows, values, blank, lastLine, rejected } = this;
    return { days: [...this.days.values()], rows, values, blank, lastLine, rejected };
  }

  add({ record, raw, info }: ParsedRecord): void {
    this.rows++;
    this.lastLine = info.lines;
    const reject = (field: string, reason: RejectReason, detail: string) =>
      void this.rejected.push({ line: info.lines, field, reason, detail, raw: raw.trimEnd().slice(0, 4000) });
    const text = record.temperature_c?.trim() ?? '';
    if (text === '') {
      this.blank++;
      return;
    }
    const territory = this.territory(record.territory ?? '');
    if (territory === null) {
      reject(
        'territory',
        'unknown_territory',
        `${JSON.stringify(record.territory)} is no OKTMO or ISO 3166-2 code.`,
      );
      return;
    }
    const celsius = Number(text.replace(',', '.').replace('\u2212', '-'));
    if (!(celsius >= COLDEST_C && celsius <= HOTTEST_C)) {
      reject(
        'temperature_c',
        'out_of_range',
        `${JSON.stringify(text)} is not a temperature between −90 and 60 °C.`,
      );
      return;
    }
    const minutes = this.standardMinutes(record.start ?? '', territory);
    if (minutes === null) {
      reject(
        'start',
        'bad_time',
        `${JSON.stringify(record.start)} is not a time that exists; write YYYY-MM-DDTHH:MM.`,
      );
      return;
    }
    const day = Math.floor(minutes / 1440);
    const weather = this.day(territory, day);
    const hour = Math.floor((minutes - day * 1440) / 60);
    weather.sums[hour] += celsius;
    weather.counts[hour]++;
    this.values++;
  }

  private territory(text: string): Territory | null {
    let found = this.territories.get(text);
    if (found === undefined) {
      found = resolveTerritory(text) ?? (this.zone ? foreignTerritory(text, this.zone) : null);
      this.territories.set(text, found);
    }
    return found;
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
