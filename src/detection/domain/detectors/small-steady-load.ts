import { ramp, roundTo } from '../../../readings/domain/numeric.js';
import { days as daysOf, kw, type Sentence } from '../phrases.js';
import { formatPercent } from '../text.js';
import type { FindingOf } from '../types.js';
import { finding, type Detector } from './detector.js';

export type SmallSteadyLoadSettings = {
  /** Between a home's own rest and the smallest rig, kW. */
  fromKw: number;
  toKw: number;
  minHeldDays: number;
};

export type SmallSteadyLoadObserved = {
  /** The floor without what follows the weather, kW. */
  floorKw: number;
  /** Share of all energy that flows all the time. */
  flatShareRatio: number;
  heldDays: number;
};

/**
 * A load that never pauses and is too small for a rig: a circulation pump, a server, an aquarium, an oxygen concentrator.
 *
 * Formula: as base-load; of the floor without heating 0.1 to 0.7 kW, held for two weeks or more, and at least 30 % of the energy.
 * Source: pumps 0.05–0.15 kW, home servers and aquaria 0.1–0.5 kW, concentrators 0.3–0.5 kW; the smallest GPU rig 0.7 kW.
 * Worked example: a server of 0.4 kW in an empty flat that rests at 0.05 kW → 0.45 kW, all of the energy.
 */
export const smallSteadyLoad: Detector<
  'small-steady-load',
  SmallSteadyLoadSettings,
  SmallSteadyLoadObserved
> = {
  name: 'small-steady-load',
  version: 1,
  defaults: { fromKw: 0.1, toKw: 0.7, minHeldDays: 14 },

  detect(input, { recent, thermal, days }, settings): FindingOf<SmallSteadyLoadObserved> | null {
    if (!recent || recent.heldDays < settings.minHeldDays) return null;
    const floorKw = Math.max(0, recent.floorKw - (thermal?.explainedFloorKw ?? 0));
    const flatShareRatio = recent.floorKw / recent.meanKw;
    if (floorKw < settings.fromKw || floorKw > settings.toKw || !(flatShareRatio >= 0.3)) return null;
    return finding(this, {
      input,
      settings,
      from: Math.min(recent.fromDay, recent.heldFromDay),
      to: days,
      sinceDay: null,
      observed: {
        floorKw: roundTo(floorKw, 2),
        flatShareRatio: roundTo(flatShareRatio, 2),
        heldDays: recent.heldDays,
      },
    });
  },

  /** What pauses by itself is not told by what never does. */
  strength: ({ floorKw, flatShareRatio }, { pausing }) =>
    -ramp(floorKw, 0.1, 0.2) *
    (1 - ramp(floorKw, 0.45, 0.7)) *
    ramp(flatShareRatio, 0.3, 0.6) *
    (1 - pausing),

  say: (o): Sentence => ({
    ru: `Без перерыва идёт лишь ${kw(o.floorKw).ru} (${formatPercent(o.flatShareRatio, 'ru')} энергии, ${daysOf(o.heldDays).ru}): столько берут насос, сервер или аквариум, это меньше самой малой установки.`,
    en: `Only ${kw(o.floorKw).en} flow without a pause (${formatPercent(o.flatShareRatio, 'en')} of the energy, ${daysOf(o.heldDays).en}): what a pump, a server or an aquarium takes, less than the smallest rig.`,
  }),
};
