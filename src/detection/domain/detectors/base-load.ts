import { roundTo } from '../numeric.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type BaseLoadSettings = {
  /** Nominal power of the commonest rig, an S19: 3.25 kW ± 5 %. */
  rigKw: number;
  /** A floor must have held this many full days before it counts as persistent. */
  persistentDays: number;
  /** Below this a floor is a fridge and a few chargers, and not dated. */
  datedFromKw: number;
};

export type BaseLoadObserved = {
  floorKw: number;
  /** The floor without the part that follows the weather or the neighbours (see thermal-fit.ts), kW. */
  unexplainedFloorKw: number;
  /** The floor in rigs: 1 = a single S19 running round the clock. */
  rigUnits: number;
  /** Hours of the day whose usual load is within a quarter of the floor: 24 = flat all day. */
  hoursAtFloor: number;
  heldDays: number;
  persistent: boolean;
  /** Robust relative spread of the daily floors for as long as the floor has held. */
  floorSpreadRatio: number;
  /** How much the eighth- and the third-lowest hour of a day differ, kW. */
  quietSpreadKw: number;
};

/**
 * What the load hardly ever falls below, by day or by night, for at least two weeks.
 *
 * Formula: floor = 5th percentile of the hourly kW of the last 14 days, or the lower quartile of their daily floors
 * (third-lowest hours) where that is higher; held = full days, walking back, whose
 * third-lowest hour stays above half of it (up to three lower days in a row are passed over).
 * Source: rigs run near 24/7 (S19 3.25 kW, S21 3.5 kW); of 52 real Australian homes the floor is above 1 kW in 0.08 %
 * of the fortnights, of 17 Californian ones in 0.9 %, of electrically heated ones in 4.7 %.
 * Worked example: a home that rests at 0.2 kW with one 3.3 kW rig → floor 3.5 kW = 1.08 rigs.
 */
export const baseLoad: Detector<'base-load', BaseLoadSettings, BaseLoadObserved> = {
  name: 'base-load',
  version: 1,
  defaults: { rigKw: 3.25, persistentDays: 14, datedFromKw: 0.4 },

  detect(input, { recent, thermal, days }, settings): FindingOf<BaseLoadObserved> | null {
    if (!recent) return null;
    const floorKw = roundTo(recent.floorKw, 2);
    const persistent = recent.heldDays >= settings.persistentDays;
    let hoursAtFloor = 0;
    for (const kw of recent.profileKw) if (kw <= recent.floorKw * 1.25) hoursAtFloor++;
    return finding(this, {
      input,
      settings,
      from: Math.min(recent.fromDay, recent.heldFromDay),
      to: days,
      sinceDay: persistent && floorKw >= settings.datedFromKw ? recent.heldFromDay : null,
      observed: {
        floorKw,
        unexplainedFloorKw: roundTo(Math.max(0, recent.floorKw - (thermal?.explainedFloorKw ?? 0)), 2),
        rigUnits: roundTo(recent.floorKw / settings.rigKw, 2),
        hoursAtFloor,
        heldDays: recent.heldDays,
        persistent,
        floorSpreadRatio: roundTo(recent.floorSpreadRatio, 3),
        quietSpreadKw: roundTo(recent.quietSpreadKw, 3),
      },
    });
  },
};
