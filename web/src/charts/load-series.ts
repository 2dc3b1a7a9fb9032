import { bytesOf, floatsOf } from './unpack.js';

interface Packed {
  readonly base64: string;
}

/** A curve as the service answers it. */
export interface PackedCurve {
  readonly from: string;
  readonly minutes: number;
  readonly kwh: Packed;
  readonly quality: Packed;
  readonly neighbours: { readonly minutes: number; readonly p10_kwh: Packed; readonly p90_kwh: Packed };
  readonly temperature: { readonly minutes: number; readonly celsius: Packed } | null;
  readonly quota: readonly { readonly month: string; readonly kwh_per_slot: number }[];
}

/** The load of a span in slots of the same length, all in kW. NaN is missing and never zero. */
export interface LoadSeries {
  /** Local midnight of the first day, in seconds as if the place's clock were UTC. */
  readonly start: number;
  readonly minutes: number;
  readonly kw: Float32Array;
  /** 1 where at least one reading was estimated or questionable. */
  readonly isEstimated: Uint8Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly celsius: Float32Array | null;
  /** The pace that would just use up the quota of its month; NaN where there is none. */
  readonly quotaKw: Float32Array;
}

/** Quality 0 is a measured reading, 255 a missing one; between them somebody guessed or doubted. */
const ACTUAL = 0;
const MISSING = 255;
export const DAY_SECONDS = 86_400;

/** Everything in kW on the slots of the readings. */
export function loadSeries(curve: PackedCurve): LoadSeries {
  const { minutes } = curve;
  const start = Date.parse(`${curve.from}T00:00:00Z`) / 1000;
  const kw = scaled(floatsOf(curve.kwh), 60 / minutes);
  const isEstimated = bytesOf(curve.quality).map((quality) =>
    Number(quality !== ACTUAL && quality !== MISSING),
  );
  const band = (packed: Packed): Float32Array =>
    spread(scaled(floatsOf(packed), 60 / curve.neighbours.minutes), kw.length);
  return {
    start,
    minutes,
    kw,
    isEstimated,
    low: band(curve.neighbours.p10_kwh),
    high: band(curve.neighbours.p90_kwh),
    celsius: curve.temperature && spread(floatsOf(curve.temperature.celsius), kw.length),
    quotaKw: quotaPace(curve, { start, slots: kw.length }),
  };
}

/** Means over `factor` slots; of the slots that are known, where at least half of them are. */
export function coarser(series: LoadSeries, minutes: number): LoadSeries {
  const factor = minutes / series.minutes;
  if (factor <= 1) return series;
  const mean = (values: Float32Array): Float32Array => means(values, factor);
  return {
    start: series.start,
    minutes,
    kw: mean(series.kw),
    isEstimated: anyOf(series.isEstimated, factor),
    low: mean(series.low),
    high: mean(series.high),
    celsius: series.celsius && mean(series.celsius),
    quotaKw: mean(series.quotaKw),
  };
}

/** Minutes of a slot that a span of days is drawn with: a year by days, a month by hours, a week as it was read. */
export function minutesFor(days: number, stored: number): number {
  if (days > 130) return Math.max(1440, stored);
  if (days > 12) return Math.max(60, stored);
  return stored;
}

/** kWh of each day; NaN where nothing of it is known. */
export function dailyKwh({ kw, minutes }: LoadSeries): Float32Array {
  const slots = 1440 / minutes;
  return Float32Array.from({ length: kw.length / slots }, (_, day) => {
    const known = kw.subarray(day * slots, (day + 1) * slots).filter((value) => !Number.isNaN(value));
    return known.length === 0 ? NaN : (known.reduce((sum, value) => sum + value, 0) * minutes) / 60;
  });
}

/** Runs of slots that hold: `[first, after the last]`. */
export function runsOf(flags: Uint8Array): [from: number, to: number][] {
  const runs: [number, number][] = [];
  for (let at = 0; at < flags.length; at++) {
    if (flags[at] === 0) continue;
    const from = at;
    while (at < flags.length && flags[at] !== 0) at++;
    runs.push([from, at]);
  }
  return runs;
}

function quotaPace(
  { quota, minutes }: PackedCurve,
  { start, slots }: { readonly start: number; readonly slots: number },
): Float32Array {
  const pace = new Float32Array(slots).fill(NaN);
  for (const { month, kwh_per_slot: kwh } of quota) {
    const begin = new Date(`${month}T00:00:00Z`);
    const end = Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + 1, 1) / 1000;
    const slotOf = (seconds: number): number =>
      Math.min(Math.max((seconds - start) / (minutes * 60), 0), slots);
    pace.fill((kwh * 60) / minutes, slotOf(begin.getTime() / 1000), slotOf(end));
  }
  return pace;
}

// Loops and no callbacks below: a year of half-hours on a slow machine is waited for.

function scaled(values: Float32Array, factor: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) result[at] = values[at] * factor;
  return result;
}

/** Lays coarser values on `length` slots, each on all of those it covers. */
function spread(values: Float32Array, length: number): Float32Array {
  const factor = length / values.length;
  if (factor === 1) return values;
  const result = new Float32Array(length);
  for (let at = 0; at < length; at++) result[at] = values[Math.floor(at / factor)];
  return result;
}

function means(values: Float32Array, factor: number): Float32Array {
  const result = new Float32Array(Math.floor(values.length / factor));
  for (let at = 0; at < result.length; at++) {
    let sum = 0;
    let known = 0;
    for (let slot = at * factor; slot < (at + 1) * factor; slot++) {
      if (Number.isNaN(values[slot])) continue;
      sum += values[slot];
      known++;
    }
    result[at] = known * 2 < factor ? NaN : sum / known;
  }
  return result;
}

function anyOf(flags: Uint8Array, factor: number): Uint8Array {
  const result = new Uint8Array(Math.floor(flags.length / factor));
  for (let at = 0; at < flags.length; at++) if (flags[at] !== 0) result[Math.floor(at / factor)] = 1;
  return result;
}

/** The day of the service that a second lies in. */
export function isoDay(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
