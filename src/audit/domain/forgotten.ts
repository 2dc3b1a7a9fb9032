/** Kinds of entries that say why readings which the log recorded are gone. */
export const READINGS_DROPPED = 'readings.dropped';
export const POINTS_ERASED = 'household.erased';

/** What was deleted on record: months of all points, and all that was known of some points. */
export class Forgotten {
  private readonly months = new Set<string>();
  private readonly points = new Set<number>();

  /** Text of an entry that has been checked. */
  take(text: string): void {
    if (!text.includes(`"kind":"${READINGS_DROPPED}"`) && !text.includes(`"kind":"${POINTS_ERASED}"`)) return;
    const entry = JSON.parse(text) as {
      kind: string;
      body: { month?: string; metering_point_ids?: number[] };
    };
    if (entry.kind === READINGS_DROPPED && entry.body.month !== undefined) this.months.add(entry.body.month);
    if (entry.kind === POINTS_ERASED)
      for (const id of entry.body.metering_point_ids ?? []) this.points.add(id);
  }

  /** Whether a reading of the month (`2026-01`) and metering point may be missing. */
  has(month: string, meteringPointId: number): boolean {
    return this.months.has(month) || this.points.has(meteringPointId);
  }

  /** Whether all that was read of the metering point may be missing. */
  hasPoint(meteringPointId: number): boolean {
    return this.points.has(meteringPointId);
  }
}
