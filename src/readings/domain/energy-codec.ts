/**
 * How a day's energies lie in `load_profile.energy`: unsigned 16-bit little-endian, one per interval, in units of
 * Wh × 10^scale; 65535 = missing. The scale is the smallest that fits the day's largest interval, so ordinary homes
 * keep whole watt-hours and a 10 MW point still fits (10 MWh an hour needs scale 3).
 */
export const MISSING_CODE = 65_535;
export const MAX_SCALE = 6;

/** Missing interval in a series of Wh held in an Int32Array. */
export const MISSING_WH = -1;

/** Largest energy of one interval that the store takes: 10 MW over an hour, in Wh (design: «a 10 MW point fits»). */
export const MAX_INTERVAL_WH = 10_000_000;

/** The smallest scale that lets `maxWh` be written below the missing code. */
export function scaleFor(maxWh: number): number {
  let scale = 0;
  for (let unit = 1; Math.round(maxWh / unit) >= MISSING_CODE; unit *= 10) scale++;
  return scale;
}

export interface EncodedDay {
  scale: number;
  totalWh: number;
  intervals: number;
}

/**
 * Writes `slots` energies (Wh, {@link MISSING_WH} = missing) from `energyWh[from…]` into `target` (2 × slots bytes) and
 * fills `day`. The total is of what is stored, so that sums over the table agree with sums over its intervals.
 */
export function encodeDay(
  energyWh: Int32Array,
  from: number,
  slots: number,
  target: Uint8Array,
  day: EncodedDay,
): void {
  let max = 0;
  let total = 0;
  let missing = 0;
  for (let slot = 0; slot < slots; slot++) {
    const wh = energyWh[from + slot];
    let code = MISSING_CODE;
    if (wh < 0) missing++;
    else {
      code = wh;
      total += wh;
      if (wh > max) max = wh;
    }
    target[slot * 2] = code;
    target[slot * 2 + 1] = code >>> 8;
  }
  day.scale = scaleFor(max);
  day.totalWh = day.scale === 0 ? total : encodeScaled(energyWh, from, slots, target, 10 ** day.scale);
  day.intervals = slots - missing;
}

/** Writes them in units of `unit` Wh; returns their total. */
function encodeScaled(
  energyWh: Int32Array,
  from: number,
  slots: number,
  target: Uint8Array,
  unit: number,
): number {
  let total = 0;
  for (let slot = 0; slot < slots; slot++) {
    const wh = energyWh[from + slot];
    if (wh < 0) continue;
    const code = Math.round(wh / unit);
    total += code;
    target[slot * 2] = code;
    target[slot * 2 + 1] = code >>> 8;
  }
  return total * unit;
}

/** Energies in Wh of an encoded day, NaN = missing; the plain counterpart of {@link encodeDay} for single days. */
export function decodeDay(energy: Uint8Array, scale: number): Float64Array {
  const unit = 10 ** scale;
  const slots = energy.length / 2;
  const wh = new Float64Array(slots);
  for (let slot = 0; slot < slots; slot++) {
    const code = energy[slot * 2] | (energy[slot * 2 + 1] << 8);
    wh[slot] = code === MISSING_CODE ? NaN : code * unit;
  }
  return wh;
}
