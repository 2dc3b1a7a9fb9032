import { quickselect } from 'simple-statistics';
import { ORDER_STATISTICS_WASM } from './order-statistics.wasm.js';

/** The other side of assembly/order-statistics.ts. */
interface OrderStatistics {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly numbersAt: () => number;
  readonly capacity: () => number;
  readonly hoursAt: () => number;
  readonly quantile: (count: number, p: number) => number;
  readonly orderStatistic: (count: number, rank: number) => number;
  readonly sort: (count: number) => void;
  readonly sortHours: (table: number, rows: number) => void;
}

/** TypeScript's libraries know it for browsers only. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

const code = Uint8Array.from(atob(ORDER_STATISTICS_WASM), (byte) => byte.charCodeAt(0));
const compiled = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as OrderStatistics;

const { buffer } = compiled.memory;
const CAPACITY = compiled.capacity();
/** Where the compiled code finds numbers; every call here fills it anew. */
const numbers = new Float64Array(buffer, compiled.numbersAt(), CAPACITY);

/**
 * Room for `count` numbers whose quantiles are wanted: fastest, as they then need not be copied. One room serves all: fill it and
 * ask, before anything else asks.
 */
export function roomFor(count: number): Float64Array {
  return count <= CAPACITY ? numbers : new Float64Array(count);
}

/** Quantile `p` of the first `count` of `values`, none of them NaN; between two numbers, on the line (numpy's type 7). */
export function quantileOf(values: Float64Array, count: number, p: number): number {
  if (count < 2) return count === 1 ? values[0] : NaN;
  if (count > CAPACITY) return quantileOfMany(values, count, p);
  take(values, count);
  return compiled.quantile(count, p);
}

/** The number of rank `rank` (0 = lowest) among the first `count` of `values`, none of them NaN. */
export function orderStatistic(values: Float64Array, count: number, rank: number): number {
  if (count > CAPACITY) return quantileOfMany(values, count, rank / (count - 1));
  take(values, count);
  return compiled.orderStatistic(count, rank);
}

/** Above so many, comparing each with all others takes longer than the engine's own way. */
const MOST_SORTED = 96;

/** Sorts the first `count` of `values`, none of them NaN, ascending. */
export function sortFirst(values: Float64Array, count: number): void {
  if (count > MOST_SORTED) {
    values.subarray(0, count).sort();
    return;
  }
  take(values, count);
  compiled.sort(count);
  if (values !== numbers) for (let i = 0; i < count; i++) values[i] = numbers[i];
}

function take(values: Float64Array, count: number): void {
  if (values === numbers) return;
  for (let i = 0; i < count; i++) numbers[i] = values[i];
}

function quantileOfMany(values: Float64Array, count: number, p: number): number {
  const copy = values.slice(0, count);
  const place = (count - 1) * p;
  const rank = Math.floor(place);
  // simple-statistics types its array as T[], but only indexes it: a typed array serves.
  quickselect(copy as unknown as number[], rank);
  const lower = copy[rank];
  if (place === rank) return lower;
  let next = Infinity;
  for (let i = rank + 1; i < count; i++) if (copy[i] < next) next = copy[i];
  return lower + (place - rank) * (next - lower);
}

const HOURS = 24;
/** As many as there is memory for; windows have 400. */
const MOST_DAYS = 640;

/** What a load is at the same hour of day after day: quantiles by hour of the day, NaN = missing. */
class HoursOfDay {
  /** By hour, days that have it. */
  private readonly present = new Int32Array(buffer, compiled.hoursAt(), HOURS);
  /** Rows of 24 hours, each hour's days ascending. */
  private readonly sorted = new Float32Array(buffer, compiled.hoursAt() + HOURS * 4, HOURS * MOST_DAYS);

  /** Takes days `[fromDay, toDay)` of `hourlyKw` (24 values a day), 640 at the most. */
  take(hourlyKw: Float32Array, fromDay: number, toDay: number): void {
    const days = Math.max(0, toDay - fromDay);
    if (days > MOST_DAYS) throw new RangeError(`${days} days by hour of the day, ${MOST_DAYS} at the most`);
    const { sorted } = this;
    const from = fromDay * HOURS;
    const count = days * HOURS;
    for (let i = 0; i < count; i++) sorted[i] = hourlyKw[from + i];
    compiled.sortHours(this.present.byteOffset, days);
  }

  /** Days taken that have this hour. */
  daysWith(hour: number): number {
    return this.present[hour];
  }

  /** {@link quantileOf} an hour's days; NaN without any. */
  quantile(hour: number, p: number): number {
    const { sorted } = this;
    const count = this.present[hour];
    if (count === 0) return NaN;
    const place = (count - 1) * p;
    const rank = Math.floor(place);
    const lower = sorted[rank * HOURS + hour];
    return place === rank ? lower : lower + (place - rank) * (sorted[(rank + 1) * HOURS + hour] - lower);
  }

  /** How many of an hour's days reach `kw`. */
  daysFrom(hour: number, kw: number): number {
    const { sorted } = this;
    const count = this.present[hour];
    let below = count;
    while (below > 0 && sorted[(below - 1) * HOURS + hour] >= kw) below--;
    return count - below;
  }
}

/** One serves all: take days and ask, before anything else takes some. */
export const hoursOfDay = new HoursOfDay();
