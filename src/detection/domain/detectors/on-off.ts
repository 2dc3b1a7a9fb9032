import { ramp, rampLog } from '../../../readings/domain/numeric.js';
import { days as daysOf, kw, type Sentence } from '../phrases.js';
import type { TwoLevels } from '../two-levels.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';
import { isoHour } from './step-up.js';

export type OnOffSettings = {
  /** Smallest distance of the two levels worth naming, kW. */
  minStepKw: number;
};

export type OnOffObserved = TwoLevels & {
  /** First hour at the high level among the days looked at, standard time of the territory. */
  onset: string;
};

/**
 * The load that never pauses stands, for days at a time, at one of two levels a rig apart: machines switched on and off as
 * the price goes, or as long as nobody looks.
 *
 * Formula: see two-levels.ts. Whether the weather switches it is asked in pauses-and-weather.ts.
 * Source: miners curtail by price and by custom triggers (firmware and managers offer both).
 * Worked example: 0.2 kW, and for four days in seven 3.5 kW → step 3.3 kW, both spreads 0.
 */
export const onOff: Detector<'on-off', OnOffSettings, OnOffObserved> = {
  name: 'on-off',
  version: 1,
  defaults: { minStepKw: 0.5 },

  detect(input, { levels, days }, settings): FindingOf<OnOffObserved> | null {
    if (!levels || levels.stepKw < settings.minStepKw) return null;
    const onsetHour = firstOnHour(input.window.hourlyKw, levels);
    return finding(this, {
      input,
      settings,
      from: levels.fromDay,
      to: days,
      sinceDay: Math.floor(onsetHour / 24),
      observed: { ...levels, onset: isoHour(input, onsetHour) },
    });
  },

  strength(levels): number {
    const { stepKw, highSpreadRatio, lowSpreadRatio, switches, highDays, lowDays } = levels;
    const distinct = (1 - ramp(highSpreadRatio, 0.08, 0.3)) * (1 - ramp(lowSpreadRatio, 0.12, 0.4));
    const often = ramp(switches, 1, 4) * ramp(highDays, 4, 14) * ramp(lowDays, 1, 4);
    return rampLog(stepKw, 0.5, 2) * distinct * often * (1 - switchedByWeather(levels));
  },

  say: (o): Sentence => ({
    ru:
      `Постоянная часть нагрузки стоит по несколько дней то на ${kw(o.highKw).ru} (${daysOf(o.highDays).ru}), то на ` +
      `${kw(o.lowKw).ru} (${daysOf(o.lowDays).ru}), переключений: ${o.switches}.`,
    en:
      `The part of the load that never pauses stands for days at ${kw(o.highKw).en} (${daysOf(o.highDays).en}) or at ` +
      `${kw(o.lowKw).en} (${daysOf(o.lowDays).en}), with ${o.switches} changes between them.`,
  }),
};

/** 0 to 1: the days at the high level are the colder, or the hotter, ones. */
export function switchedByWeather({
  coldShift,
  heatShift,
}: Pick<TwoLevels, 'coldShift' | 'heatShift'>): number {
  return Math.max(ramp(coldShift ?? 0, 0.5, 1.3), ramp(heatShift ?? 0, 0.5, 1.3));
}

/** Back from the first whole day at the high level, while the load stays above the middle. */
function firstOnHour(hourlyKw: Float32Array, { firstHighDay, lowKw, highKw, fromDay }: TwoLevels): number {
  let hour = firstHighDay * 24;
  while (hour > fromDay * 24 && hourlyKw[hour - 1] > (lowKw + highKw) / 2) hour--;
  return hour;
}
