import { open } from 'node:fs/promises';
import { RefusedError } from '../../config/errors.js';
import { transitionsBetween, type Zone } from '../../grid/domain/time-zone.js';
import { dayFromCivil } from '../../grid/domain/calendar.js';
import { DAILY_MINUTES, INTERVAL_MINUTES } from '../../readings/domain/interval.js';
import type { UploadOptions } from '../domain/upload-options.js';
import type { PointIndex } from '../domain/point-index.js';
import { EMPTY_FILE } from './format.js';
import { fileLines } from './file-lines.js';
import { RegisterSuspicion } from './register-suspicion.js';
import { LabelEvidence } from './label-evidence.js';
import { parseReadingsHeader, type LongLayout, type ReadingsLayout } from './readings-header.js';
import { DateScanner, NO_OFFSET, TimeScanner } from './scan-time.js';
import { unpacked, type Packing } from './unpack.js';

const LF = 0x0a;
const QUOTE = 0x22;
const HEAD_BYTES = 4 << 20;
const WINDOWS = 16;
const WINDOW_BYTES = 64 << 10;
const GOLDEN = 0.618_034;
const MOST_IDS = 20_000;
/** Fewer gaps than this say nothing about the file's interval, unless every reading begins at one time of day. */
const ENOUGH_GAPS = 50;
/** Enough gaps of a day, where every reading begins at midnight. */
const ENOUGH_EVEN_GAPS = 3;
/** Share of gaps that must be alike for the file to have an interval of that length. */
const REGULAR = 0.8;
const MOST_GAPS = 10_000;
/** Share of times off the interval that are taken for mistakes. */
const MOST_STRAYS = 0.02;
/** So many short steps make a point one of a finer interval, not one with a mistake in it. */
const SHORT_STEPS = 3;

export interface Survey {
  readonly layout: ReadingsLayout;
  readonly intervalMinutes: number;
  /** Offset of the first data line. */
  readonly bodyOffset: number;
  /** Which end of an interval its time names, asked in one sentence where the file may mean either; null: it is clear. */
  readonly labelQuestion: string | null;
}

/**
 * Reads the header, and for the long layout finds the interval length from a sample: the file's beginning and, in a
 * plain file, windows spread over it (a file in time order shows half hours only further in).
 * @throws RefusedError not readable as readings, with the reason.
 */
export async function survey(path: string, packing: Packing, { label }: UploadOptions): Promise<Survey> {
  const head = await readHead(path, packing);
  return surveyOf(head, packing === 'plain' ? windows(path, head.length) : null, label);
}

/** The same from the file's beginning alone, and the windows into the rest that can be had. */
export async function surveyOf(
  head: Buffer,
  rest: AsyncIterable<Buffer> | null,
  label?: UploadOptions['label'],
): Promise<Survey> {
  const headerEnd = head.indexOf(LF);
  const header = head.subarray(0, headerEnd < 0 ? head.length : headerEnd);
  refuseUnreadable(head, header);
  const layout = parseReadingsHeader(header.toString('utf8').replace(/\r$/, ''));
  const bodyOffset = header.length + 1;
  if (layout.layout !== 'long')
    return { layout, intervalMinutes: layout.intervalMinutes, bodyOffset, labelQuestion: null };
  const sample = new IntervalSample(layout);
  sample.add(head.subarray(bodyOffset), true);
  sample.registers.refuse();
  if (layout.daily) return { layout, intervalMinutes: DAILY_MINUTES, bodyOffset, labelQuestion: null };
  if (rest !== null) for await (const window of rest) sample.add(window, false);
  const intervalMinutes = sample.intervalMinutes();
  const labelQuestion = label === undefined ? sample.labels.question(intervalMinutes, layout) : null;
  return { layout, intervalMinutes, bodyOffset, labelQuestion };
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
  if (head.length === 0) throw new RefusedError(EMPTY_FILE);
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
  if (header.subarray(0, -1).includes(0x0d)) {
    throw new RefusedError(
      'The lines end in carriage returns only (old Macintosh text): save the file with line feeds.',
    );
  }
  const text = header.toString('utf8');
  if (text.includes('\ufffd')) {
    throw new RefusedError('The header is not UTF-8 (windows-1251?): save the file as UTF-8.');
  }
}

/**
 * Pieces spread over the file by steps of the golden ratio: even steps can be in step with the file's own period, and
 * would then show the midnights only of a file that has every hour.
 */
async function* windows(path: string, from: number): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const room = size - from - WINDOW_BYTES;
    for (let window = 0; window < WINDOWS && room > WINDOWS * WINDOW_BYTES; window++) {
      const at = from + Math.floor(room * ((window * GOLDEN) % 1));
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
  /** Of the file's head. */
  readonly registers = new RegisterSuspicion();
  readonly labels = new LabelEvidence();
  private readonly times = new TimeScanner();
  private readonly dates = new DateScanner();
  private readonly lastOfPoint = new Map<string, number>();
  /** Starts that are a date without a time of day. */
  private dateCount = 0;
  /** How many times are midnight, and on which days times lie. */
  private midnights = 0;
  private readonly daysSeen = new Set<number>();
  /** Of each point in the file's head: steps from midnight to midnight, or −1 once it has shown another step. */
  private readonly daySteps = new Map<string, number>();
  /** How many times begin on each minute of the hour. */
  private readonly minutes = new Int32Array(60);
  private noted = 0;
  /** Minutes between two readings of one point in the file's head, and how often. */
  private readonly gaps = new Map<number, number>();
  private gapCount = 0;
  /** Of each interval below an hour and each point: how many steps of that length. */
  private readonly shortSteps = new Map<string, number>();

  constructor(private readonly layout: LongLayout) {
    this.times.takes24 = true;
  }

  /** `isHead`: lines that follow one another from the file's beginning, so that steps between them mean something. */
  add(bytes: Buffer, isHead: boolean): void {
    const { delimiter, startColumn, idColumn, kwhColumn } = this.layout;
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(LF, at);
      if (end < 0) return;
      const start = column(bytes, at, end, delimiter, startColumn);
      if (start && this.times.scan(bytes, start.from, start.to)) {
        const id = column(bytes, at, end, delimiter, idColumn)!;
        const point = bytes.toString('latin1', id.from, id.to);
        this.labels.note(point, bytes, start.from, this.times.time, isHead);
        this.note(point, this.times.time.localMinutes, isHead);
      } else if (start && start.to - start.from === 10 && this.dates.scan(bytes, start.from) !== null) {
        this.dateCount++;
      }
      if (isHead)
        this.noteEnergy(
          bytes,
          column(bytes, at, end, delimiter, idColumn),
          column(bytes, at, end, delimiter, kwhColumn),
        );
      at = end + 1;
    }
  }

  intervalMinutes(): number {
    if (this.isDaily()) return DAILY_MINUTES;
    const { gap, times } = this.commonestGap();
    // Regular, or a file of scattered corrections would be taken for one of long intervals.
    if (this.gapCount >= ENOUGH_GAPS && gap > 60 && times >= this.gapCount * REGULAR) {
      const found = gap > DAILY_MINUTES ? 'more than a day' : `${gap} minutes`;
      throw new RefusedError(
        `The readings of a metering point are ${found} apart; intervals of 60, 30, 15 and 5 minutes and whole days are ` +
          'read, and readings of the register at any time (kind registers).',
      );
    }
    this.refuseDaysAmongHours();
    // A stray time must not make an hourly file a five-minute one. A meter that steps by half hours again and again must
    // make it half-hourly, or its half hours would pass for hours; hourly meters beside it are stored as hourly all the same.
    return Math.min(this.byPoints(), this.byMinutes());
  }

  /**
   * Whether the readings are days' energies: dates without a time, readings a day apart, or only midnights of several
   * days. Midnights of a single day may be either.
   */
  private isDaily(): boolean {
    if (this.dateCount > 0 && this.noted <= this.dateCount * MOST_STRAYS) return true;
    const { gap, times } = this.commonestGap();
    const isRegular = gap === DAILY_MINUTES && times >= this.gapCount * REGULAR;
    if (isRegular && this.gapCount >= ENOUGH_GAPS) return true;
    const isAtMidnight = this.midnights === this.noted;
    if (isRegular && isAtMidnight && this.gapCount >= ENOUGH_EVEN_GAPS) return true;
    if (!isAtMidnight || this.noted < ENOUGH_GAPS || this.gapCount > 0) return false;
    if (this.daysSeen.size > 1) return true;
    throw new RefusedError(
      'Each metering point has one reading, at midnight: is it the energy of the day or of its first hour? Call the ' +
        'column «date» instead of «start» if it is the day; send the hour together with other hours if it is the hour.',
    );
  }

  private commonestGap(): { gap: number; times: number } {
    const most = [...this.gaps].reduce((best, each) => (each[1] > best[1] ? each : best), [0, 0]);
    return { gap: most[0], times: most[1] };
  }

  /** A day's energy taken for its first hour's would be a peak of 24 hours' energy every midnight. */
  private refuseDaysAmongHours(): void {
    const daily = [...this.daySteps].find(([, steps]) => steps >= ENOUGH_EVEN_GAPS);
    if (daily === undefined) return;
    throw new RefusedError(
      `Metering point ${JSON.stringify(daily[0])} has a reading a day where others have several: send daily energies in a ` +
        'file of their own.',
    );
  }

  private byPoints(): number {
    const lengths = [...this.shortSteps]
      .filter(([, steps]) => steps >= SHORT_STEPS)
      .map(([key]) => parseInt(key, 10));
    return Math.min(60, ...new Set(lengths));
  }

  /** For a file in time order, whose sample shows most points once: nearly all times begin on the interval. */
  private byMinutes(): number {
    const fits = (interval: number) => {
      const strays = this.minutes.reduce(
        (sum, count, minute) => (minute % interval === 0 ? sum : sum + count),
        0,
      );
      return strays <= this.noted * MOST_STRAYS;
    };
    return INTERVAL_MINUTES.find(fits) ?? 60;
  }

  private note(id: string, minutes: number, isHead: boolean): void {
    this.minutes[minutes % 60]++;
    if (minutes % 1440 === 0) this.midnights++;
    this.daysSeen.add(Math.floor(minutes / 1440));
    this.noted++;
    const last = this.lastOfPoint.get(id);
    if (last !== undefined || this.lastOfPoint.size < MOST_IDS) this.lastOfPoint.set(id, minutes);
    if (last !== undefined && last !== minutes) {
      const gap = Math.abs(minutes - last);
      if (isHead) this.noteStep(id, minutes, gap);
      const interval = INTERVAL_MINUTES.find((length) => gap % length === 0);
      if (interval === undefined || interval === 60) return;
      const key = `${interval} ${id}`;
      this.shortSteps.set(key, (this.shortSteps.get(key) ?? 0) + 1);
    }
  }

  private noteEnergy(bytes: Buffer, id: Field | null, kwh: Field | null): void {
    if (id === null || kwh === null || kwh.from === kwh.to) return;
    const value = bytes.toString('latin1', kwh.from, kwh.to).replace(',', '.');
    this.registers.note(bytes.toString('latin1', id.from, id.to), Number(value));
  }

  private noteStep(id: string, minutes: number, gap: number): void {
    this.gapCount++;
    if (this.gaps.size < MOST_GAPS || this.gaps.has(gap)) this.gaps.set(gap, (this.gaps.get(gap) ?? 0) + 1);
    const steps = this.daySteps.get(id) ?? 0;
    const isDay = gap === DAILY_MINUTES && minutes % 1440 === 0;
    this.daySteps.set(id, isDay && steps >= 0 ? steps + 1 : -1);
  }
}

/**
 * The zones in which the sender never moves the clock. Files without offsets from zones with summer time often have
 * readings in the spring hour that never came on the wall clock, whatever their description says. A zone's points count
 * as kept in standard time when at least half as many readings lie in that hour as in the hour before it; zeros do not
 * count, because some systems fill the hour with them.
 */
export async function standardTimeZones(
  path: string,
  packing: Packing,
  { layout, intervalMinutes, bodyOffset }: Survey,
  { points, zoneOf, zones }: PlacedPoints,
): Promise<Set<Zone>> {
  // A day's energy belongs to its date, whatever the clock does within the day.
  if (intervalMinutes === DAILY_MINUTES || layout.layout === 'month') return new Set();
  const springs = new Map(zones.filter(movesTheClock).map((zone) => [zone, new SpringCount(zone)]));
  if (springs.size === 0) return new Set();
  const dates = new DateScanner();
  const times = new TimeScanner();
  const dateColumn = layout.layout === 'long' ? layout.startColumn : layout.dateColumn;
  const days = new Set([...springs.values()].flatMap((spring) => [...spring.hours.keys()]));
  for await (const block of fileLines(path, packing, bodyOffset)) {
    if (block.kind !== 'lines') continue;
    const { bytes } = block;
    for (let at = 0, end; at < bytes.length; at = end + 1) {
      end = bytes.indexOf(LF, at);
      const date = column(bytes, at, end, layout.delimiter, dateColumn);
      if (!date || date.to - date.from < 10) continue;
      const day = dates.scan(bytes, date.from);
      if (day === null || !days.has(day)) continue;
      const id = column(bytes, at, end, layout.delimiter, layout.idColumn)!;
      const point = points.find(bytes, id.from, id.to);
      const spring = point < 0 ? undefined : springs.get(zoneOf(point));
      if (spring === undefined) continue;
      const fields = bytes.toString('latin1', at, end).split(String.fromCharCode(layout.delimiter));
      if (layout.layout === 'wide') {
        layout.slotOfColumn.forEach((slot, i) => {
          if (slot >= 0) spring.note(day * 1440 + slot * layout.intervalMinutes, fields[i] ?? '');
        });
      } else if (times.scan(bytes, date.from, date.to) && times.time.offsetMinutes === NO_OFFSET) {
        spring.note(times.time.localMinutes, fields[layout.kwhColumn] ?? '');
      }
    }
  }
  return new Set([...springs].filter(([, spring]) => spring.isStandardTime()).map(([zone]) => zone));
}

export interface PlacedPoints {
  readonly points: PointIndex;
  readonly zoneOf: (point: number) => Zone;
  /** Every zone that {@link zoneOf} may answer. */
  readonly zones: readonly Zone[];
}

/** Readings in a zone's spring hours, years 2000 to 2040, and in the hours before them. */
class SpringCount {
  /** Local minutes that never came, by local day. */
  readonly hours = new Map<number, { readonly from: number; readonly to: number }>();
  private inside = 0;
  private before = 0;

  constructor(zone: Zone) {
    for (const change of transitionsBetween(zone, dayFromCivil(2000, 1, 1), dayFromCivil(2040, 1, 1))) {
      if (change.afterMinutes <= change.beforeMinutes) continue;
      const from = change.utcMs / 60_000 + change.beforeMinutes;
      this.hours.set(Math.floor(from / 1440), { from, to: change.utcMs / 60_000 + change.afterMinutes });
    }
  }

  note(localMinutes: number, value: string): void {
    const hour = this.hours.get(Math.floor(localMinutes / 1440));
    if (hour === undefined || !(Number(value.replace(',', '.')) > 0)) return;
    if (localMinutes >= hour.from && localMinutes < hour.to) this.inside++;
    else if (localMinutes >= hour.from - 60 && localMinutes < hour.from) this.before++;
  }

  isStandardTime(): boolean {
    return this.inside > 0 && this.inside * 2 >= this.before;
  }
}

/** Whether the zone has summer time by its current rules; none in Russia has since 2014. */
export function movesTheClock(zone: Zone): boolean {
  return transitionsBetween(zone, dayFromCivil(2026, 1, 1), dayFromCivil(2027, 1, 1)).length > 0;
}

interface Field {
  readonly from: number;
  readonly to: number;
}

/** Where the `index`-th field of the line `[at, end)` lies, without its quotes; null when the line has fewer. */
function column(bytes: Buffer, at: number, end: number, delimiter: number, index: number): Field | null {
  let from = at;
  for (let i = 0; i < index; i++) {
    from = indexBefore(bytes, delimiter, from, end) + 1;
    if (from === 0) return null;
  }
  let to = indexBefore(bytes, delimiter, from, end);
  if (to < 0) to = end > at && bytes[end - 1] === 0x0d ? end - 1 : end;
  if (to - from >= 2 && bytes[from] === QUOTE && bytes[to - 1] === QUOTE) {
    from++;
    to--;
  }
  return { from, to };
}

/** Like indexOf, but looks no further than `end`: beyond the line may lie a megabyte without the delimiter. */
function indexBefore(bytes: Buffer, code: number, from: number, end: number): number {
  for (let at = from; at < end; at++) if (bytes[at] === code) return at;
  return -1;
}
