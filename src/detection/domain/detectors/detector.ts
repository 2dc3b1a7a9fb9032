import { isoFromDay } from '../../../grid/domain/calendar.js';
import type { Features } from '../features.js';
import type { DetectorInput, Finding, FindingOf, Observed } from '../types.js';

/** One way of looking at a load. Pure: the same input, features and settings give the same finding. */
export interface Detector<Name extends string, Settings extends Observed, O extends Observed> {
  readonly name: Name;
  /** Goes up whenever the same input may give other numbers. */
  readonly version: number;
  readonly defaults: Settings;
  /** Null when there is nothing to say: not enough data, or the question does not arise. */
  detect(input: DetectorInput, features: Features, settings: Settings): FindingOf<O> | null;
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
