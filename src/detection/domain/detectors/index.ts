import type { Finding, FindingOf } from '../types.js';
import { baseLoad } from './base-load.js';
import { coldOnset } from './cold-onset.js';
import { dailyUse } from './daily-use.js';
import { declaredLoad } from './declared-load.js';
import type { Detector } from './detector.js';
import { evenDays } from './even-days.js';
import { flatness } from './flatness.js';
import { hiddenLoad } from './hidden-load.js';
import { linkedPoints } from './linked-points.js';
import { loadDrop } from './load-drop.js';
import { meterEvents } from './meter-events.js';
import { meterSwap } from './meter-swap.js';
import { mildDays } from './mild-days.js';
import { movedLoad } from './moved-load.js';
import { occupancyChange } from './occupancy-change.js';
import { onOff } from './on-off.js';
import { openingHours } from './opening-hours.js';
import { pausesAndWeather } from './pauses-and-weather.js';
import { peers } from './peers.js';
import { photoperiod } from './photoperiod.js';
import { quotaExceeded } from './quota-exceeded.js';
import { quotaForecast } from './quota-forecast.js';
import { renovation } from './renovation.js';
import { smallSteadyLoad } from './small-steady-load.js';
import { stagedGrowth } from './staged-growth.js';
import { stepUp } from './step-up.js';
import { temperatureRemainder } from './temperature-remainder.js';
import { timedBlock } from './timed-block.js';
import { vacationHome } from './vacation-home.js';
import { vehicleCharging } from './vehicle-charging.js';

/** Every detector, in the order its findings are stored and shown. */
export const DETECTORS = [
  quotaExceeded,
  quotaForecast,
  baseLoad,
  flatness,
  timedBlock,
  onOff,
  evenDays,
  dailyUse,
  stepUp,
  stagedGrowth,
  loadDrop,
  temperatureRemainder,
  pausesAndWeather,
  mildDays,
  peers,
  linkedPoints,
  movedLoad,
  declaredLoad,
  hiddenLoad,
  meterEvents,
  openingHours,
  vehicleCharging,
  photoperiod,
  smallSteadyLoad,
  coldOnset,
  occupancyChange,
  renovation,
  vacationHome,
  meterSwap,
] as const;

type AnyDetector = (typeof DETECTORS)[number];
export type DetectorName = AnyDetector['name'];
type Named<N extends DetectorName> = Extract<AnyDetector, { name: N }>;

export type DetectorSettings = {
  readonly [N in DetectorName]: Named<N> extends Detector<N, infer S, infer _O> ? S : never;
};
export type ObservedOf<N extends DetectorName> = Named<N> extends Detector<N, infer _S, infer O> ? O : never;

/** Narrows a finding to the detector that made it. */
export function isFindingOf<N extends DetectorName>(
  found: Finding,
  name: N,
): found is FindingOf<ObservedOf<N>> {
  return found.detector === name;
}
