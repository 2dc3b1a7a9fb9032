import type { DayNumber } from '../../grid/domain/calendar.js';

/** Quality mark of a slot that has no reading. */
export const NO_READING = 255;

/** Energies on a regular grid of slots over whole standard-time days; NaN = missing, never filled in. */
export interface EnergySeries {
  readonly firstDay: DayNumber;
  readonly days: number;
  readonly minutes: number;
  readonly kwh: Float32Array;
  /** See readings/domain/quality.ts; {@link NO_READING} where there is none. */
  readonly quality: Uint8Array;
}

/** A stored day: Wh of each interval (NaN = missing), and marks (none: all actual). */
export interface StoredDay {
  readonly day: DayNumber;
  readonly wh: Float64Array;
  readonly quality: Uint8Array;
}

/** Slots of a grid that fits every stored day: the finest interval among them, but not finer than asked for. */
export function gridMinutes(days: readonly StoredDay[], least: number): number {
  const finest = days.reduce((most, { wh }) => Math.max(most, wh.length), 1);
  return Math.max(1440 / finest, least);
}

/**
 * Lays stored days on a grid. Finer intervals are added up (a slot that misses one is missing); coarser ones are shared
 * out evenly and marked as estimated (1), as the store does where two lengths meet: energy is kept, no shape is invented.
 */
export function layOnGrid(
  stored: readonly StoredDay[],
  grid: { readonly firstDay: DayNumber; readonly days: number; readonly minutes: number },
): EnergySeries {
  const slots = 1440 / grid.minutes;
  const kwh = new Float32Array(grid.days * slots).fill(NaN);
  const quality = new Uint8Array(grid.days * slots).fill(NO_READING);
  for (const each of stored) {
    const start = (each.day - grid.firstDay) * slots;
    if (start < 0 || start >= kwh.length) continue;
    if (each.wh.length >= slots) gather(each, slots, start, kwh, quality);
    else spread(each, slots, start, kwh, quality);
  }
  return { ...grid, kwh, quality };
}

function gather(
  { wh, quality: marks }: StoredDay,
  slots: number,
  start: number,
  kwh: Float32Array,
  quality: Uint8Array,
) {
  const ratio = wh.length / slots;
  for (let slot = 0; slot < slots; slot++) {
    let sum = 0;
    let mark = 0;
    for (let at = slot * ratio; at < (slot + 1) * ratio; at++) {
      sum += wh[at];
      mark = Math.max(mark, marks[at] ?? 0);
    }
    if (Number.isNaN(sum)) continue;
    kwh[start + slot] = sum / 1000;
    quality[start + slot] = mark;
  }
}

function spread(
  { wh, quality: marks }: StoredDay,
  slots: number,
  start: number,
  kwh: Float32Array,
  quality: Uint8Array,
) {
  const ratio = slots / wh.length;
  for (let slot = 0; slot < slots; slot++) {
    const at = Math.floor(slot / ratio);
    if (Number.isNaN(wh[at])) continue;
    kwh[start + slot] = wh[at] / ratio / 1000;
    quality[start + slot] = Math.max(marks[at] ?? 0, 1);
  }
}
