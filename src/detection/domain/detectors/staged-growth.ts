import { ramp, roundTo } from '../../../readings/domain/numeric.js';
import { kw, type Sentence } from '../phrases.js';
import { findSteps } from '../steps.js';
import { formatDate } from '../text.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';
import { stepUp, type StepUpSettings } from './step-up.js';
import { isoFromDay } from '../../../grid/domain/calendar.js';

export type StagedGrowthObserved = {
  steps: number;
  totalKw: number;
  /** Of the clearest and of the least clear, 0 to 1. */
  clarityRatio: number;
  leastClarityRatio: number;
  first: string;
  last: string;
};

/**
 * The load that never pauses rose more than once by a rig's worth and never fell again: a farm that grows.
 *
 * Formula: as step-up, all steps of the floor that still hold, two at least; the least clear one counts.
 * Source: rigs are bought one at a time; Irkutsk homes in court had grown over months.
 * Worked example: 0.2 kW, 3.5 kW from day 30, 6.8 kW from day 60 → 2 steps, 6.6 kW.
 */
export const stagedGrowth: Detector<'staged-growth', StepUpSettings, StagedGrowthObserved> = {
  name: 'staged-growth',
  version: 1,
  defaults: stepUp.defaults,

  detect(input, features, settings): FindingOf<StagedGrowthObserved> | null {
    if (!features.recent) return null;
    const steps = findSteps({ series: 'floor', direction: 'up' }, features, settings);
    if (steps.length < 2) return null;
    const { firstDay } = input.window;
    const clarity = steps.map(({ clarityRatio, suddenRatio }) => clarityRatio * Math.min(1, suddenRatio));
    return finding(this, {
      input,
      settings,
      from: 0,
      to: features.days,
      sinceDay: steps[0].day,
      observed: {
        steps: steps.length,
        totalKw: roundTo(
          steps.reduce((sum, { stepKw }) => sum + stepKw, 0),
          2,
        ),
        clarityRatio: roundTo(Math.max(...clarity), 2),
        leastClarityRatio: roundTo(Math.min(...clarity), 2),
        first: isoFromDay(firstDay + steps[0].day),
        last: isoFromDay(firstDay + steps[steps.length - 1].day),
      },
    });
  },

  strength: ({ steps, leastClarityRatio, clarityRatio }, { facts, untested, winter }) =>
    ramp(steps, 1, 3) *
    ramp((leastClarityRatio + clarityRatio) / 2, 0.3, 0.65) *
    (facts.electricHeating ? 0.5 : 1) *
    (1 - 0.5 * Math.max(untested, winter)),

  say: (o): Sentence => ({
    ru: `Постоянная часть нагрузки росла ступенями: ${o.steps} с ${formatDate(o.first, 'ru')} по ${formatDate(o.last, 'ru')}, вместе ${kw(o.totalKw).ru}, и ни разу не падала обратно.`,
    en: `The part of the load that never pauses grew in steps: ${o.steps} from ${formatDate(o.first, 'en')} to ${formatDate(o.last, 'en')}, ${kw(o.totalKw).en} together, and never fell back.`,
  }),
};
