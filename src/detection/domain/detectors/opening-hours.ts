import type { HourBlock } from '../hour-block.js';
import { ramp, rounded, roundTo } from '../../../readings/domain/numeric.js';
import { clock, hours, kw, type Sentence } from '../phrases.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';
import { openingHours as plateauOfDay } from './steadiness.js';

export type OpeningHoursSettings = {
  /** Weaker resemblance than this (0 to 1) is not worth a word. */
  minLikeness: number;
};

export type OpeningHoursObserved = {
  dayKw: number | null;
  nightKw: number | null;
  /** Hours a day nearer to the day's highest than to its lowest hours. */
  blockHours: number;
  /** First and last hour of the plateau where its edges are sharp, and its height, kW. */
  opensAt: number | null;
  closesAt: number | null;
  plateauKw: number | null;
  /** 0 to 1: how sharply it begins and ends, and on how many days. */
  sharpRatio: number;
};

/**
 * The plateau of a shop: lights, tills and people for 8 to 15 hours by day, every day, over whatever cools at night.
 *
 * Formula over the last 14 days: usual kW of 09–21 over that of 01–05, and hours of the usual day above its middle; or, where
 * one plateau a day has edges within the hour (hour-block.ts), its height and hours, none of them at night.
 * Source: opening hours of village shops, 8–10 to 19–22; a rig that pauses does so at noon or in the peaks, not at night.
 * Worked example: 1.2 kW of refrigeration, 2 kW more from 9 to 21 → 12 hours, 3.2 kW by day, 1.2 kW by night.
 */
export const openingHours: Detector<'opening-hours', OpeningHoursSettings, OpeningHoursObserved> = {
  name: 'opening-hours',
  version: 1,
  defaults: { minLikeness: 0.05 },

  detect(input, { recent, block, days }, settings): FindingOf<OpeningHoursObserved> | null {
    if (!recent) return null;
    const { dayKw, nightKw, blockHours } = recent;
    const sharpRatio = block ? sharpPlateau(block) : 0;
    if (Math.max(sharpRatio, plateauOfDay({ dayKw, nightKw, blockHours })) < settings.minLikeness)
      return null;
    return finding(this, {
      input,
      settings,
      from: recent.fromDay,
      to: days,
      sinceDay: null,
      observed: {
        dayKw: rounded(dayKw, 2),
        nightKw: rounded(nightKw, 2),
        blockHours,
        opensAt: sharpRatio > 0 ? block!.onHour : null,
        closesAt: sharpRatio > 0 ? block!.offHour : null,
        plateauKw: sharpRatio > 0 ? block!.blockKw : null,
        sharpRatio: roundTo(sharpRatio, 2),
      },
    });
  },

  /** Families have days too: edges within the hour every day say it better, and a tariff for shops best. */
  strength: (o, { facts, pausing }) => {
    const hoursKept = Math.max(0.6 * plateauOfDay(o), o.sharpRatio);
    const isShop = facts.tariffCategory === 'commercial' ? 1 : 0.6 + 0.2 * o.sharpRatio;
    return -hoursKept * isShop * (1 - pausing);
  },

  say(o): Sentence {
    const when =
      o.opensAt === null || o.closesAt === null
        ? { ru: `${hours(o.blockHours).ru} в сутки`, en: `for ${hours(o.blockHours).en} a day` }
        : {
            ru: `с ${clock(o.opensAt)} до ${clock(o.closesAt)}`,
            en: `from ${clock(o.opensAt)} to ${clock(o.closesAt)}`,
          };
    const levels = {
      ru: `днём ${kw(o.dayKw ?? 0).ru}, ночью ${kw(o.nightKw ?? 0).ru}`,
      en: `${kw(o.dayKw ?? 0).en} by day, ${kw(o.nightKw ?? 0).en} by night`,
    };
    return {
      ru: `Нагрузка выше ${when.ru} (${levels.ru}): так бывает в магазине с часами работы или при освещении по таймеру.`,
      en: `The load is higher ${when.en} (${levels.en}): as in a shop with opening hours, or with lights on a timer.`,
    };
  },
};

/** 0 to 1: one plateau of 8 to 15 hours by day, on and off within the hour, every day. */
function sharpPlateau({
  runs,
  hoursOn,
  nightRatio,
  blockKw,
  edgeRatio,
  keptRatio,
  unevenRatio,
}: HourBlock): number {
  if (runs !== 1 || nightRatio > 0) return 0;
  return (
    ramp(hoursOn, 7, 9) *
    (1 - ramp(hoursOn, 14, 17)) *
    ramp(blockKw, 0.3, 0.9) *
    ramp(edgeRatio, 0.5, 0.8) *
    ramp(keptRatio, 0.6, 0.9) *
    (1 - ramp(unevenRatio, 0.3, 0.7))
  );
}
