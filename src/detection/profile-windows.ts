import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import { MISSING_CODE } from '../readings/domain/energy-codec.js';
import { CHANNEL_CONSUMPTION } from '../readings/load-profile.repository.js';
import type { PointWindow } from './domain/types.js';

/** Days of history a score looks back on: a year of seasons and a month to compare it with. */
export const HISTORY_DAYS = 400;

const MINUTES_PER_DAY = 1440;

/** What the rows of one metering point fold into. */
export interface ProfileWindow extends PointWindow {
  /** Minutes of the day that have readings, 0 to 1440, length `days`. */
  readonly minutesPresent: Uint16Array;
  /** Interval length of the newest stored day, minutes; 0 when nothing was read. */
  intervalMinutes: number;
}

/**
 * Windows of up to `capacity` metering points over the same days, in four flat arrays that are filled again and again:
 * 1,000 points × 400 days × 24 hours take 40 MB, and no row becomes an object. A window handed out is a view that the
 * next {@link readProfiles} overwrites.
 */
export class ProfileBlock {
  readonly days: number;
  readonly windows: readonly ProfileWindow[];
  private readonly hourlyKw: Float32Array;
  private readonly dailyKwh: Float32Array;
  private readonly hoursPresent: Uint8Array;
  private readonly minutesPresent: Uint16Array;
  private readonly newestDay: Int32Array;
  private readonly slots = new Map<number, number>();

  /** Days `[firstDay, endDay)`. */
  constructor(
    readonly capacity: number,
    readonly firstDay: DayNumber,
    readonly endDay: DayNumber,
  ) {
    const days = endDay - firstDay;
    this.days = days;
    this.hourlyKw = new Float32Array(capacity * days * 24);
    this.dailyKwh = new Float32Array(capacity * days);
    this.hoursPresent = new Uint8Array(capacity * days);
    this.minutesPresent = new Uint16Array(capacity * days);
    this.newestDay = new Int32Array(capacity);
    this.windows = Array.from({ length: capacity }, (_, slot) => ({
      firstDay,
      days,
      hourlyKw: this.hourlyKw.subarray(slot * days * 24, (slot + 1) * days * 24),
      dailyKwh: this.dailyKwh.subarray(slot * days, (slot + 1) * days),
      hoursPresent: this.hoursPresent.subarray(slot * days, (slot + 1) * days),
      minutesPresent: this.minutesPresent.subarray(slot * days, (slot + 1) * days),
      intervalMinutes: 0,
    }));
  }

  /** Empties the block for these metering points: the window of `ids[i]` is `windows[i]`. */
  reset(ids: readonly number[]): void {
    this.slots.clear();
    ids.forEach((id, slot) => this.slots.set(id, slot));
    this.hourlyKw.fill(NaN, 0, ids.length * this.days * 24);
    this.dailyKwh.fill(NaN, 0, ids.length * this.days);
    this.hoursPresent.fill(0, 0, ids.length * this.days);
    this.minutesPresent.fill(0, 0, ids.length * this.days);
    this.newestDay.fill(-1, 0, ids.length);
    for (let slot = 0; slot < ids.length; slot++) this.windows[slot].intervalMinutes = 0;
  }

  /** Folds one stored day in; rows may come in any order. A row of another point or day is passed over. */
  add(id: number, day: DayNumber, intervalMinutes: number, scale: number, energy: Uint8Array): void {
    const slot = this.slots.get(id);
    if (slot === undefined || day < this.firstDay || day >= this.endDay) return;
    const window = this.windows[slot];
    foldDay(window, day - this.firstDay, intervalMinutes, scale, energy);
    if (day > this.newestDay[slot]) {
      this.newestDay[slot] = day;
      window.intervalMinutes = intervalMinutes;
    }
  }
}

/**
 * Folds one day of interval energies into hours. `energy` holds uint16 little-endian values, one per interval, in units
 * of Wh × 10^`scale`. An hour counts only with all its intervals; the day's kWh is what is there.
 * Worked example: 30-minute energies 300 and 200 at scale 0 make an hour of (300 + 200) × 1 Wh = 0.5 kWh = 0.5 kW.
 */
export function foldDay(
  window: ProfileWindow,
  dayIndex: number,
  intervalMinutes: number,
  scale: number,
  energy: Uint8Array,
): void {
  const kwhPerUnit = 10 ** scale / 1000;
  const perHour = 60 / intervalMinutes;
  const intervals = Math.min(energy.length >> 1, MINUTES_PER_DAY / intervalMinutes);
  const firstHour = dayIndex * 24;
  let dayUnits = 0;
  let dayIntervals = 0;
  let wholeHours = 0;
  for (let hour = 0, interval = 0; hour < 24; hour++) {
    const end = Math.min((hour + 1) * perHour, intervals);
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
}

/**
 * Fills `block` with the stored days of `ids` (ascending, at most `block.capacity`). Rows are not sorted by the server:
 * each finds its slot, which is cheaper than a merge over a year of partitions.
 */
export async function readProfiles(
  client: ClientBase,
  block: ProfileBlock,
  ids: readonly number[],
): Promise<void> {
  block.reset(ids);
  if (ids.length === 0) return;
  // Literals, not parameters: COPY takes none, and the planner prunes partitions by them.
  const query = `
    select metering_point_id, day, interval_minutes, scale, energy from load_profile
    where ${idsCondition(ids)} and channel = ${CHANNEL_CONSUMPTION}
      and day >= '${isoFromDay(block.firstDay)}' and day < '${isoFromDay(block.endDay)}'`;
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 5, (row) => {
    block.add(row.int4(0), row.date(1), row.int2(2), row.int2(3), row.bytes(4));
  });
}

/** A range when most of it is wanted (one index scan per partition), else the list. */
function idsCondition(ids: readonly number[]): string {
  const first = ids[0];
  const last = ids[ids.length - 1];
  if (last - first < ids.length * 2) return `metering_point_id between ${first} and ${last}`;
  return `metering_point_id = any('{${ids.join(',')}}'::integer[])`;
}
