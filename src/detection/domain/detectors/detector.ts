import { isoFromDay } from '../../../grid/domain/calendar.js';
import type { Features } from '../features.js';
import type { Sentence } from '../phrases.js';
import type { DetectorInput, Finding, FindingOf, Observed, PointFacts } from '../types.js';

/** One way of looking at a load. Pure: the same input, features and settings give the same finding. */
export interface Detector<Name extends string, Settings extends Observed, O extends Observed> {
  readonly name: Name;
  /** Goes up whenever the same input may give other numbers. */
  readonly version: number;
  readonly defaults: Settings;
  /** Null when there is nothing to say: not enough data, or the question does not arise. */
  detect(input: DetectorInput, features: Features, settings: Settings): FindingOf<O> | null;
  /** −1 (speaks fully for an innocent cause) to 1 (fully for mining): smooth, so that no reading decides by a watt. */
  strength(observed: O, context: Context): number;
  /** What it says, with the same numbers in both languages; `logOdds` chooses the reading where there are two. */
  say(observed: O, logOdds: number): Sentence;
}

/** What a finding is weighed by besides its own numbers. */
export interface Context {
  readonly facts: PointFacts;
  /** 0 to 1: how little is known of the cold, so that all that heating can imitate counts for less. */
  readonly untested: number;
  /** 0 to 1: never mild in all these days, so that a heater at its limit would be as flat as a rig. */
  readonly winter: number;
  /** 0 to 1: the floor comes with every cold spell and goes with every mild one. */
  readonly switched: number;
  /** 0 to 1: how sure it is that a rig's worth of the floor does not follow the cold. */
  readonly blind: number;
  /** 0 to 1: a machine that pauses in its own pattern was found, so that a load which rests says nothing against it. */
  readonly pausing: number;
}

/** A finding of `detector` over days `[from, to)` of the window; `sinceDay` counts from the window's first day. */
export function finding<O extends Observed>(
  detector: { readonly name: string; readonly version: number },
  found: {
    input: DetectorInput;
    settings: Observed;
    from: number;
    to: number;
    sinceDay: number | null;
    observed: O;
  },
): FindingOf<O> & Finding {
  const { firstDay } = found.input.window;
  return {
    detector: detector.name,
    version: detector.version,
    window: { from: isoFromDay(firstDay + found.from), to: isoFromDay(firstDay + found.to) },
    settings: found.settings,
    observed: found.observed,
    since: found.sinceDay === null ? null : isoFromDay(firstDay + found.sinceDay),
  };
}
