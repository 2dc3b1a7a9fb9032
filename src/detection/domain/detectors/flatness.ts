import type { Sentence } from '../phrases.js';
import { formatNumber, formatPercent, pluralEn, pluralRu } from '../text.js';
import { drift, restlessness } from './steadiness.js';
import { ramp, rampLog, rounded, roundTo } from '../../../readings/domain/numeric.js';
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

  strength: (observed, { winter, pausing }) => {
    const { flatShareRatio, variationRatio, floorKw, heldDays } = observed;
    const human = 0.6 * (1 - ramp(flatShareRatio, 0.1, 0.4)) * ramp(variationRatio, 0.4, 0.9);
    const gate = rampLog(floorKw, 0.45, 1.8);
    // Machines hold their floor to a few per cent for weeks; heated homes vary by a fifth and more.
    const steady =
      (1 - ramp(drift(observed), 0.04, 0.2)) *
      (1 - 0.4 * restlessness(observed)) *
      (0.5 + 0.5 * ramp(heldDays, 7, 56));
    const machine = gate * ramp(flatShareRatio, 0.35, 0.8) * (0.25 + 0.75 * steady) * (1 - 0.5 * winter);
    return machine - human * (1 - pausing);
  },

  say: (o, logOdds) => (logOdds < 0 ? rhythm(o) : steadyShape(o)),
};

/** A block of hours, or the swings of people's days. */
function rhythm(o: FlatnessObserved): Sentence {
  const swing = {
    ru: `постоянная часть только ${formatPercent(o.flatShareRatio, 'ru')} энергии`,
    en: `only ${formatPercent(o.flatShareRatio, 'en')} of the energy flows all the time`,
  };
  const block = `${o.blockHours}`;
  if (o.blockHours <= 9) {
    return {
      ru: `Нагрузка собрана в ${block} ${pluralRu(o.blockHours, 'час', 'часа', 'часов')} суток, ${swing.ru}: так бывает при зарядке, накопительном отоплении, бане, обычной жизни семьи.`,
      en: `The load gathers in ${block} ${pluralEn(o.blockHours, 'hour', 'hours')} of the day, ${swing.en}: as with charging, storage heating, a sauna, or family life.`,
    };
  }
  return {
    ru: `Выше середины нагрузка держится ${block} ${pluralRu(o.blockHours, 'час', 'часа', 'часов')} в сутки и затем спадает, ${swing.ru}: так бывает при освещении по таймеру, в магазине, при обычной жизни семьи.`,
    en: `The load is up for ${block} ${pluralEn(o.blockHours, 'hour', 'hours')} of the day and then falls, ${swing.en}: as with lights on a timer, a shop, or family life.`,
  };
}

function steadyShape(o: FlatnessObserved): Sentence {
  return {
    ru:
      `Нагрузка ровная: ${formatPercent(o.flatShareRatio, 'ru')} энергии идёт без перерыва, коэффициент заполнения ` +
      `${formatNumber(o.loadFactorRatio, 'ru')}, ото дня ко дню её нижний уровень колеблется на ${formatPercent(o.floorSpreadRatio, 'ru')}.`,
    en:
      `The load is flat: ${formatPercent(o.flatShareRatio, 'en')} of the energy flows without a pause, load factor ` +
      `${formatNumber(o.loadFactorRatio, 'en')}, from day to day its floor varies by ${formatPercent(o.floorSpreadRatio, 'en')}.`,
  };
}
