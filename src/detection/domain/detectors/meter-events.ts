import { isoFromDay } from '../../../grid/domain/calendar.js';
import { ramp } from '../../../readings/domain/numeric.js';
import type { Sentence } from '../phrases.js';
import { formatDate } from '../text.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type MeterEventsSettings = {
  /** Days at the end that are looked at. */
  withinDays: number;
};

export type MeterEventsObserved = {
  magneticField: number;
  coverOpened: number;
  phaseLost: number;
  clockChanged: number;
  last: string;
};

/** Kinds of readings/domain/meter-events.ts, by what they may mean. */
const MEANING: Readonly<Record<string, keyof Omit<MeterEventsObserved, 'last'>>> = {
  magnetic_field: 'magneticField',
  cover_opened: 'coverOpened',
  terminal_cover_opened: 'coverOpened',
  phase_reversed: 'phaseLost',
  phase_lost: 'phaseLost',
  current_without_voltage: 'phaseLost',
  clock_changed: 'clockChanged',
};

/**
 * The meter reported that somebody was at it. An electrician's visit opens a cover too: it raises questions, no more.
 *
 * Formula: events of the last 180 days by kind; a magnetic field counts most, then an opened cover with a lost or reversed phase.
 * Source: СПОДЭС journals (journal and code are the key).
 * Worked example: one magnetic field on 4 November 2026 → 1, 0, 0, 0.
 */
export const meterEvents: Detector<'meter-events', MeterEventsSettings, MeterEventsObserved> = {
  name: 'meter-events',
  version: 1,
  defaults: { withinDays: 180 },

  detect(input, { days }, settings): FindingOf<MeterEventsObserved> | null {
    const from = Math.max(0, days - settings.withinDays);
    const counts = { magneticField: 0, coverOpened: 0, phaseLost: 0, clockChanged: 0 };
    let lastDay = -1;
    for (const { atHour, kind } of input.surroundings.events ?? []) {
      const meaning = MEANING[kind];
      const day = Math.floor(atHour / 24);
      if (meaning === undefined || day < from || day >= days) continue;
      counts[meaning]++;
      lastDay = Math.max(lastDay, day);
    }
    if (lastDay < 0) return null;
    const last = isoFromDay(input.window.firstDay + lastDay);
    return finding(this, { input, settings, from, to: days, sinceDay: null, observed: { ...counts, last } });
  },

  strength: ({ magneticField, coverOpened, phaseLost, clockChanged }) =>
    Math.min(
      1,
      0.7 * ramp(magneticField, 0, 2) +
        0.4 * ramp(coverOpened, 0, 2) +
        0.6 * ramp(phaseLost, 0, 3) +
        0.2 * ramp(clockChanged, 0, 3),
    ),

  say: (o): Sentence => ({
    ru:
      `Счётчик сообщал о вмешательстве: магнитное поле ${o.magneticField}, вскрытие крышки ${o.coverOpened}, потеря или переворот фазы ` +
      `${o.phaseLost}, перевод часов ${o.clockChanged}; последний раз ${formatDate(o.last, 'ru')}. Это бывает и при обслуживании.`,
    en:
      `The meter reported interference: magnetic field ${o.magneticField}, cover opened ${o.coverOpened}, phase lost or reversed ` +
      `${o.phaseLost}, clock changed ${o.clockChanged}; last on ${formatDate(o.last, 'en')}. Maintenance causes these too.`,
  }),
};
