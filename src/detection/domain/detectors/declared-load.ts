import { ramp, rampLog, roundTo } from '../../../readings/domain/numeric.js';
import { kw, type Sentence } from '../phrases.js';
import { isMiningPurpose } from '../sentences.js';
import { formatPercent } from '../text.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type DeclaredLoadSettings = {
  /** A household of its own beside the declared machines, kW. */
  householdKw: number;
};

export type DeclaredLoadObserved = {
  declaredKw: number;
  /** Whether mining is declared, or something else (a data centre). */
  declaresMining: boolean;
  /** Whether mining is banned here: a declaration does not lift the ban. */
  banned: boolean;
  meanKw: number;
  peakKw: number;
  /** Mean less the declared load, and peak less declared and household, kW; never negative. */
  meanOverKw: number;
  peakOverKw: number;
  /** Standard deviation ÷ mean of the hourly values: a data centre's jobs swing, a mine is flat. A hint, no proof. */
  swingRatio: number;
};

/**
 * What was declared, beside what is drawn: within the declaration nothing is to be explained, beyond it something is.
 *
 * Formula over the last 14 days: mean over = mean − declared, peak over = 95th percentile − declared − a household.
 * Source: the register of mining and of data centres; an AI hall swings with its jobs where a mine is flat (a vendor's
 * claim, so it weighs nothing).
 * Worked example: 50 kW declared, 30 kW drawn on average, peaks of 46 kW → within the declaration, 0 kW over.
 */
export const declaredLoad: Detector<'declared-load', DeclaredLoadSettings, DeclaredLoadObserved> = {
  name: 'declared-load',
  version: 1,
  defaults: { householdKw: 5 },

  detect(input, { recent, days }, settings): FindingOf<DeclaredLoadObserved> | null {
    const { declaredLoadKw, declaredPurpose } = input.facts;
    if (!recent || declaredLoadKw === null) return null;
    const { meanKw, peakKw, sdKw } = recent;
    return finding(this, {
      input,
      settings,
      from: recent.fromDay,
      to: days,
      sinceDay: null,
      observed: {
        declaredKw: roundTo(declaredLoadKw, 2),
        declaresMining: isMiningPurpose(declaredPurpose),
        banned: input.surroundings.legal.ban.status === 'banned',
        meanKw: roundTo(meanKw, 2),
        peakKw: roundTo(peakKw, 2),
        meanOverKw: roundTo(Math.max(0, meanKw - declaredLoadKw), 2),
        peakOverKw: roundTo(Math.max(0, peakKw - declaredLoadKw - settings.householdKw), 2),
        swingRatio: roundTo(meanKw > 0 ? sdKw / meanKw : 0, 2),
      },
    });
  },

  strength({ declaredKw, declaresMining, banned, meanOverKw, peakOverKw }): number {
    if (declaresMining && banned) return 0;
    const over = Math.max(
      ramp(meanOverKw / declaredKw, 0.1, 0.4) * rampLog(meanOverKw, 0.7, 3),
      0.6 * ramp(peakOverKw / declaredKw, 0.2, 0.8) * rampLog(peakOverKw, 1, 4),
    );
    return over > 0 ? over : -1;
  },

  say(o, logOdds): Sentence {
    const what = o.declaresMining
      ? { ru: 'майнинг', en: 'mining' }
      : { ru: 'иная нагрузка (не майнинг)', en: 'another load (not mining)' };
    const swing = {
      ru: ` Колебания нагрузки: ${formatPercent(o.swingRatio, 'ru')}.`,
      en: ` The load swings by ${formatPercent(o.swingRatio, 'en')}.`,
    };
    const start = {
      ru: `Заявлено: ${what.ru}, ${kw(o.declaredKw).ru}; в среднем отпускается ${kw(o.meanKw).ru}, в пике ${kw(o.peakKw).ru}.`,
      en: `Declared: ${what.en}, ${kw(o.declaredKw).en}; ${kw(o.meanKw).en} are drawn on average, ${kw(o.peakKw).en} at the peak.`,
    };
    if (o.declaresMining && o.banned)
      return {
        ru: `${start.ru}${swing.ru} Заявление не снимает действующего здесь запрета.`,
        en: `${start.en}${swing.en} A declaration does not lift the ban that holds here.`,
      };
    return logOdds > 0
      ? {
          ru: `${start.ru}${swing.ru} Это больше заявленного.`,
          en: `${start.en}${swing.en} That is more than declared.`,
        }
      : {
          ru: `${start.ru}${swing.ru} Это в пределах заявленного.`,
          en: `${start.en}${swing.en} That is within the declaration.`,
        };
  },
};
