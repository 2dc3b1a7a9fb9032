import { open } from 'node:fs/promises';
import { RefusedError } from '../../config/errors.js';
import { transitionsBetween, type Zone } from '../../grid/domain/time-zone.js';
import { dayFromCivil } from '../../grid/domain/calendar.js';
import { INTERVAL_MINUTES } from '../../readings/domain/interval.js';
import { lineBlocks } from './line-blocks.js';
import { parseReadingsHeader, type LongLayout, type ReadingsLayout } from './readings-header.js';
import { DateScanner, NO_OFFSET, TimeScanner } from './scan-time.js';
import { unpacked, type Packing } from './unpack.js';

const LF = 0x0a;
const HEAD_BYTES = 4 << 20;
const WINDOWS = 16;
const WINDOW_BYTES = 64 << 10;
const MOST_IDS = 20_000;
/** Fewer gaps than this say nothing about the file's interval. */
const ENOUGH_GAPS = 50;
/** Share of times off the interval that are taken for mistakes. */
const MOST_STRAYS = 0.02;

export interface Survey {
  readonly layout: ReadingsLayout;
  readonly intervalMinutes: number;
  /** Offset of the first data line. */
  readonly bodyOffset: number;
}

/**
 * Reads the header, and for the long layout finds the interval length from a sample: the file's beginning and, in a
 * plain file, windows spread over it (a file in time order shows half hours only further in).
 * @throws RefusedError not readable as readings, with the reason.
 */
export async function survey(path: string, packing: Packing): Promise<Survey> {
  const head = await readHead(path, packing);
  const headerEnd = head.indexOf(LF);
  const header = head.subarray(0, headerEnd < 0 ? head.length : headerEnd);
  refuseUnreadable(head, header);
  const layout = parseReadingsHeader(header.toString('utf8').replace(/\r$/, ''));
  const bodyOffset = header.length + 1;
  if (layout.layout === 'wide') return { layout, intervalMinutes: layout.intervalMinutes, bodyOffset };
  const sample = new IntervalSample(layout);
  sample.add(head.subarray(bodyOffset));
  if (packing === 'plain') for await (const window of windows(path, head.length)) sample.add(window);
  return { layout, intervalMinutes: sample.intervalMinutes(), bodyOffset };
}

async function readHead(path: string, packing: Packing): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of unpacked(path, packing)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= HEAD_BYTES) break;
  }
  return Buffer.concat(chunks);
}

function refuseUnreadable(head: Buffer, header: Buffer): void {
  if (head.length === 0) throw new RefusedError('The file is empty.');
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new RefusedError('The file is UTF-16, not UTF-8: save it as CSV UTF-8.');
  }
  if (header.indexOf(0) >= 0)
    throw new RefusedError('The first line has NUL bytes: this is not a text file.');
  if (header.length > 65_536) {
    throw new RefusedError(
      'The first line is longer than 64 KiB: this is not a CSV of readings, or it has no line ends.',
    );
  }
  const text = header.toString('utf8');
  if (text.includes('\ufffd')) {
    throw new RefusedError('The header is not UTF-8 (windows-1251?): save the file as UTF-8.');
  }
}

async function* windows(path: string, from: number): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const step = Math.floor((size - from) / WINDOWS);
    for (let at = from; step > WINDOW_BYTES && at + WINDOW_BYTES < size; at += step) {
      const bytes = Buffer.alloc(WINDOW_BYTES);
      await file.read(bytes, 0, WINDOW_BYTES, at);
      yield bytes.subarray(bytes.indexOf(LF) + 1);
    }
  } finally {
    await file.close();
  }
}

/** Minutes of the hour that readings begin on, and the shortest time between two readings of one point. */
class IntervalSample {
  private readonly times = new TimeScanner();
  private readonly lastOfPoint = new Map<string, number>();
  /** How many times begin on each minute of the hour. */
  private readonly minutes = new Int32Array(60);
  private noted = 0;
  private shortestGap = Infinity;
  private gaps = 0;

  constructor(private readonly layout: LongLayout) {}

  add(bytes: Buffer): void {
    const { delimiter, startColumn, idColumn } = this.layout;
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(LF, at);
      if (end < 0) return;
      const start = column(bytes, at, end, delimiter, startColumn);
      if (start && this.times.scan(bytes, start.from, start.to)) {
        const id = column(bytes, at, end, delimiter, idColumn)!;
        this.note(bytes.toString('latin1', id.from, id.to), this.times.time.localMinutes);
      }
      at = end + 1;
    }
  }

  intervalMinutes(): number {
    if (this.gaps >= ENOUGH_GAPS && this.shortestGap > 60) {
      const found = this.shortestGap >= 1440 ? 'a day or more' : `${this.shortestGap} minutes`;
      throw new RefusedError(
        `The readings of a metering point are ${found} apart; intervals of 60, 30, 15 and 5 minutes are read.`,
      );
    }
    // A few stray times must not make an hourly file a five-minute one: they are rejected with their lines.
    const fits = (interval: number) => {
      const strays = this.minutes.reduce(
        (sum, count, minute) => (minute % interval === 0 ? sum : sum + count),
        0,
      );
      return strays <= this.noted * MOST_STRAYS;
    };
    return INTERVAL_MINUTES.find(fits) ?? 60;
  }

  private note(id: string, minutes: number): void {
    this.minutes[minutes % 60]++;
    this.noted++;
    const last = this.lastOfPoint.get(id);
    if (last !== undefined && last !== minutes) {
      this.gaps++;
      this.shortestGap = Math.min(this.shortestGap, Math.abs(minutes - last));
    }
    if (last !== undefined || this.lastOfPoint.size < MOST_IDS) this.lastOfPoint.set(id, minutes);
  }
}

/**
 * Whether a sender without offsets ever moves the clock. Files of zones with summer time often do not, whatever their
 * description says: they have readings in the spring hour that never came on the wall clock. Taken as standard time
 * when at least half as many readings lie in that hour as in the hour before it; zeros do not count, because some
 * systems fill the hour with them.
 */
export async function localClockMode(
  path: string,
  packing: Packing,
  { layout, bodyOffset }: Survey,
  zones: readonly Zone[],
): Promise<'wall' | 'standard'> {
  const springs = springHours(zones);
  if (springs.size === 0) return 'wall';
  let inside = 0;
  let before = 0;
  const note = (localMinutes: number, text: string) => {
    const hour = springs.get(Math.floor(localMinutes / 1440));
    if (hour === undefined || !(Number(text.replace(',', '.')) > 0)) return;
    if (localMinutes >= hour.from && localMinutes < hour.to) inside++;
    else if (localMinutes >= hour.from - 60 && localMinutes < hour.from) before++;
  };
  const dates = new DateScanner();
  const times = new TimeScanner();
  const dateColumn = layout.layout === 'long' ? layout.startColumn : layout.dateColumn;
  for await (const block of lineBlocks(unpacked(path, packing, bodyOffset), bodyOffset)) {
    if (block.kind !== 'lines') continue;
    const { bytes } = block;
    for (let at = 0, end; at < bytes.length; at = end + 1) {
      end = bytes.indexOf(LF, at);
      const date = column(bytes, at, end, layout.delimiter, dateColumn);
      if (!date || date.to - date.from < 10) continue;
      const day = dates.scan(bytes, date.from);
      if (day === null || !springs.has(day)) continue;
      const fields = bytes.toString('latin1', at, end).split(String.fromCharCode(layout.delimiter));
      if (layout.layout === 'wide') {
        layout.slotOfColumn.forEach((slot, i) => {
          if (slot >= 0) note(day * 1440 + slot * layout.intervalMinutes, fields[i] ?? '');
        });
      } else if (times.scan(bytes, date.from, date.to) && times.time.offsetMinutes === NO_OFFSET) {
        note(times.time.localMinutes, fields[layout.kwhColumn] ?? '');
      }
    }
  }
  return inside > 0 && inside * 2 >= before ? 'standard' : 'wall';
}

/** Local minutes that never came, by local day, over the zones' years 2000 to 2040. */
function springHours(zones: readonly Zone[]): Map<number, { from: number; to: number }> {
  const hours = new Map<number, { from: number; to: number }>();
  for (const zone of zones) {
    if (!movesTheClock(zone)) continue;
    for (const change of transitionsBetween(zone, dayFromCivil(2000, 1, 1), dayFromCivil(2040, 1, 1))) {
      if (change.afterMinutes <= change.beforeMinutes) continue;
      const from = change.utcMs / 60_000 + change.beforeMinutes;
      hours.set(Math.floor(from / 1440), { from, to: change.utcMs / 60_000 + change.afterMinutes });
    }
  }
  return hours;
}

/** Whether the zone has summer time by its current rules; none in Russia has since 2014. */
export function movesTheClock(zone: Zone): boolean {
  return transitionsBetween(zone, dayFromCivil(2026, 1, 1), dayFromCivil(2027, 1, 1)).length > 0;
}

/** Where the `index`-th field of the line `[at, end)` lies; null when the line has fewer. */
function column(
  bytes: Buffer,
  at: number,
  end: number,
  delimiter: number,
  index: number,
): { from: number; to: number } | null {
  let from = at;
  for (let i = 0; i < index; i++) {
    from = bytes.indexOf(delimiter, from) + 1;
    if (from === 0 || from > end) return null;
  }
  let to = bytes.indexOf(delimiter, from);
  if (to < 0 || to > end) to = end > at && bytes[end - 1] === 0x0d ? end - 1 : end;
  return { from, to };
}
