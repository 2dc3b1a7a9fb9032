import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import { meterEventMeaning, storedKind, type MeterEventMeaning } from './domain/meter-events.js';
import type { StoredRows } from './register.repository.js';

/** A meter event on its way into the store. */
export interface MeterEventRow {
  /** The caller's index of the metering point. */
  readonly point: number;
  readonly utcMs: number;
  readonly standardMinutes: number;
  readonly journal: number;
  readonly code: number;
}

/** An event as detection reads it. */
export interface MeterEvent extends MeterEventMeaning {
  /** Minutes since 1970 of the point's standard-time calendar, seconds as a fraction: divided by 1440, its day. */
  readonly atMinutes: number;
  readonly journal: number;
  readonly code: number;
}

/** Stores events inside the caller's transaction; keys are distinct within `rows`. An event is never changed. */
export async function storeMeterEvents(
  client: ClientBase,
  { rows, pointIds, uploadId }: { rows: readonly MeterEventRow[]; pointIds: Int32Array; uploadId: number },
): Promise<StoredRows> {
  const found = await client.query<{ id: number; created: number; again: number }>(
    `with incoming as (
       select point as metering_point_id, to_timestamp(at / 1000) as at, journal, code, kind
       from unnest($1::int[], $2::float8[], $3::smallint[], $4::smallint[], $5::text[]) as i (point, at, journal, code, kind)
     ), compared as (
       select i.*, e.upload_id as o_upload_id
       from incoming i left join meter_event e using (metering_point_id, at, journal, code)
     ), created as (
       insert into meter_event (metering_point_id, at, journal, code, kind, upload_id)
       select metering_point_id, at, journal, code, kind, $6 from compared where o_upload_id is null
     )
     select metering_point_id as id, count(*) filter (where o_upload_id is null)::int as created,
            count(*) filter (where o_upload_id = $6)::int as again
     from compared group by metering_point_id`,
    [
      rows.map((row) => pointIds[row.point]),
      rows.map((row) => row.utcMs),
      rows.map((row) => row.journal),
      rows.map((row) => row.code),
      rows.map((row) => storedKind(meterEventMeaning(row.journal, row.code))),
      uploadId,
    ],
  );
  const created = found.rows.reduce((sum, row) => sum + row.created, 0);
  const duplicatesEqual = found.rows.reduce((sum, row) => sum + row.again, 0);
  return {
    created,
    changed: 0,
    unchanged: rows.length - created - duplicatesEqual,
    duplicatesEqual,
    duplicatesDifferent: 0,
    changedIds: found.rows.filter((row) => row.created > 0).map((row) => row.id),
    correctedIds: [],
  };
}

/** Events of `ids` on the days `[from, to)` of each point's standard-time calendar, oldest first; points without any are missing. */
export async function meterEvents(
  client: ClientBase,
  ids: readonly number[],
  { from, to }: { readonly from: DayNumber; readonly to: DayNumber },
): Promise<Map<number, MeterEvent[]>> {
  const events = new Map<number, MeterEvent[]>();
  if (ids.length === 0) return events;
  const minutes = '(extract(epoch from e.at) / 60 + t.standard_offset_minutes)::float8';
  const query = `
    select e.metering_point_id, ${minutes}, e.journal, e.code
    from meter_event e
    join metering_point p on p.id = e.metering_point_id
    join territory t on t.code = p.territory_code
    where e.metering_point_id = any('{${ids.join(',')}}'::integer[])
      and e.at >= '${isoFromDay(from - 1)}T00:00Z' and e.at < '${isoFromDay(to + 1)}T00:00Z'
      and ${minutes} >= ${from * 1440} and ${minutes} < ${to * 1440}
    order by e.metering_point_id, e.at, e.journal, e.code`;
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 4, (row) => {
    const id = row.int4(0);
    const journal = row.int2(2);
    const code = row.int2(3);
    const ofPoint = events.get(id) ?? [];
    ofPoint.push({ atMinutes: row.float8(1), journal, code, ...meterEventMeaning(journal, code) });
    events.set(id, ofPoint);
  });
  return events;
}
