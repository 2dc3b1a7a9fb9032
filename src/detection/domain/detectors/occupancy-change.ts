import { measureProfile } from '../features.js';
import { mean, median, ramp, roundTo } from '../../../readings/domain/numeric.js';
import { kw, type Sentence } from '../phrases.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type OccupancyChangeSettings = {
  /** Days at the end, and before them a pause and the days they are held against. */
  recentDays: number;
  pauseDays: number;
  beforeDays: number;
  /** Smallest change of the mean load worth a word, kW. */
  minChangeKw: number;
};

export type OccupancyChangeObserved = {
  beforeKw: number;
  afterKw: number;
  changeKw: number;
  floorChangeKw: number;
  /** Changes of the usual load at 17–23 and at 0–6, kW. */
  eveningChangeKw: number;
  nightChangeKw: number;
};

/**
 * More people, or fewer: the days are fuller or emptier, in the evening most, while what never pauses stays as it was.
 *
 * Formula: medians of the daily mean and of the daily floor of the last 21 days less those of 35 to 91 days back, and the same
 * of the usual day at 17–23 and at 0–6. Silent where heating explains half of the change.
 * Source: a household doubles its evenings with its heads, and not its refrigerator.
 * Worked example: 0.2 kW, and 0.4 kW more at 17–23 up to a month ago, 1 kW more since → from 0.3 to 0.45 kW, floor 0.
 */
export const occupancyChange: Detector<'occupancy-change', OccupancyChangeSettings, OccupancyChangeObserved> =
  {
    name: 'occupancy-change',
    version: 1,
    defaults: { recentDays: 21, pauseDays: 14, beforeDays: 56, minChangeKw: 0.12 },

    detect(input, features, settings): FindingOf<OccupancyChangeObserved> | null {
      const { recent, thermal, days, dailyMeanKw, dailyFloorKw, workspace } = features;
      const recentFrom = days - settings.recentDays;
      const to = recentFrom - settings.pauseDays;
      const from = Math.max(0, to - settings.beforeDays);
      if (!recent || to - from < 14) return null;
      const { beforeProfileKw, usualKw } = workspace;
      const beforeKw = median(dailyMeanKw, from, to);
      const afterKw = median(dailyMeanKw, recentFrom, days);
      const changeKw = afterKw - beforeKw;
      if (!(Math.abs(changeKw) >= settings.minChangeKw)) return null;
      if ((thermal?.explainedMeanKw ?? 0) > Math.abs(changeKw) / 2) return null;
      const floorChangeKw = median(dailyFloorKw, recentFrom, days) - median(dailyFloorKw, from, to);
      if (!(floorChangeKw / changeKw < 0.4)) return null;
      measureProfile(input.window.hourlyKw, from, to, beforeProfileKw);
      measureProfile(input.window.hourlyKw, recentFrom, days, usualKw);
      const changeOf = (hour: number, end: number) =>
        mean(usualKw, hour, end) - mean(beforeProfileKw, hour, end);
      return finding(this, {
        input,
        settings,
        from,
        to: days,
        sinceDay: null,
        observed: {
          beforeKw: roundTo(beforeKw, 2),
          afterKw: roundTo(afterKw, 2),
          changeKw: roundTo(changeKw, 2),
          floorChangeKw: roundTo(floorChangeKw, 2),
          eveningChangeKw: roundTo(changeOf(17, 23) || 0, 2),
          nightChangeKw: roundTo(changeOf(0, 6) || 0, 2),
        },
      });
    },

    strength: (o, { pausing }) => {
      const inEvening = ramp(o.eveningChangeKw / o.changeKw, 0.7, 1.4);
      const notAtNight = 1 - ramp(o.nightChangeKw / o.changeKw, 0.4, 0.8);
      const size = ramp(Math.abs(o.changeKw), 0.1, 0.35) * (1 - ramp(Math.abs(o.changeKw), 1, 2.5));
      return (
        -size * inEvening * notAtNight * (1 - ramp(o.floorChangeKw / o.changeKw, 0.1, 0.4)) * (1 - pausing)
      );
    },

    say(o): Sentence {
      const verb = o.changeKw > 0 ? { ru: 'выросла', en: 'rose' } : { ru: 'упала', en: 'fell' };
      return {
        ru: `Средняя нагрузка ${verb.ru} с ${kw(o.beforeKw).ru} до ${kw(o.afterKw).ru}, больше всего вечером, а её нижний уровень сдвинулся лишь на ${kw(Math.abs(o.floorChangeKw)).ru}: так бывает, когда меняется число жильцов.`,
        en: `The mean load ${verb.en} from ${kw(o.beforeKw).en} to ${kw(o.afterKw).en}, in the evening most, while its floor moved by ${kw(Math.abs(o.floorChangeKw)).en} only: as when people move in or out.`,
      };
    },
  };
