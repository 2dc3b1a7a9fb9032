import type { HourBlock } from '../hour-block.js';
import { ramp, rampLog } from '../../../readings/domain/numeric.js';
import { clock, days, kw, type Sentence } from '../phrases.js';
import { formatPercent } from '../text.js';
import type { FindingOf } from '../types.js';
import { isoHour } from './step-up.js';
import { finding, type Context, type Detector } from './detector.js';

export type TimedBlockSettings = {
  /** Full days wanted of the three weeks looked at. */
  minDays: number;
  /** Smallest plateau worth naming, kW: a small GPU rig. */
  minBlockKw: number;
};

export type TimedBlockObserved = HourBlock & {
  /** First hour of the first day it came, standard time of the territory; the window's first day = it was there before. */
  onset: string;
};

/**
 * A plateau of the size of rigs over the same hours of every day: mining at the night tariff only, outside the grid's
 * peaks, or so many hours a day that the month ends below a limit.
 *
 * Formula: see hour-block.ts. Kept = days whose second-lowest hour on stays above the middle between rest and plateau.
 * Source: night zone 23–7 of the household tariff; operators rest in peaks when losses are looked at. A car charges some nights
 * and for as long as the trip was; lamps know 12 and 18 hours; shops and people the day.
 * Worked example: 0.3 kW and a rig of 3.3 kW from 23 to 7 → 8 hours on, block 3.3 kW, uneven 0, edge 1, kept 1.
 */
export const timedBlock: Detector<'timed-block', TimedBlockSettings, TimedBlockObserved> = {
  name: 'timed-block',
  version: 1,
  defaults: { minDays: 8, minBlockKw: 0.5 },

  detect(input, { block, days: windowDays }, settings): FindingOf<TimedBlockObserved> | null {
    if (!block || block.blockKw < settings.minBlockKw || block.daysSeen < settings.minDays) return null;
    return finding(this, {
      input,
      settings,
      from: block.fromDay,
      to: windowDays,
      sinceDay: Math.floor(block.heldFromHour / 24),
      observed: { ...block, onset: isoHour(input, block.heldFromHour) },
    });
  },

  strength(block, { facts, untested, winter }): number {
    const likeness = rampLog(block.blockKw, 0.5, 2) * machineLike(block) * hoursOfMining(block);
    return likeness * (1 - 0.6 * storageDoubt(block, { facts, untested, winter }));
  },

  say(o): Sentence {
    const rests = o.restsInPeaksRatio >= 0.6 ? RESTS_IN_PEAKS : { ru: '', en: '' };
    return {
      ru:
        `Каждый день с ${clock(o.onHour)} до ${clock(o.offHour)} держится ступень в ${kw(o.blockKw).ru}${rests.ru}: ` +
        `так в ${formatPercent(o.keptRatio, 'ru')} из ${days(o.daysSeen).ru}.`,
      en:
        `Every day from ${clock(o.onHour)} to ${clock(o.offHour)} a plateau of ${kw(o.blockKw).en} holds${rests.en}: ` +
        `so on ${formatPercent(o.keptRatio, 'en')} of ${days(o.daysSeen).en}.`,
    };
  },
};

const RESTS_IN_PEAKS: Sentence = {
  ru: ' и отдыхает в часы пик',
  en: ' and rests in the hours of peak load',
};

/** 0 to 1: level on top, the same every day, gone within the hour. */
function machineLike({ unevenRatio, edgeRatio, keptRatio, levelSpreadRatio }: HourBlock): number {
  return (
    (1 - ramp(unevenRatio, 0.3, 0.8)) *
    ramp(edgeRatio, 0.4, 0.75) *
    ramp(keptRatio, 0.6, 0.9) *
    (1 - ramp(levelSpreadRatio, 0.12, 0.35))
  );
}

/**
 * 0 to 1: whether these are hours somebody would mine in. Lamps know 12 and 18 hours a day, shops and people the day; from
 * some 5 kW on it is neither.
 */
function hoursOfMining({ blockKw, hoursOn, runs, nightRatio, restsInPeaksRatio }: HourBlock): number {
  const length = ramp(hoursOn, 4.5, 7) * (1 - ramp(hoursOn, 21.5, 23.5));
  const big = ramp(blockKw, 4, 8);
  const isPhotoperiod = runs === 1 && (hoursOn === 12 || hoursOn === 18) && restsInPeaksRatio < 0.6;
  const lamps = isPhotoperiod ? 0.5 * (1 - big) : 0;
  return length * Math.max(ramp(nightRatio, 0.4, 0.9), big) * (1 - lamps);
}

/**
 * 0 to 1: night storage, full every night where it never got mild or nothing tells of the cold, or declared as heating.
 */
export function storageDoubt(
  { hoursOn, nightRatio }: Pick<HourBlock, 'hoursOn' | 'nightRatio'>,
  { facts, untested, winter }: Pick<Context, 'facts' | 'untested' | 'winter'>,
): number {
  const byNight = ramp(nightRatio, 0.6, 1) * (1 - ramp(hoursOn, 9, 12));
  const unknown = Math.max(untested, winter);
  return byNight * Math.max(0.8 * unknown, facts.electricHeating ? 0.6 + 0.4 * unknown : 0);
}
