import type { DayNumber } from '../../grid/domain/calendar.js';
import { MISSING_CODE } from '../../readings/domain/energy-codec.js';

export interface Band {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** Fewer neighbours than this say nothing about what is usual. */
export const LEAST_NEIGHBOURS = 5;

/**
 * Energies of neighbours on one grid of slots, kWh, slot by slot so that a slot's values lie together: a year of hours of
 * 30 neighbours is 263,000 numbers, filled from stored bytes without an object a day and sorted in place.
 */
export class NeighbourBand {
  private readonly slotsPerDay: number;
  private readonly kwh: Float32Array;
  private readonly columns = new Map<number, number>();

  constructor(
    private readonly grid: { readonly firstDay: DayNumber; readonly days: number; readonly minutes: number },
    private readonly most: number,
  ) {
    this.slotsPerDay = 1440 / grid.minutes;
    this.kwh = new Float32Array(grid.days * this.slotsPerDay * most).fill(NaN);
  }

  /** Neighbours that have a reading. */
  get points(): number {
    return this.columns.size;
  }

  /** A stored day (see readings/domain/energy-codec.ts) of a neighbour; what a slot misses a part of is missing. */
  add(point: number, day: DayNumber, energy: Uint8Array, scale: number): void {
    const column = this.columnOf(point);
    const first = (day - this.grid.firstDay) * this.slotsPerDay;
    const intervals = energy.length / 2;
    const unit = 10 ** scale / 1000;
    // Intervals in a slot; below 1, slots in an interval.
    const ratio = intervals / this.slotsPerDay;
    for (let slot = 0; slot < this.slotsPerDay; slot++) {
      let sum = 0;
      const from = Math.floor(slot * ratio);
      for (let at = from; at < from + Math.max(ratio, 1); at++) {
        const code = energy[at * 2] | (energy[at * 2 + 1] << 8);
        sum = code === MISSING_CODE ? NaN : sum + code;
      }
      this.kwh[(first + slot) * this.most + column] = sum * unit * Math.min(ratio, 1);
    }
  }

  /**
   * 10th and 90th percentile of each slot (linear between ranks, as quantile type 7); NaN where fewer than
   * {@link LEAST_NEIGHBOURS} have a reading. Example: 1, 2 … 11 kWh give 2 and 10. May be asked for once.
   */
  percentiles(): Band {
    const slots = this.grid.days * this.slotsPerDay;
    const low = new Float32Array(slots).fill(NaN);
    const high = new Float32Array(slots).fill(NaN);
    for (let slot = 0; slot < slots; slot++) {
      const count = sortPresent(this.kwh, slot * this.most, this.points);
      if (count < LEAST_NEIGHBOURS) continue;
      low[slot] = quantileOfSorted(this.kwh, slot * this.most, count, 0.1);
      high[slot] = quantileOfSorted(this.kwh, slot * this.most, count, 0.9);
    }
    return { low, high };
  }

  private columnOf(point: number): number {
    let column = this.columns.get(point);
    if (column === undefined) this.columns.set(point, (column = this.columns.size));
    return column;
  }
}

/** Sorts the values that are there to the front, by insertion: for 30 of them faster than a call of sort. */
function sortPresent(values: Float32Array, start: number, length: number): number {
  let count = 0;
  for (let at = start; at < start + length; at++) {
    const value = values[at];
    if (Number.isNaN(value)) continue;
    let place = start + count++;
    for (; place > start && values[place - 1] > value; place--) values[place] = values[place - 1];
    values[place] = value;
  }
  return count;
}

function quantileOfSorted(values: Float32Array, start: number, count: number, p: number): number {
  const at = p * (count - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, count - 1);
  return values[start + below] + (values[start + above] - values[start + below]) * (at - below);
}
