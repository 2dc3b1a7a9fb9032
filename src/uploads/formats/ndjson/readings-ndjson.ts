import { RefusedError } from '../../../config/errors.js';
import { QUALITY } from '../../../readings/domain/quality.js';
import type { Format, FoundItem, FoundProblem, Head, Recognised, Source } from '../format.js';
import { qualityFrom } from '../quality-words.js';
import { JsonObjects } from '../spodes/json-objects.js';
import { timeFrom } from '../tables/times.js';

const MOST_LINE = 65_536;
/** Of one block: 288 days at most, however long the intervals are. */
const MOST_VALUES = 288;
const HOUR = 60;

/** One reading a line, as systems stream them: over HTTP, from a broker, or collected in a file. */
export const READINGS_NDJSON: Format = {
  name: 'readings-ndjson',
  title: { ru: 'Показания по интервалам, NDJSON', en: 'Interval readings, NDJSON' },
  comesInPieces: true,

  recognise({ bytes, container }: Head): Recognised | null {
    if (container !== 'plain') return null;
    const text = bytes.toString('utf8').replace(/^\ufeff/, '');
    if (!/^\s*[[{]/.test(text)) return null;
    const names = (name: string) => text.includes(`"${name}"`);
    const isOurs = names('kwh') || names('mqtt_topic') || (names('metering_point') && names('start'));
    if (!isOurs) return null;
    return {
      kind: 'readings',
      recognised: 'Interval readings, one JSON object each, in kWh.',
      assumed: ['An interval is an hour unless interval_minutes says otherwise.'],
    };
  },

  async *decode(source: Source): AsyncGenerator<FoundItem[]> {
    const blocks = new Blocks();
    let objects = 0;
    for await (const found of objectsOf(source)) {
      objects += found.length;
      const items = found.flatMap((object) => blocks.take(object));
      if (items.length > 0) yield items;
    }
    yield blocks.end();
    if (objects === 0) throw new RefusedError('The file holds no JSON object: one a line is a reading.');
  },
};

/** A piece of the text that should be one reading. */
interface RawObject {
  readonly line: number;
  readonly text: string;
}

interface Reading {
  readonly point: string;
  readonly utcMs: number;
  readonly intervalMinutes: number;
  /** NaN = missing. */
  readonly wh: number;
  readonly quality: number;
  readonly line: number;
}

async function* objectsOf(source: Source): AsyncGenerator<RawObject[]> {
  let split: { take(text: string): RawObject[]; end(): RawObject[] } | null = null;
  let head = '';
  const decoder = new TextDecoder();
  for await (const chunk of source.chunks()) {
    const text = head + decoder.decode(chunk, { stream: true });
    // What tells the two forms apart stands in the first line, however the bytes are cut.
    head = split === null && !text.includes('\n') && text.length < MOST_LINE ? text : '';
    if (head !== '') continue;
    split ??= isOneText(text) ? new ObjectsOfText() : new Lines();
    yield split.take(text);
  }
  split ??= isOneText(head) ? new ObjectsOfText() : new Lines();
  yield split.take(head + decoder.decode());
  yield split.end();
}

/** An array, or objects written over several lines, and not an object a line. */
function isOneText(text: string): boolean {
  return /^\s*(\[|\{\s*\n|\{\s*"[^"]*"\s*:\s*\[)/.test(text);
}

/** Line by line, so that a broken line costs no other. */
class Lines {
  private line = 1;
  private rest = '';

  take(text: string): RawObject[] {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop()!;
    // Of a line without an end, enough is kept to say that it is too long.
    if (this.rest.length > 2 * MOST_LINE) this.rest = this.rest.slice(0, MOST_LINE + 1);
    return lines.flatMap((each) => this.next(each));
  }

  end(): RawObject[] {
    return this.next(this.rest);
  }

  private next(text: string): RawObject[] {
    const line = this.line++;
    return text.trim() === '' ? [] : [{ line, text: text.trim() }];
  }
}

class ObjectsOfText {
  private readonly objects = new JsonObjects();

  take(text: string): RawObject[] {
    return this.objects.take(text);
  }

  end(): RawObject[] {
    const { open } = this.objects;
    return open === null ? [] : [open];
  }
}

/** Joins readings that follow one another into blocks, in the order in which they come. */
class Blocks {
  private block: Reading[] = [];

  take(object: RawObject): FoundItem[] {
    const reading = readingFrom(object);
    if ('kind' in reading) return [...this.end(), reading];
    const last = this.block.at(-1);
    const follows =
      last !== undefined &&
      last.point === reading.point &&
      last.intervalMinutes === reading.intervalMinutes &&
      last.utcMs + last.intervalMinutes * 60_000 === reading.utcMs &&
      this.block.length < MOST_VALUES;
    const done = follows ? [] : this.end();
    this.block.push(reading);
    return done;
  }

  end(): FoundItem[] {
    const { block } = this;
    if (block.length === 0) return [];
    this.block = [];
    const [{ point, utcMs, intervalMinutes, line }] = block;
    const isActual = block.every(({ quality }) => quality === QUALITY.actual);
    return [
      {
        kind: 'intervals',
        point,
        channel: 'import',
        start: { utcMs },
        intervalMinutes,
        wh: Float64Array.from(block, ({ wh }) => wh),
        quality: isActual ? null : Uint8Array.from(block, ({ quality }) => quality),
        place: { line, path: '' },
      },
    ];
  }
}

function readingFrom({ line, text }: RawObject): Reading | FoundProblem {
  const fault = (field: string, reason: FoundProblem['reason'], detail: string): FoundProblem => ({
    kind: 'problem',
    place: { line, path: '' },
    field,
    reason,
    detail,
    raw: text.slice(0, 4_000),
  });
  if (text.length > MOST_LINE)
    return fault('', 'line_too_long', `A reading is an object of at most ${MOST_LINE} characters.`);
  if (text.includes('\ufffd'))
    return fault('', 'bad_utf8', 'The reading is not UTF-8, which JSON is written in.');
  const object = objectFrom(text);
  if (object === null) return fault('', 'bad_value', 'That is no JSON object; one a line is a reading.');
  const { metering_point: point, start, kwh, quality, interval_minutes: minutes = HOUR } = object;
  if (!isWord(point)) return fault('metering_point', 'bad_id', 'The reading names no metering_point.');
  const utcMs = instantFrom(start);
  if (utcMs === null)
    return fault(
      'start',
      'bad_time',
      `${shown(start)} is no instant: write YYYY-MM-DDTHH:MM with an offset, 2026-03-01T00:00+08:00 or …Z.`,
    );
  if (typeof minutes !== 'number' || !Number.isInteger(minutes) || minutes < 1 || minutes > 1440)
    return fault(
      'interval_minutes',
      'bad_interval',
      `${shown(minutes)} is no number of minutes: 60, 30, 15, 5 or 1440.`,
    );
  const energy = energyFrom(kwh);
  if (energy === null)
    return fault(
      'kwh',
      'bad_number',
      `${shown(kwh)} is no number; leave a missing reading out, or write null.`,
    );
  if (energy < 0)
    return fault(
      'kwh',
      'negative',
      'The energy is negative: send what is taken from the grid, and not the balance.',
    );
  const code = isWord(quality) ? qualityFrom(String(quality)) : QUALITY.actual;
  return {
    point: String(point),
    utcMs,
    intervalMinutes: minutes,
    wh: code === null ? NaN : energy * 1000,
    quality: code ?? QUALITY.actual,
    line,
  };
}

function objectFrom(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function isWord(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

function instantFrom(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-/.test(value)) return null;
  const found = timeFrom(value.trim(), 'ymd');
  if (found === null || found.offsetMinutes === null || found.isLastSecond) return null;
  return (found.localMinutes - found.offsetMinutes) * 60_000;
}

/** NaN: missing; null: no number. */
function energyFrom(value: unknown): number | null {
  if (value === null) return NaN;
  const number = typeof value === 'string' && /^\s*-?\d/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function shown(value: unknown): string {
  return value === undefined ? 'Nothing' : (JSON.stringify(value)?.slice(0, 40) ?? 'That');
}
