import { measureProfile, type Features } from '../features.js';
import type { HourBlock } from '../hour-block.js';
import { ramp } from '../../../readings/domain/numeric.js';
import { clock, hours, kw, type Sentence } from '../phrases.js';
import type { FindingOf, PointWindow } from '../types.js';
import { finding, type Detector } from './detector.js';

export type PhotoperiodSettings = {
  /** Hours of light a day: growth and bloom. */
  longHours: number;
  shortHours: number;
  minBlockKw: number;
  /** Days back between which the light before is looked for. */
  earlierFromDays: number;
  earlierToDays: number;
};

export type PhotoperiodObserved = {
  onHour: number;
  offHour: number;
  hoursOn: number;
  blockKw: number;
  edgeRatio: number;
  unevenRatio: number;
  keptRatio: number;
  /** Hours on one to two and a half months before; null when it is not known or there was no such block. */
  earlierHours: number | null;
};

/**
 * Lamps on a timer for the hours that plants want: 18 of light, later 12.
 *
 * Formula: one plateau a day (hour-block.ts) of exactly 12 or 18 hours; hours on before = hours of the usual day, 75 to 35 days
 * back, above its lowest hour and half the block.
 * Source: 18 hours of light make leaves, 12 make flowers; lamps of 0.3 to 0.6 kW each, a tent or two of them.
 * Worked example: 0.2 kW and lamps of 1.2 kW from 6 to 24, for the last 30 days from 9 to 21 only → 12 hours, 18 before.
 */
export const photoperiod: Detector<'photoperiod', PhotoperiodSettings, PhotoperiodObserved> = {
  name: 'photoperiod',
  version: 1,
  defaults: { longHours: 18, shortHours: 12, minBlockKw: 0.3, earlierFromDays: 75, earlierToDays: 35 },

  detect(input, features, settings): FindingOf<PhotoperiodObserved> | null {
    const { block, days } = features;
    const { longHours, shortHours, minBlockKw } = settings;
    if (!block || block.runs !== 1 || block.blockKw < minBlockKw) return null;
    if ((block.hoursOn !== longHours && block.hoursOn !== shortHours) || timerLike(block) === 0) return null;
    const { onHour, offHour, hoursOn, blockKw, edgeRatio, unevenRatio, keptRatio } = block;
    const earlierHours = hoursBefore(input.window, features, blockKw, settings);
    return finding(this, {
      input,
      settings,
      from: block.fromDay,
      to: days,
      sinceDay: null,
      observed: { onHour, offHour, hoursOn, blockKw, edgeRatio, unevenRatio, keptRatio, earlierHours },
    });
  },

  /** Some hours of the day are the plants' by chance; from 18 to 12 they go on purpose. Above 5 kW it is a hall. */
  strength: (o) => {
    const turned =
      o.earlierHours !== null && o.earlierHours >= 17 && o.earlierHours <= 19 && o.hoursOn === 12;
    return -timerLike(o) * (turned ? 1 : 0.7) * (1 - ramp(o.blockKw, 3, 6));
  },

  say(o): Sentence {
    const before =
      o.earlierHours === null || o.earlierHours === o.hoursOn
        ? { ru: '', en: '' }
        : { ru: `, раньше ${hours(o.earlierHours).ru}`, en: `, ${hours(o.earlierHours).en} before` };
    return {
      ru: `Ступень в ${kw(o.blockKw).ru} включается ровно на ${hours(o.hoursOn).ru} (с ${clock(o.onHour)} до ${clock(o.offHour)})${before.ru}: столько света дают растениям.`,
      en: `A step of ${kw(o.blockKw).en} is on for exactly ${hours(o.hoursOn).en} (from ${clock(o.onHour)} to ${clock(o.offHour)})${before.en}: the light that plants are given.`,
    };
  },
};

/** 0 to 1: level, sharp, every day. */
function timerLike({
  edgeRatio,
  unevenRatio,
  keptRatio,
}: Pick<HourBlock, 'edgeRatio' | 'unevenRatio' | 'keptRatio'>): number {
  return ramp(edgeRatio, 0.5, 0.8) * (1 - ramp(unevenRatio, 0.15, 0.5)) * ramp(keptRatio, 0.6, 0.9);
}

function hoursBefore(
  { hourlyKw }: PointWindow,
  { days, workspace: { beforeProfileKw } }: Features,
  blockKw: number,
  { earlierFromDays, earlierToDays }: PhotoperiodSettings,
): number | null {
  const from = Math.max(0, days - earlierFromDays);
  const to = days - earlierToDays;
  if (to - from < 7) return null;
  measureProfile(hourlyKw, from, to, beforeProfileKw);
  const middleKw = Math.min(...beforeProfileKw) + blockKw / 2;
  let on = 0;
  for (const usualKw of beforeProfileKw) if (usualKw > middleKw) on++;
  return on === 0 ? null : on;
}
