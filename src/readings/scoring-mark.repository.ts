import type { ClientBase } from 'pg';
import type { DayNumber } from '../grid/domain/calendar.js';

/** Days of a metering point about which something else is known than before. */
export interface ChangedDays {
  readonly first: DayNumber;
  readonly last: DayNumber;
}

/** Metering points in the order of their ids, so that two writers do not wait for each other, and the days of each. */
export interface MarkedPoints {
  readonly ids: readonly number[];
  readonly firstDays: readonly number[];
  readonly lastDays: readonly number[];
  /** The upload that corrected what was stored before of the point; null: none. Not set: none of any. */
  readonly correctedBy?: readonly (number | null)[];
}

/**
 * Marks metering points for the next scoring; of those in `corrected` something that was stored before says something else
 * now, and the upload is remembered.
 */
export async function markForScoring(
  client: ClientBase,
  changed: ReadonlyMap<number, ChangedDays>,
  now: Date,
  corrected: { readonly ids: ReadonlySet<number>; readonly uploadId: number } | null = null,
): Promise<void> {
  const ids = [...changed.keys()].sort((a, b) => a - b);
  const days = ids.map((id) => changed.get(id)!);
  const marked = {
    ids,
    firstDays: days.map(({ first }) => first),
    lastDays: days.map(({ last }) => last),
    correctedBy: ids.map((id) => (corrected?.ids.has(id) ? corrected.uploadId : null)),
  };
  await markPoints(client, marked, now);
}

/** The same of many points, without an object for each. */
export async function markPoints(
  client: ClientBase,
  { ids, firstDays, lastDays, correctedBy }: MarkedPoints,
  now: Date,
): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    `insert into scoring_mark as mark (metering_point_id, first_day, last_day, marked_at, corrected_by)
     select point, date 'epoch' + first_day, date 'epoch' + last_day, $4, corrected_by
     from unnest($1::int[], $2::int[], $3::int[], $5::int[]) as m (point, first_day, last_day, corrected_by)
     on conflict (metering_point_id) do update
     set first_day = least(mark.first_day, excluded.first_day), last_day = greatest(mark.last_day, excluded.last_day),
         marked_at = excluded.marked_at, corrected_by = coalesce(excluded.corrected_by, mark.corrected_by)`,
    [arrayOf(ids), arrayOf(firstDays), arrayOf(lastDays), now, correctedBy ?? []],
  );
}

/** As PostgreSQL writes an array; pg would make a text of every number first. */
function arrayOf(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}

/** Notes in `changed` that `days` of a metering point changed too. */
export function addChangedDays(changed: Map<number, ChangedDays>, id: number, days: ChangedDays): void {
  const before = changed.get(id);
  changed.set(
    id,
    before ? { first: Math.min(before.first, days.first), last: Math.max(before.last, days.last) } : days,
  );
}
