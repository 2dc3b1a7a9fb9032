import { gather, rampLog, roundTo } from '../../../readings/domain/numeric.js';
import { quantileOf } from '../../../readings/domain/order-statistics.js';
import { days as daysOf, kw, type Sentence } from '../phrases.js';
import { formatNumber } from '../text.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type MildDaysSettings = {
  /** Days between these daily means need neither heating nor cooling, °C. */
  fromC: number;
  toC: number;
  minDays: number;
  lookBackDays: number;
};

export type MildDaysObserved = {
  mildDays: number;
  /** Lower quartile of the floors of those days, kW, and their mean use. */
  floorKw: number;
  meanKw: number;
  /** Mean use ÷ the comparable points' on the same days; null without any. */
  timesPeers: number | null;
};

/**
 * High use when nobody heats or cools.
 *
 * Formula: of the last 120 days those with a mean of 12 to 22 °C; lower quartile of their daily floors, and mean use over that
 * of comparable points on the same days.
 * Source: the Irkutsk procedure of June 2025, "abnormally high use, especially in summer".
 * Worked example: 3.5 kW day and night on 30 days of 15 °C, peers at 0.35 kW → floor 3.5 kW, 10 times.
 */
export const mildDays: Detector<'mild-days', MildDaysSettings, MildDaysObserved> = {
  name: 'mild-days',
  version: 1,
  defaults: { fromC: 12, toC: 22, minDays: 10, lookBackDays: 120 },

  detect(input, features, settings): FindingOf<MildDaysObserved> | null {
    const { temperatureC, peers } = input.surroundings;
    if (!features.recent || !temperatureC) return null;
    const { days, dailyFloorKw, dailyMeanKw, workspace } = features;
    const from = Math.max(0, days - settings.lookBackDays);
    const floors = workspace.dailyKw;
    let count = 0;
    let sum = 0;
    let peersSum = 0;
    for (let day = from; day < days; day++) {
      const isMild = temperatureC[day] >= settings.fromC && temperatureC[day] <= settings.toC;
      if (!isMild || Number.isNaN(dailyFloorKw[day])) continue;
      floors[count++] = dailyFloorKw[day];
      sum += dailyMeanKw[day];
      peersSum += (peers?.dailyKwhMedian[day] ?? NaN) / 24;
    }
    if (count < settings.minDays) return null;
    const floorKw = quantileOf(floors, gather(floors, 0, count, floors), 0.25);
    return finding(this, {
      input,
      settings,
      from,
      to: days,
      sinceDay: null,
      observed: {
        mildDays: count,
        floorKw: roundTo(floorKw, 2),
        meanKw: roundTo(sum / count, 2),
        timesPeers: peersSum > 0 ? roundTo(sum / peersSum, 2) : null,
      },
    });
  },

  strength: ({ floorKw, timesPeers }) =>
    rampLog(floorKw, 0.5, 2.5) * (timesPeers === null ? 0.7 : 0.3 + 0.7 * rampLog(timesPeers, 1.4, 4)),

  say(o): Sentence {
    const times = o.timesPeers !== null && {
      ru: `, в ${formatNumber(o.timesPeers, 'ru', 1)} раза к сопоставимым точкам`,
      en: `, ${formatNumber(o.timesPeers, 'en', 1)} times that of comparable points`,
    };
    return {
      ru: `В ${daysOf(o.mildDays).ru} без холода и жары нагрузка опускалась лишь до ${kw(o.floorKw).ru} (в среднем ${kw(o.meanKw).ru}${times ? times.ru : ''}).`,
      en: `On ${daysOf(o.mildDays).en} with neither cold nor heat the load fell to ${kw(o.floorKw).en} only (mean ${kw(o.meanKw).en}${times ? times.en : ''}).`,
    };
  },
};
