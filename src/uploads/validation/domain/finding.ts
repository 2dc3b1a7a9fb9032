import type { CheckName, Severity } from '../../../config/domain/checks.js';
import type { DayNumber } from '../../../grid/domain/calendar.js';

/** What a check found: intervals of one metering point's standard-time day, or of several days from it on. */
export interface Finding {
  readonly check: CheckName;
  readonly severity: Severity;
  /** The caller's index of the metering point. */
  readonly point: number;
  readonly day: DayNumber;
  /** First interval of the day that is meant, and how many; 0 of 0: the day or days as a whole. */
  readonly slot: number;
  readonly slots: number;
  readonly intervalMinutes: number;
  /** Of the file where line numbers are known, else null. */
  readonly line: number | null;
  /** One sentence: what was found. */
  readonly detail: string;
}

/** How often each check found something; cumulative over an upload. */
export type CheckCounts = Partial<Record<CheckName, number>>;

export function addCount(counts: CheckCounts, check: CheckName, by = 1): void {
  counts[check] = (counts[check] ?? 0) + by;
}
