/** A day counts when at least this many of its 24 hours are complete. */
export const FULL_DAY_HOURS = 20;
