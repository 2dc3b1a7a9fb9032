import { isoFromDay } from '../../../grid/domain/calendar.js';
import type { Features } from '../features.js';
import { quantile, ramp, rampLog, roundTo } from '../../../readings/domain/numeric.js';
import { days as daysOf, kw, type Sentence } from '../phrases.js';
import { formatDate, formatNumber } from '../text.js';
import { HEATING_BASE_C } from '../cold-axes.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type ColdOnsetSettings = {
  /** Smallest level worth naming, kW. */
  minStepKw: number;
  /** Full days at the low level wanted before the first at the high one, and days at the high one. */
  minDaysBefore: number;
  minHighDays: number;
};

export type ColdOnsetObserved = {
  stepKw: number;
  /** Day-to-day spread within each level ÷ step. */
  highSpreadRatio: number;
  lowSpreadRatio: number;
  onset: string;
  /** Outdoor °C of the first day or the day before, and of the coldest tenth of the days before; their difference. */
  onsetC: number;
  coldestBeforeC: number;
  colderC: number;
  /** Days since at the low level again, and how much warmer they were than the others since, °C. */
  backDays: number;
  backWarmerC: number;
};

/**
 * A level that came with the first cold of the season and leaves again on mild days: heating that knows one stage, such as a
 * floor or a panel under a thermostat. Where it never gets mild again such heating stands as flat as a machine.
 *
 * Formula: the floor at one of two levels (two-levels.ts), low for 14 days, then first high; °C of the first such day
 * or the day before, whichever is colder, less the 10th percentile of the days before; days since at the low level, and
 * their mean °C less that of the days at the high one.
 * Source: a thermostat switches on when it first gets colder than before; a rig is switched on when it has been bought.
 * Worked example: 0.1 kW at 15 °C, 1 kW from the first day of 5 °C on, but for three days of 14 °C → 10 °C colder, 3 days back.
 */
export const coldOnset: Detector<'cold-onset', ColdOnsetSettings, ColdOnsetObserved> = {
  name: 'cold-onset',
  version: 1,
  defaults: { minStepKw: 0.4, minDaysBefore: 14, minHighDays: 5 },

  detect(input, features, settings): FindingOf<ColdOnsetObserved> | null {
    const { levels, thermal, axes, days, dailyFloorKw } = features;
    if (!levels || !axes || thermal?.basis !== 'weather') return null;
    if (levels.stepKw < settings.minStepKw || levels.highDays < settings.minHighDays) return null;
    const middleKw = (levels.lowKw + levels.highKw) / 2;
    let onsetDay = -1;
    let lowDays = 0;
    for (let day = 0; day < days && onsetDay < 0; day++) {
      if (dailyFloorKw[day] > middleKw) onsetDay = day;
      else if (dailyFloorKw[day] <= middleKw) lowDays++;
    }
    if (onsetDay < 0 || lowDays < settings.minDaysBefore) return null;
    const weather = weatherAround(onsetDay, middleKw, axes.heating.values, features);
    return weather.backWarmerC === null
      ? null
      : finding(this, {
          input,
          settings,
          from: 0,
          to: days,
          sinceDay: onsetDay,
          observed: {
            stepKw: levels.stepKw,
            highSpreadRatio: levels.highSpreadRatio,
            lowSpreadRatio: levels.lowSpreadRatio,
            onset: isoFromDay(input.window.firstDay + onsetDay),
            ...weather,
            backWarmerC: weather.backWarmerC,
          },
        });
  },

  /** Nobody heats above 12 °C. A rig's worth and more is no floor; that cold came on the day by chance is likelier than that mildness switched it. */
  strength: ({ stepKw, highSpreadRatio, lowSpreadRatio, onsetC, colderC, backDays, backWarmerC }) => {
    // Heating that knows more stages follows the weather, and temperature-remainder says so.
    const single = (1 - ramp(highSpreadRatio, 0.12, 0.35)) * (1 - ramp(lowSpreadRatio, 0.2, 0.5));
    const returns = ramp(backDays, 0, 3) * ramp(backWarmerC, 1, 4);
    const first = 0.6 * ramp(colderC, -1, 2);
    return -(1 - rampLog(stepKw, 1, 2.5)) * single * (1 - ramp(onsetC, 9, 13)) * Math.max(returns, first);
  },

  say(o): Sentence {
    const back =
      o.backDays === 0
        ? { ru: '', en: '' }
        : {
            ru: `, и ${daysOf(o.backDays).ru} её снова не было (в среднем теплее на ${formatNumber(o.backWarmerC, 'ru', 1)} °C)`,
            en: `, and for ${daysOf(o.backDays).en} it was gone again (${formatNumber(o.backWarmerC, 'en', 1)} °C warmer on average)`,
          };
    return {
      ru: `Ступень в ${kw(o.stepKw).ru} появилась ${formatDate(o.onset, 'ru')} при ${formatNumber(o.onsetC, 'ru', 1)} °C (до того холоднее ${formatNumber(o.coldestBeforeC, 'ru', 1)} °C почти не было)${back.ru}: так включается отопление с одной ступенью.`,
      en: `A step of ${kw(o.stepKw).en} came on ${formatDate(o.onset, 'en')} at ${formatNumber(o.onsetC, 'en', 1)} °C (hardly ever below ${formatNumber(o.coldestBeforeC, 'en', 1)} °C before)${back.en}: as heating with a single stage is switched on.`,
    };
  },
};

function weatherAround(
  onsetDay: number,
  middleKw: number,
  heating: Float64Array,
  { days, dailyFloorKw }: Features,
): Pick<ColdOnsetObserved, 'onsetC' | 'coldestBeforeC' | 'colderC' | 'backDays'> & {
  backWarmerC: number | null;
} {
  const sums = [0, 0];
  const counts = [0, 0];
  for (let day = onsetDay; day < days; day++) {
    const floorKw = dailyFloorKw[day];
    if (floorKw !== floorKw || heating[day] !== heating[day]) continue;
    const level = floorKw > middleKw ? 1 : 0;
    sums[level] += heating[day];
    counts[level]++;
  }
  const onsetC = HEATING_BASE_C - Math.max(heating[onsetDay], heating[onsetDay - 1]);
  const coldestBeforeC = HEATING_BASE_C - quantile(heating, 0, Math.max(0, onsetDay - 1), 0.9);
  const backWarmerC = counts[0] === 0 ? 0 : sums[1] / counts[1] - sums[0] / counts[0];
  const isKnown = !Number.isNaN(onsetC + coldestBeforeC + backWarmerC);
  return {
    onsetC: roundTo(onsetC, 1),
    coldestBeforeC: roundTo(coldestBeforeC, 1),
    colderC: roundTo(coldestBeforeC - onsetC, 1),
    backDays: counts[0],
    backWarmerC: isKnown ? roundTo(backWarmerC, 1) : null,
  };
}
