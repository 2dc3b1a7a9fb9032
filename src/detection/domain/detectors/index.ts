import type { Finding, FindingOf } from '../types.js';
import { baseLoad } from './base-load.js';
import type { Detector } from './detector.js';
import { evenDays } from './even-days.js';
import { declaredLoad } from './declared-load.js';
import { hiddenLoad } from './hidden-load.js';
import { linkedPoints } from './linked-points.js';
import { loadDrop } from './load-drop.js';
import { meterEvents } from './meter-events.js';
import { mildDays } from './mild-days.js';
import { stagedGrowth } from './staged-growth.js';
import { dailyUse } from './daily-use.js';
import { movedLoad } from './moved-load.js';
import { flatness } from './flatness.js';
import { onOff } from './on-off.js';
import { pausesAndWeather } from './pauses-and-weather.js';
import { peers } from './peers.js';
import { quotaExceeded } from './quota-exceeded.js';
import { quotaForecast } from './quota-forecast.js';
import { stepUp } from './step-up.js';
import { temperatureRemainder } from './temperature-remainder.js';
import { timedBlock } from './timed-block.js';

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
