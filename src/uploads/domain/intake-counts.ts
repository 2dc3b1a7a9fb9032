import type { CheckCounts } from '../validation/domain/finding.js';
import type { RejectReason } from './rejected-row.js';

/** What became of an upload's rows so far; cumulative, and committed together with the batch it belongs to. */
export interface IntakeCounts {
  /** Data lines read (without header and empty lines), and the number of the last line of the file read. */
  rows: number;
  lastLine: number;
  /** Values taken, left blank, rejected, and held for metering points the registry does not know yet. */
  accepted: number;
  blank: number;
  rejected: number;
  held: number;
  rejectedByReason: Partial<Record<RejectReason, number>>;
  /** The same interval twice in the file: with the same value, or with another (the later one stands). */
  duplicatesEqual: number;
  duplicatesDifferent: number;
  /** Days of readings, metering points of a registry, register readings or meter events: stored for the first time, changed, already so. */
  created: number;
  changed: number;
  unchanged: number;
  /** Days' energies not taken, because finer readings of the day are stored. */
  passedOver: number;
  /** Metering points of a registry that it would change, once a second person agrees. */
  awaiting: number;
  /** Of formats that are loaded item by item: how many of them are committed; a load that was cut off goes on after them. */
  items?: number;
  /** Energies given to the grid: read, and not stored. */
  exported?: number;
  /** Values of a message that a newer one of its sender has replaced already. */
  superseded?: number;
  /** Values (days, where a check is of days) that each check found. */
  checks: CheckCounts;
}

export function noCounts(): IntakeCounts {
  return {
    rows: 0,
    lastLine: 0,
    accepted: 0,
    blank: 0,
    rejected: 0,
    held: 0,
    rejectedByReason: {},
    duplicatesEqual: 0,
    duplicatesDifferent: 0,
    created: 0,
    changed: 0,
    unchanged: 0,
    passedOver: 0,
    awaiting: 0,
    checks: {},
  };
}

/** Counts values that checks took back as rejected. */
export function takeBack(counts: IntakeCounts, rejected: CheckCounts): void {
  for (const [check, values] of Object.entries(rejected) as [RejectReason & keyof CheckCounts, number][]) {
    counts.accepted -= values;
    counts.rejected += values;
    counts.rejectedByReason[check] = (counts.rejectedByReason[check] ?? 0) + values;
  }
}

/** Said on the receipt of every file with such values. */
export const GIVEN_NOTE =
  'What is given to the grid was read and counted, and is not stored: consumption is what is judged.';
