import { days, kw } from '../phrases.js';
import { formatNumber } from '../text.js';
import { mayHeat, thermostat } from './steadiness.js';
import { ramp, rampLog, roundTo } from '../../../readings/domain/numeric.js';
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

  /**
   * From 0.4 kW (95 % of the Australian homes rest below 0.21 kW, a home server draws up to 0.5 kW) to 2.5 kW, most
   * of a rig.
   */
  strength: (observed, { facts, untested, winter, switched, pausing }) => {
    const { floorKw, unexplainedFloorKw, heldDays } = observed;
    const high = rampLog(unexplainedFloorKw, 0.4, 2.5);
    if (high === 0) return -(1 - ramp(floorKw, 0.15, 0.4)) * (1 - pausing);
    // Of electrically heated homes 4.7 % rest above 1 kW, of others 0.1 to 0.9 %: the same floor says less there.
    const heated = facts.electricHeating ? 0.65 : 1;
    const steady = 1 - 0.6 * Math.max(thermostat(observed), untested * mayHeat(observed));
    return (
      high * heated * steady * (1 - 0.4 * winter) * (1 - 0.6 * switched) * (0.5 + 0.5 * ramp(heldDays, 7, 28))
    );
  },

  say: (o, logOdds) =>
    logOdds < 0
      ? {
          ru: `Нагрузка регулярно опускается до ${kw(o.floorKw).ru}: круглосуточно работающей установке под этим не спрятаться.`,
          en: `The load regularly falls to ${kw(o.floorKw).en}: a rig that runs round the clock can't hide below that.`,
        }
      : {
          ru:
            `Ни днём, ни ночью нагрузка почти не опускается ниже ${kw(o.floorKw).ru} (как ${formatNumber(o.rigUnits, 'ru', 1)} типовой ` +
            `установки); так уже ${days(o.heldDays).ru}.`,
          en:
            `By day and by night the load hardly ever falls below ${kw(o.floorKw).en} (that of ${formatNumber(o.rigUnits, 'en', 1)} typical ` +
            `rigs); so it has been for ${days(o.heldDays).en}.`,
        },
};
