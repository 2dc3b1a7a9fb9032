import { isoFromDay } from '../../../grid/domain/calendar.js';
import { ramp, rampLog, roundTo } from '../../../readings/domain/numeric.js';
import { kw, type Sentence } from '../phrases.js';
import { formatDate, formatPercent } from '../text.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type HiddenLoadSettings = Record<string, never>;

export type HiddenLoadObserved = {
  transformer: string;
  residualKw: number;
  residualLowKw: number;
  since: string | null;
  confidence: number;
  rank: number;
  points: number;
  shareRatio: number;
  dropKw: number;
};

/**
 * Under the point's transformer flows a flat load that no meter sees, and the point is among those it may belong to.
 *
 * Formula: see balance/domain: inflow − Σ metered − technical loss; responsibility is shared among the points by who fell
 * when the rest rose, by tampering and by what the rest completes. The share speaks beyond what chance gives each point.
 * Source: a bypassed farm shows low or falling readings; only the balance sees it.
 * Worked example: 6.6 kW unseen, 40 points, this one's load fell by 0.4 kW that day and its share is 0.5 → likeliest.
 */
export const hiddenLoad: Detector<'hidden-load', HiddenLoadSettings, HiddenLoadObserved> = {
  name: 'hidden-load',
  version: 1,
  defaults: {},

  detect(input, { days }, settings): FindingOf<HiddenLoadObserved> | null {
    const hidden = input.surroundings.hiddenLoad;
    if (!hidden) return null;
    const { firstDay } = input.window;
    return finding(this, {
      input,
      settings,
      from: 0,
      to: days,
      sinceDay: hidden.sinceDay,
      observed: {
        transformer: hidden.transformer,
        residualKw: roundTo(hidden.residualKw, 2),
        residualLowKw: roundTo(hidden.residualLowKw, 2),
        since: hidden.sinceDay === null ? null : isoFromDay(firstDay + hidden.sinceDay),
        confidence: roundTo(hidden.confidence, 2),
        rank: hidden.rank,
        points: hidden.points,
        shareRatio: roundTo(hidden.shareRatio, 3),
        dropKw: roundTo(hidden.dropKw, 2),
      },
    });
  },

  strength: ({ residualLowKw, confidence, shareRatio, points }) =>
    rampLog(residualLowKw, 1, 4) * ramp(confidence, 0.3, 0.8) * ramp(shareRatio, 1.5 / points, 0.5),

  say(o): Sentence {
    const since = o.since && {
      ru: ` с ${formatDate(o.since, 'ru')}`,
      en: ` since ${formatDate(o.since, 'en')}`,
    };
    const fell = o.dropKw > 0 && {
      ru: ` Её собственный учёт тогда упал на ${kw(o.dropKw).ru}.`,
      en: ` Its own metered load fell by ${kw(o.dropKw).en} then.`,
    };
    return {
      ru:
        `Под трансформатором ${o.transformer}${since ? since.ru : ''} идёт мимо счётчиков ровная нагрузка ${kw(o.residualKw).ru}; ` +
        `среди ${o.points} точек эта ${o.rank}-я по вероятности, доля ${formatPercent(o.shareRatio, 'ru')}.${fell ? fell.ru : ''}`,
      en:
        `Under transformer ${o.transformer} a flat load of ${kw(o.residualKw).en} passes no meter${since ? since.en : ''}; ` +
        `of ${o.points} points this is number ${o.rank} by likelihood, share ${formatPercent(o.shareRatio, 'en')}.${fell ? fell.en : ''}`,
    };
  },
};
