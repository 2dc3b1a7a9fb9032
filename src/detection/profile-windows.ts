import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import { MonthCollector, NO_DAY, readMonths, type ClosedMonth, type KeptMonth } from './closed-months.js';
import { MAX_SCALE, MISSING_CODE } from '../readings/domain/energy-codec.js';
import { CHANNEL_CONSUMPTION } from '../readings/load-profile.repository.js';
import { dayFloorKw, FULL_DAY_HOURS } from './domain/full-day.js';
import type { PointWindow } from './domain/types.js';
import { idsCondition, type Ids } from './ids.js';

/** Days of history a score looks back on: a year of seasons and a month to compare it with. */
export const HISTORY_DAYS = 400;

const MINUTES_PER_DAY = 1440;

/** What the rows of one metering point fold into. */
export interface ProfileWindow extends PointWindow {
  /** Minutes of the day that have readings, 0 to 1440, length `days`. */
  readonly minutesPresent: Uint16Array;
  readonly dailyFloorKw: Float32Array;
  /** Interval length of the newest stored day, minutes; 0 when nothing was read. */
  intervalMinutes: number;
}

/**
 * Windows of metering points over the same days, in five flat arrays that are filled again and again:
 * 1,000 points × 400 days × 24 hours take 40 MB, and no row becomes an object. A window handed out is a view that the
 * next {@link readProfiles} overwrites.
 */
export class ProfileBlock {
  readonly days: number;
  windows: readonly ProfileWindow[];
  private hourlyKw: Float32Array;
  private dailyKwh: Float32Array;
  private hoursPresent: Uint8Array;
  private minutesPresent: Uint16Array;
  private dailyFloorKw: Float32Array;
  private newestDay: Int32Array;
  /** What was read of months that are over and not kept in one row yet. */
  readonly collected: MonthCollector;
  private readonly slots = new Map<number, number>();
  private lastId = NaN;
  private lastSlot = -1;

  /** Days `[firstDay, endDay)`; `months` are those that may be kept in one row each. */
  constructor(
    capacity: number,
    readonly firstDay: DayNumber,
    readonly endDay: DayNumber,
    months: readonly ClosedMonth[] = [],
  ) {
    this.days = endDay - firstDay;
    this.collected = new MonthCollector(months);
    this.allocate(capacity);
  }

  get capacity(): number {
    return this.newestDay.length;
  }

  private allocate(capacity: number): void {
    const { days, firstDay } = this;
    this.hourlyKw = new Float32Array(capacity * days * 24);
    this.dailyKwh = new Float32Array(capacity * days);
    this.hoursPresent = new Uint8Array(capacity * days);
    this.minutesPresent = new Uint16Array(capacity * days);
    this.dailyFloorKw = new Float32Array(capacity * days);
    this.newestDay = new Int32Array(capacity);
    this.windows = Array.from({ length: capacity }, (_, slot) => ({
      firstDay,
      days,
      hourlyKw: this.hourlyKw.subarray(slot * days * 24, (slot + 1) * days * 24),
      dailyKwh: this.dailyKwh.subarray(slot * days, (slot + 1) * days),
      hoursPresent: this.hoursPresent.subarray(slot * days, (slot + 1) * days),
      minutesPresent: this.minutesPresent.subarray(slot * days, (slot + 1) * days),
      dailyFloorKw: this.dailyFloorKw.subarray(slot * days, (slot + 1) * days),
      intervalMinutes: 0,
    }));
  }

  /** Empties the block for these metering points: the window of `ids[i]` is `windows[i]`. It grows where they are more. */
  reset(ids: Ids): void {
    if (ids.length > this.capacity) this.allocate(ids.length);
    this.slots.clear();
    for (let slot = 0; slot < ids.length; slot++) this.slots.set(ids[slot], slot);
    this.lastId = NaN;
    this.collected.reset(ids);
    this.hourlyKw.fill(NaN, 0, ids.length * this.days * 24);
    this.dailyKwh.fill(NaN, 0, ids.length * this.days);
    this.hoursPresent.fill(0, 0, ids.length * this.days);
    this.minutesPresent.fill(0, 0, ids.length * this.days);
    this.dailyFloorKw.fill(NaN, 0, ids.length * this.days);
    this.newestDay.fill(-1, 0, ids.length);
    for (let slot = 0; slot < ids.length; slot++) this.windows[slot].intervalMinutes = 0;
  }

  private slotOf(id: number): number {
    // Rows of a point mostly follow one another.
    if (id !== this.lastId) {
      this.lastId = id;
      this.lastSlot = this.slots.get(id) ?? -1;
    }
    return this.lastSlot;
  }

  /** Folds a month in that was kept in one row. */
  addKept(id: number, month: DayNumber, { days, units, floors, scales }: KeptMonth): void {
    const slot = this.slotOf(id);
    if (slot < 0) return;
    this.collected.markKept(slot, month);
    const window = this.windows[slot];
    const last = Math.min(days, this.endDay - month);
    for (let at = Math.max(0, this.firstDay - month); at < last; at++) {
      if (scales[at] === NO_DAY) continue;
      foldHourlyDay(window, month + at - this.firstDay, scales[at], floors[at], units, at * 24);
      this.notice(slot, month + at, 60);
    }
  }

  /** {@link add} of a day's own row, which is collected for its month. */
  addStored(
    id: number,
    day: DayNumber,
    scale: number,
    bytes: Uint8Array,
    start: number,
    length: number,
  ): void {
    const floor = this.add(id, day, scale, bytes, start, length);
    const slot = this.slotOf(id);
    if (slot < 0) return;
    if (length === HOURLY_BYTES) this.collected.add(slot, day, scale, floor, bytes, start);
    else this.collected.pass(slot, day);
  }

  /**
   * Folds one stored day in: `length` bytes of energy at `bytes[start]`, as `load_profile` holds them. Rows may come in any
   * order; a row of another point or day is passed over. Answers an hourly day's floor in units of its scale.
   */
  add(id: number, day: DayNumber, scale: number, bytes: Uint8Array, start: number, length: number): number {
    const slot = this.slotOf(id);
    if (slot < 0 || day < this.firstDay || day >= this.endDay) return MISSING_CODE;
    const window = this.windows[slot];
    this.notice(slot, day, (MINUTES_PER_DAY * 2) / length);
    if (length !== HOURLY_BYTES) {
      foldDay(window, day - this.firstDay, scale, bytes.subarray(start, start + length));
      return MISSING_CODE;
    }
    for (let hour = 0, at = start; hour < 24; hour++, at += 2)
      hourUnits[hour] = bytes[at] | (bytes[at + 1] << 8);
    const floor = thirdLowest(hourUnits);
    foldHourlyDay(window, day - this.firstDay, scale, floor, hourUnits, 0);
    return floor;
  }

  private notice(slot: number, day: DayNumber, intervalMinutes: number): void {
    if (day <= this.newestDay[slot]) return;
    this.newestDay[slot] = day;
    this.windows[slot].intervalMinutes = intervalMinutes;
  }
}

/** kWh of one unit by scale: energies are in Wh × 10^scale. */
const KWH_PER_UNIT = Float64Array.from({ length: MAX_SCALE + 1 }, (_, scale) => 10 ** scale / 1000);
const HOURLY_BYTES = 48;

/** Of one day, on its way. */
const hourUnits = new Uint16Array(24);

/**
 * The day's third-lowest energy; {@link MISSING_CODE}, which is the highest number there is, where fewer than three are known.
 * Without a branch: where the next hour lies among the three lowest can't be foretold, and a wrong guess costs more than the
 * arithmetic.
 */
function thirdLowest(units: Uint16Array): number {
  let low1 = MISSING_CODE;
  let low2 = MISSING_CODE;
  let low3 = MISSING_CODE;
  for (let hour = 0; hour < 24; hour++) {
    const value = units[hour];
    let below = value - low1;
    below &= below >> 31;
    low1 += below;
    const second = value - below;
    below = second - low2;
    below &= below >> 31;
    low2 += below;
    below = second - below - low3;
    low3 += below & (below >> 31);
  }
  return low3;
}

/** {@link foldDay} for 24 intervals, which is nearly all there is: an hour is an interval, and its floor is known. */
function foldHourlyDay(
  window: ProfileWindow,
  dayIndex: number,
  scale: number,
  floor: number,
  units: Uint16Array,
  from: number,
): void {
  const { hourlyKw } = window;
  const kwhPerUnit = KWH_PER_UNIT[scale];
  const firstHour = dayIndex * 24;
  let sum = 0;
  let missing = 0;
  for (let hour = 0; hour < 24; hour++) {
    const value = units[from + hour];
    if (value === MISSING_CODE) {
      missing++;
      continue;
    }
    hourlyKw[firstHour + hour] = value * kwhPerUnit;
    sum += value;
  }
  const hours = 24 - missing;
  if (hours > 0) window.dailyKwh[dayIndex] = sum * kwhPerUnit;
  if (hours >= FULL_DAY_HOURS) window.dailyFloorKw[dayIndex] = floor * kwhPerUnit;
  window.hoursPresent[dayIndex] = hours;
  window.minutesPresent[dayIndex] = hours * 60;
}

/**
 * Folds one day of interval energies into hours. `energy` holds uint16 little-endian values, one per interval of a day cut
 * evenly, in units of Wh × 10^`scale`. An hour counts only with all its intervals; the day's kWh is what is there.
 * Worked example: 30-minute energies 300 and 200 at scale 0 make an hour of (300 + 200) × 1 Wh = 0.5 kWh = 0.5 kW.
 */
function foldDay(window: ProfileWindow, dayIndex: number, scale: number, energy: Uint8Array): void {
  const kwhPerUnit = KWH_PER_UNIT[scale];
  const intervals = energy.length >> 1;
  const intervalMinutes = MINUTES_PER_DAY / intervals;
  const perHour = intervals / 24;
  const firstHour = dayIndex * 24;
  let dayUnits = 0;
  let dayIntervals = 0;
  let wholeHours = 0;
  for (let hour = 0, interval = 0; hour < 24; hour++) {
    const end = (hour + 1) * perHour;
    let units = 0;
    let present = 0;
    for (; interval < end; interval++) {
      const value = energy[interval * 2] | (energy[interval * 2 + 1] << 8);
      if (value === MISSING_CODE) continue;
      units += value;
      present++;
    }
    if (present === perHour) {
      window.hourlyKw[firstHour + hour] = units * kwhPerUnit;
      wholeHours++;
    }
    dayUnits += units;
    dayIntervals += present;
  }
  if (dayIntervals > 0) window.dailyKwh[dayIndex] = dayUnits * kwhPerUnit;
  window.hoursPresent[dayIndex] = wholeHours;
  window.minutesPresent[dayIndex] = dayIntervals * intervalMinutes;
  if (wholeHours >= FULL_DAY_HOURS) window.dailyFloorKw[dayIndex] = dayFloorKw(window.hourlyKw, firstHour);
}

/**
 * Fills `block` with what is stored of `ids` (ascending): months that are kept in one row from there, everything else day by
 * day. Rows are not sorted by the server: each finds its slot, which is cheaper than a merge over a year of partitions.
 */
export async function readProfiles(client: ClientBase, block: ProfileBlock, ids: Ids): Promise<void> {
  block.reset(ids);
  if (ids.length === 0) return;
  const { collected } = block;
  await readMonths(client, ids, collected.months, (id, month, kept) => block.addKept(id, month, kept));
  const parts = dayParts(block, ids);
  const read = async () => {
    for (const part of parts) await readDays(client, block, part);
  };
  await (ids.length < LARGE_BLOCK ? read() : byBitmap(client, read));
}

/** Few points' days are on few pages. */
const LARGE_BLOCK = 100;

/**
 * Pages that follow one another are read sixteen at a time by a bitmap, and one at a time by an index: where they are not in the
 * server's buffers that takes seven tenths of the time. The planner thinks them equal.
 */
async function byBitmap(client: ClientBase, read: () => Promise<void>): Promise<void> {
  await client.query('set enable_indexscan = off');
  await read();
  await client.query('reset enable_indexscan');
}

/** Days `[from, to)` of some points. */
interface DayPart {
  readonly ids: Ids;
  readonly from: DayNumber;
  to: DayNumber;
}

/** What must be read day by day: days before and after the months that are over, and these where they are not kept. */
function dayParts({ firstDay, endDay, collected }: ProfileBlock, ids: Ids): DayPart[] {
  const parts: DayPart[] = [];
  const add = (wanted: Ids, from: DayNumber, to: DayNumber) => {
    if (wanted.length === 0 || from >= to) return;
    const last = parts.at(-1);
    if (last?.to === from && last.ids === wanted) last.to = to;
    else parts.push({ ids: wanted, from, to });
  };
  const { months } = collected;
  let from = firstDay;
  months.forEach(({ month, days }, index) => {
    add(ids, from, month);
    add(collected.missing(index), Math.max(month, firstDay), month + days);
    from = month + days;
  });
  add(ids, from, endDay);
  return parts;
}

/**
 * A day's number and scale travel as one column, and the length of the energy says the interval: a fifth of the server's
 * work on a row is each column's.
 */
async function readDays(client: ClientBase, block: ProfileBlock, { ids, from, to }: DayPart): Promise<void> {
  // Literals, not parameters: COPY takes none, and the planner prunes partitions by them.
  const query = `
    select metering_point_id, day + scale * ${SCALE_STEP}, energy from load_profile
    where ${idsCondition(ids)} and channel = ${CHANNEL_CONSUMPTION}
      and day >= '${isoFromDay(from)}' and day < '${isoFromDay(to)}'`;
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 3, (row) => {
    const dayAndScale = row.date(1);
    const scale = Math.floor((dayAndScale + SCALE_STEP / 2) / SCALE_STEP);
    const day = dayAndScale - scale * SCALE_STEP;
    block.addStored(row.int4(0), day, scale, row.buffer, row.starts[2], row.lengths[2]);
  });
}

/** Day numbers of the years 1880 to 2059 lie within half of it around 0. */
const SCALE_STEP = 65_536;
