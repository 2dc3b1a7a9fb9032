import { LAGS, LEAST_DEGREES } from '../cold-axes.js';
import { mean, pairSlope, pairsOf, ramp, rampLog, roundTo } from '../../../readings/domain/numeric.js';
import { kw, type Sentence } from '../phrases.js';
import { formatNumber } from '../text.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type DailyUseSettings = {
  recentDays: number;
  minDays: number;
};

export type DailyUseObserved = {
  daysSeen: number;
  meanKw: number;
  /** kW of it that follow the cold, and how well pairs of days agree; null when the weather is not known. */
  coldKw: number | null;
  coldAgreement: number | null;
  /** Times the comparable points on the same days; null without any. */
  timesPeers: number | null;
};

/**
 * Where only daily sums are read: how much is left of the use when the part that follows the cold is taken off. Neither floor nor
 * shape can be seen, so it says less than either.
 *
 * Formula: mean of the last 28 daily means; slope on 18 °C − T by Theil–Sen over days 3 to 10 apart.
 * Source: what meters without profiles give; every other shape detector keeps silent.
 * Worked example: 90 kWh every day at any temperature → 3.75 kW, 0 kW of it follow the cold.
 */
export const dailyUse: Detector<'daily-use', DailyUseSettings, DailyUseObserved> = {
  name: 'daily-use',
  version: 1,
  defaults: { recentDays: 28, minDays: 10 },

  detect(input, features, settings): FindingOf<DailyUseObserved> | null {
    const { days, dailyOnly, dailyMeanKw, recent, workspace } = features;
    if (recent || dailyOnly < settings.minDays) return null;
    const from = Math.max(0, days - settings.recentDays);
    let daysSeen = 0;
    for (let day = from; day < days; day++) if (dailyMeanKw[day] === dailyMeanKw[day]) daysSeen++;
    if (daysSeen < settings.minDays) return null;
    const meanKw = mean(dailyMeanKw, from, days);
    const { temperatureC, peers } = input.surroundings;
    const cold = temperatureC && coldPart(temperatureC);
    const peersKw = peers ? mean(peers.dailyKwhMedian, from, days) / 24 : NaN;
    return finding(this, {
      input,
      settings,
      from,
      to: days,
      sinceDay: null,
      observed: {
        daysSeen,
        meanKw: roundTo(meanKw, 2),
        coldKw: cold ? roundTo(Math.min(meanKw, cold.kw), 2) : null,
        coldAgreement: cold ? roundTo(cold.agreement, 2) : null,
        timesPeers: peersKw > 0 ? roundTo(meanKw / peersKw, 2) : null,
      },
    });

    function coldPart(outdoorC: Float32Array): { kw: number; agreement: number } | null {
      const cold = workspace.axesOf(outdoorC, 'weather', days).heating.values;
      const pairs = pairsOf(cold, days, { lags: LAGS, minDx: LEAST_DEGREES, above: -1 });
      const fit = pairSlope(pairs, dailyMeanKw);
      if (fit.pairs < 20) return null;
      return { kw: Math.max(0, fit.slope) * mean(cold, from, days) || 0, agreement: fit.agreement };
    }
  },

  strength({ meanKw, coldKw, coldAgreement, timesPeers }): number {
    const follows = ramp(coldAgreement ?? 0, 0.15, 0.45);
    const leftKw = meanKw - follows * (coldKw ?? 0);
    const unusual = timesPeers === null ? 0.6 : rampLog(timesPeers, 1.5, 4);
    const known = coldAgreement === null ? 0.5 : 1;
    const more = rampLog(leftKw, 1, 4) * unusual * known;
    return (
      more - (1 - rampLog(meanKw, 0.4, 1.2)) - follows * ramp((coldKw ?? 0) / meanKw, 0.3, 0.7) * (1 - more)
    );
  },

  say(o): Sentence {
    const cold = o.coldKw !== null && {
      ru: `, за холодом следуют ${kw(o.coldKw).ru}`,
      en: `, of which ${kw(o.coldKw).en} follow the cold`,
    };
    const times = o.timesPeers !== null && {
      ru: `; к сопоставимым точкам отношение ${formatNumber(o.timesPeers, 'ru', 1)}`,
      en: `; the ratio to comparable points is ${formatNumber(o.timesPeers, 'en', 1)}`,
    };
    return {
      ru: `По суточным суммам нагрузка в среднем ${kw(o.meanKw).ru}${cold ? cold.ru : ''}${times ? times.ru : ''}.`,
      en: `By daily sums the mean load is ${kw(o.meanKw).en}${cold ? cold.en : ''}${times ? times.en : ''}.`,
    };
  },
};
