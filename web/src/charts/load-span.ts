import { DAY_SECONDS, type LoadSeries } from './load-series.js';

/** Seconds, as the series has them; half-open. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Days between which the load began. */
export interface Onset {
  readonly from: string;
  readonly to: string;
}

export function wholeOf({ start, minutes, kw }: LoadSeries): Span {
  return { from: start, to: start + kw.length * minutes * 60 };
}

export function wholeDays({ from, to }: Span): number {
  return Math.round((to - from) / DAY_SECONDS);
}

/** Moved, and cut where it is longer, so that it lies within the whole. */
export function within(whole: Span, { from, to }: Span): Span {
  const width = Math.min(to - from, whole.to - whole.from);
  const start = Math.min(Math.max(from, whole.from), whole.to - width);
  return { from: start, to: start + width };
}
