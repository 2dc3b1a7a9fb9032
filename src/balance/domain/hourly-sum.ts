import type { LossModel } from './types.js';

/** Energies of many points by hour, kWh, with how many of them were read. */
export class HourlySum {
  readonly kwh: Float64Array;
  readonly read: Uint32Array;

  constructor(days: number) {
    this.kwh = new Float64Array(days * 24);
    this.read = new Uint32Array(days * 24);
  }

  /** A stored day of one point, Wh by interval, NaN = missing. Finer intervals are added up, coarser ones shared out. */
  add(dayIndex: number, wh: Float64Array): void {
    const perHour = wh.length / 24;
    for (let hour = 0; hour < 24; hour++) {
      const first = Math.floor(hour * perHour);
      let sum = 0;
      for (let at = first; at < first + Math.max(1, perHour); at++) sum += wh[at];
      if (Number.isNaN(sum)) continue;
      this.kwh[dayIndex * 24 + hour] += (sum * Math.min(1, perHour)) / 1000;
      this.read[dayIndex * 24 + hour]++;
    }
  }
}

/** By slot, kWh; NaN where it is not known. */
export interface Flows {
  readonly inflow: Float64Array;
  readonly metered: Float64Array;
  readonly loss: Float64Array;
  readonly rest: Float64Array;
  readonly readRatio: Float64Array;
}

/** Below this share of points read, what is left over says more about who is missing than about who is hidden. */
const LEAST_READ = 0.95;

/**
 * What enters, what is metered, the technical loss (`noLoadKw + quadraticPerKw · inflow²`) and what is left, in slots of
 * so many hours. A slot that misses an hour of inflow is missing.
 */
export function restOf(
  {
    inflow,
    metered,
    points,
    loss: model,
  }: {
    readonly inflow: HourlySum;
    readonly metered: HourlySum;
    readonly points: number;
    readonly loss: LossModel | null;
  },
  hoursPerSlot: number,
): Flows {
  const slots = inflow.kwh.length / hoursPerSlot;
  const make = () => new Float64Array(slots);
  const flows = { inflow: make(), metered: make(), loss: make(), rest: make(), readRatio: make() };
  for (let hour = 0; hour < inflow.kwh.length; hour++) {
    const slot = Math.floor(hour / hoursPerSlot);
    const entered = inflow.read[hour] === 0 ? NaN : inflow.kwh[hour];
    flows.inflow[slot] += entered;
    flows.metered[slot] += metered.read[hour] === 0 ? NaN : metered.kwh[hour];
    flows.loss[slot] += model === null ? NaN : model.noLoadKw + model.quadraticPerKw * entered ** 2;
    flows.readRatio[slot] += points === 0 ? 0 : metered.read[hour] / points / hoursPerSlot;
  }
  for (let slot = 0; slot < slots; slot++) {
    const isRead = flows.readRatio[slot] >= LEAST_READ;
    flows.rest[slot] = isRead ? flows.inflow[slot] - flows.metered[slot] - flows.loss[slot] : NaN;
  }
  return flows;
}
