import type { ClientBase } from 'pg';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';

/** Days of a metering point about which something else is known than before. */
export interface ChangedDays {
  readonly first: DayNumber;
  readonly last: DayNumber;
}

/**
 * Marks metering points for the next scoring; of those in `corrected` something that was stored before says something else
 * now, and the upload is remembered. In order of their ids, so that two writers do not wait for each other.
 */
export async function markForScoring(
  client: ClientBase,
  changed: ReadonlyMap<number, ChangedDays>,
  now: Date,
  corrected: { readonly ids: ReadonlySet<number>; readonly uploadId: number } | null = null,
): Promise<void> {
  if (changed.size === 0) return;
  const marks = [...changed].sort(([a], [b]) => a - b);
  await client.query(
    `insert into scoring_mark as mark (metering_point_id, first_day, last_day, marked_at, corrected_by)
     select point, first_day, last_day, $4, corrected_by
     from unnest($1::int[], $2::date[], $3::date[], $5::int[]) as m (point, first_day, last_day, corrected_by)
     on conflict (metering_point_id) do update
     set first_day = least(mark.first_day, excluded.first_day), last_day = greatest(mark.last_day, excluded.last_day),
         marked_at = excluded.marked_at, corrected_by = coalesce(excluded.corrected_by, mark.corrected_by)`,
    [
      marks.map(([id]) => id),
      marks.map(([, { first }]) => isoFromDay(first)),
      marks.map(([, { last }]) => isoFromDay(last)),
      now,
      marks.map(([id]) => (corrected?.ids.has(id) ? corrected.uploadId : null)),
    ],
  );
}

/** Notes in `changed` that `days` of a metering point changed too. */
export function addChangedDays(changed: Map<number, ChangedDays>, id: number, days: ChangedDays): void {
  const before = changed.get(id);
  changed.set(
    id,
    before ? { first: Math.min(before.first, days.first), last: Math.max(before.last, days.last) } : days,
  );
}
