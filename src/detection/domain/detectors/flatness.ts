import { rounded, roundTo } from '../numeric.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type FlatnessSettings = Record<string, never>;

export type FlatnessObserved = {
  /** Floor ÷ mean: the share of the energy that flows all the time. */
  flatShareRatio: number;
  /** Mean ÷ 95th percentile. */
  loadFactorRatio: number;
  /** Standard deviation ÷ mean of the hourly values. */
  variationRatio: number;
  nightKw: number | null;
  dayKw: number | null;
  /** Hours a day nearer to the day's highest than to its lowest hours. */
  blockHours: number;
  floorKw: number;
  /** Robust relative spread of the daily floors for as long as the floor has held. */
  floorSpreadRatio: number;
  /** How much the eighth- and the third-lowest hour of a day differ, kW. */
  quietSpreadKw: number;
  heldDays: number;
};

/**
 * Whether the load has the shape of people, of a timer, or of a machine that never pauses.
 *
 * Formulas over the last 14 days: flat share = floor ÷ mean; load factor = mean ÷ 95th percentile; variation = sd ÷
 * mean; block = hours of the median day above the middle between its four lowest and four highest hours; steadiness =
 * 1.4826 MAD ÷ median of the daily floors. Source: the Irkutsk procedure of June 2025, "steady use without
 * fluctuation" (it gives no threshold: none is published).
 * Worked example: constant 3.3 kW → flat share 1, load factor 1, variation 0, spread 0.
 */
export const flatness: Detector<'flatness', FlatnessSettings, FlatnessObserved> = {
  name: 'flatness',
  version: 1,
  defaults: {},

  detect(input, { recent, days }, settings): FindingOf<FlatnessObserved> | null {
    if (!recent || !(recent.meanKw > 0)) return null;
    return finding(this, {
      input,
      settings,
      from: recent.fromDay,
      to: days,
      sinceDay: null,
      observed: {
        flatShareRatio: roundTo(recent.floorKw / recent.meanKw, 3),
        loadFactorRatio: recent.peakKw > 0 ? roundTo(recent.meanKw / recent.peakKw, 3) : 0,
        variationRatio: roundTo(recent.sdKw / recent.meanKw, 3),
        nightKw: rounded(recent.nightKw, 2),
        dayKw: rounded(recent.dayKw, 2),
        blockHours: recent.blockHours,
        floorKw: roundTo(recent.floorKw, 2),
        floorSpreadRatio: roundTo(recent.floorSpreadRatio, 3),
        quietSpreadKw: roundTo(recent.quietSpreadKw, 3),
        heldDays: recent.heldDays,
      },
    });
  },
};
