import { MAX_INTERVAL_WH } from '../readings/domain/energy-codec.js';
import { DAILY_MINUTES, INTERVAL_MINUTES } from '../readings/domain/interval.js';
import type { RejectReason } from './domain/rejected-row.js';
import type { FoundIntervals } from './formats/format.js';
import { SENTINELS_WH } from './formats/scan-value.js';

/** Why a reading is not taken, and in a sentence what to do. */
export interface Fault {
  readonly reason: RejectReason;
  readonly detail: string;
}

/** The interval length in which it is stored; null: none. */
export function storedInterval(minutes: number): number | null {
  if (minutes === DAILY_MINUTES) return DAILY_MINUTES;
  if (!(minutes >= 1) || minutes !== Math.floor(minutes)) return null;
  return [...INTERVAL_MINUTES].reverse().find((stored) => stored % minutes === 0) ?? null;
}

/** Days that its intervals may lie in, at the most. */
export function daysOf(item: FoundIntervals): number {
  return Math.ceil((item.wh.length * item.intervalMinutes) / DAILY_MINUTES) + 2;
}

/** Sums short intervals up to the stored ones; one of which a part is missing is missing. Null: they do not begin together. */
export function summedUp(
  item: FoundIntervals,
  interval: number,
): Pick<FoundIntervals, 'wh' | 'quality'> | null {
  const parts = interval / item.intervalMinutes;
  const from = 'utcMs' in item.start ? item.start.utcMs / 60_000 : item.start.localMinutes;
  if (from % interval !== 0) return null;
  const length = Math.floor(item.wh.length / parts);
  const wh = new Float64Array(length);
  const quality = item.quality === null ? null : new Uint8Array(length);
  for (let at = 0; at < length * parts; at++) {
    const to = Math.floor(at / parts);
    wh[to] += item.wh[at];
    if (quality !== null) quality[to] = Math.max(quality[to], item.quality![at]);
  }
  return { wh, quality };
}

/** What is wrong with an interval's energy, Wh; null: nothing. */
export function badEnergy(wh: number, interval: number): Fault | null {
  if (wh < 0) {
    return {
      reason: 'negative',
      detail: 'The energy is negative: what is given to the grid is a channel of its own.',
    };
  }
  const most = MAX_INTERVAL_WH * Math.max(1, interval / 60);
  if (wh <= MAX_INTERVAL_WH) return null;
  if (SENTINELS_WH.has(wh))
    return { reason: 'sentinel', detail: 'That is what a meter sends instead of a reading: leave it out.' };
  if (wh <= most) return null;
  const detail = `More than ${(most / 1000).toLocaleString('en-US')} kWh in one interval: is the unit another one?`;
  return { reason: 'out_of_range', detail };
}
