import { isoFromDay } from '../../../grid/domain/calendar.js';
import type { MovedLoad } from '../moved-loads.js';
import { rampLog, roundTo } from '../../../readings/domain/numeric.js';
import { kw, type Sentence } from '../phrases.js';
import { formatDate } from '../text.js';
import type { DetectorInput, FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type MovedLoadSettings = Record<string, never>;

export type MovedLoadObserved = {
  direction: 'left' | 'came';
  otherPoint: string;
  otherTariff: string | null;
  movedKw: number;
  otherKw: number;
  day: string;
  otherDay: string;
};

/**
 * A steady load left one point and came to another under the same transformer: machines that moved.
 *
 * Formula: see moved-loads.ts; found between points, so that a point alone never has it.
 * Source: after the tariff bands of 2025 Irkutsk miners moved to garages.
 * Worked example: 6.6 kW left on day 40, 6.5 kW came to P2 on day 41 → left, 6.6 and 6.5 kW.
 */
export const movedLoad: Detector<'moved-load', MovedLoadSettings, MovedLoadObserved> = {
  name: 'moved-load',
  version: 1,
  defaults: {},

  detect: () => null,

  strength: ({ movedKw }) => rampLog(movedKw, 0.7, 2.5),

  say(o): Sentence {
    const dates = { ru: formatDate(o.otherDay, 'ru'), en: formatDate(o.otherDay, 'en') };
    return o.direction === 'left'
      ? {
          ru: `Нагрузка в ${kw(o.movedKw).ru}, пропавшая здесь ${formatDate(o.day, 'ru')}, появилась под тем же трансформатором в точке ${o.otherPoint} (${kw(o.otherKw).ru}, ${dates.ru}).`,
          en: `The load of ${kw(o.movedKw).en} that went here on ${formatDate(o.day, 'en')} came to point ${o.otherPoint} under the same transformer (${kw(o.otherKw).en}, ${dates.en}).`,
        }
      : {
          ru: `Нагрузка в ${kw(o.movedKw).ru} появилась здесь ${formatDate(o.day, 'ru')}, когда под тем же трансформатором такая же пропала в точке ${o.otherPoint} (${kw(o.otherKw).ru}, ${dates.ru}).`,
          en: `The load of ${kw(o.movedKw).en} came here on ${formatDate(o.day, 'en')} when one like it went at point ${o.otherPoint} under the same transformer (${kw(o.otherKw).en}, ${dates.en}).`,
        };
  },
};

/** What {@link movedLoad} finds between points, as a finding of one of them. */
export function movedLoadFinding(
  input: DetectorInput,
  move: MovedLoad,
  settings: MovedLoadSettings,
): FindingOf<MovedLoadObserved> {
  const { window } = input;
  return finding(movedLoad, {
    input,
    settings,
    from: 0,
    to: window.days,
    sinceDay: move.direction === 'came' ? move.day - window.firstDay : null,
    observed: {
      ...move,
      movedKw: roundTo(move.movedKw, 2),
      otherKw: roundTo(move.otherKw, 2),
      day: isoFromDay(move.day),
      otherDay: isoFromDay(move.otherDay),
    },
  });
}
