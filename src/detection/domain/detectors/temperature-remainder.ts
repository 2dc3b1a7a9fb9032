import { roundTo, rounded } from '../numeric.js';
import type { ThermalFit } from '../thermal-fit.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type TemperatureRemainderSettings = Record<string, never>;

export type TemperatureRemainderObserved = {
  basis: ThermalFit['basis'] | 'none';
  floorKw: number;
  /** What is left of the floor once the part that follows is taken off, and its lower bound. */
  remainderKw: number | null;
  remainderLowKw: number | null;
  /** The parts of the floor and of the mean load that follow, and how well days agree (−1 to 1). */
  explainedFloorKw: number;
  explainedMeanKw: number;
  agreement: number;
  /** kW per °C (other homes: per unit of their movement). */
  slopeKwPerUnit: number;
  /**
   * Share of the floor that a day warmer by 1 °C adds: refrigeration about 1 %, a rig about 0.2 %. 0 without
   * weather.
   */
  warmthRatioPerC: number;
  meanKw: number;
  testedRange: number;
  mildFloorKw: number | null;
  /**
   * Restlessness of the floor from day to day (relative) and within a day (kW): heating's, where the weather can't
   * tell.
   */
  floorSpreadRatio: number;
  quietSpreadKw: number;
};

/**
 * What is left flat when heating and cooling are taken off; where they explain the load, evidence against mining.
 *
 * Formula: kW = rest + b · max(0, 18 °C − T) + c · max(0, T − 22 °C), both later where the home starts later,
 * slopes by Theil–Sen over days 3 to 10 apart (see
 * thermal-fit.ts); remainder = median of the recent daily floors minus the part explained, with a lower bound that
 * allows for a fifth more heating and for the slope's error. Without weather the axis is how the homes around that heat
 * electrically move together (see heating-movement.ts), and with neither the movement of comparable homes, which may
 * explain a load but proves nothing where it does not.
 * Source: electric heating falls steeply with warmth, a rig's load rises slightly: the best separator.
 * Worked example: floor 8.3 kW at −10 °C, slope 0.18 kW/°C → 28 · 0.18 = 5.04 kW of heating, remainder 3.26 kW.
 */
export const temperatureRemainder: Detector<
  'temperature-remainder',
  TemperatureRemainderSettings,
  TemperatureRemainderObserved
> = {
  name: 'temperature-remainder',
  version: 2,
  defaults: {},

  detect(input, { recent, thermal, days }, settings): FindingOf<TemperatureRemainderObserved> | null {
    if (!recent) return null;
    const main = thermal && thermal.explainedFloorKw > 0 ? thermal.floorHeating : thermal?.meanHeating;
    return finding(this, {
      input,
      settings,
      from: 0,
      to: days,
      sinceDay: null,
      observed: {
        basis: thermal?.basis ?? 'none',
        floorKw: roundTo(recent.floorKw, 2),
        remainderKw: thermal && rounded(thermal.remainderKw, 2),
        remainderLowKw: thermal && rounded(thermal.remainderLowKw, 2),
        explainedFloorKw: roundTo(thermal?.explainedFloorKw ?? 0, 2),
        explainedMeanKw: roundTo(thermal?.explainedMeanKw ?? 0, 2),
        agreement: roundTo(main?.agreement ?? 0, 2),
        slopeKwPerUnit: roundTo(main?.slope ?? 0, 3),
        warmthRatioPerC: roundTo(warmthRatio(thermal, recent.floorKw), 4),
        meanKw: roundTo(recent.meanKw, 2),
        testedRange: roundTo(thermal?.testedRange ?? 0, thermal?.basis === 'weather' ? 0 : 2),
        floorSpreadRatio: roundTo(recent.floorSpreadRatio, 3),
        quietSpreadKw: roundTo(recent.quietSpreadKw, 3),
        mildFloorKw: thermal && rounded(thermal.mildFloorKw, 2),
      },
    });
  },
};

function warmthRatio(thermal: ThermalFit | null, floorKw: number): number {
  if (thermal?.basis !== 'weather' || floorKw <= 0) return 0;
  return Math.max(0, -thermal.floorHeating.signedSlope) / floorKw;
}
