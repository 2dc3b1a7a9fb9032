import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import { QUALITY } from './domain/quality.js';
import type { RegisterReading, TariffZone } from './domain/register-segments.js';
import { registerUse, type KnownDays, type RegisterMonth } from './domain/register-use.js';

/** A register reading on its way into the store. */
export interface RegisterRow {
  /** The caller's index of the metering point. */
  readonly point: number;
  readonly utcMs: number;
  readonly standardMinutes: number;
  readonly serial: string;
  readonly zone: TariffZone;
  readonly kwh: number;
  readonly ctRatio: number;
  readonly quality: number;
}

/** What became of rows of a file that has one row for a metering point and moment. */
export interface StoredRows {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Rows that the same file had before, with the same value or another one (the later stands). */
  readonly duplicatesEqual: number;
  readonly duplicatesDifferent: number;
  /** Metering points of which something is new. */
  readonly changedIds: readonly number[];
  /** Those of them of which an older upload had said something else. */
  readonly correctedIds: readonly number[];
}

/** How far back a reading may lie before the window and still tell of use within it. */
const REACH_DAYS = 400;

/**
 * Stores readings inside the caller's transaction; keys are distinct within `rows`. A reading that says something else
 * than the stored one replaces it and the old one is kept in the history; one of an older upload never replaces.
 */
export async function storeRegisters(
  client: ClientBase,
  {
    rows,
    pointIds,
    uploadId,
    now,
  }: { rows: readonly RegisterRow[]; pointIds: Int32Array; uploadId: number; now: Date },
): Promise<StoredRows> {
  const key = 'metering_point_id, meter_serial, tariff_zone, taken_at';
  const columns = `${key}, kwh, ct_ratio, quality, upload_id`;
  const found = await client.query<{
    id: number;
    created: number;
    changed: number;
    again_equal: number;
    again_different: number;
  }>(
    `with incoming as (
       select point as metering_point_id, serial as meter_serial, zone as tariff_zone, to_timestamp(at / 1000) as taken_at,
              kwh::numeric(14, 3), ct_ratio, quality
       from unnest($1::int[], $2::text[], $3::text[], $4::float8[], $5::float8[], $6::real[], $7::smallint[])
         as i (point, serial, zone, at, kwh, ct_ratio, quality)
     ), compared as (
       select i.*, r.upload_id as o_upload_id, r.kwh as o_kwh, r.ct_ratio as o_ct_ratio, r.quality as o_quality,
              (r.kwh, r.ct_ratio, r.quality) is distinct from (i.kwh, i.ct_ratio, i.quality)
                and coalesce(r.upload_id, 0) <= $8 as differs
       from incoming i left join register_reading r using (${key})
     ), kept as (
       insert into register_reading_history (${columns}, superseded_at, superseded_by_upload_id)
       select ${key}, o_kwh, o_ct_ratio, o_quality, o_upload_id, $9, $8 from compared
       where differs and o_upload_id < $8
     ), created as (
       insert into register_reading (${columns})
       select ${key}, kwh, ct_ratio, quality, $8 from compared where o_upload_id is null
     ), changed as (
       update register_reading r
       set kwh = c.kwh, ct_ratio = c.ct_ratio, quality = c.quality, upload_id = $8
       from compared c
       where c.differs and c.o_upload_id is not null and r.metering_point_id = c.metering_point_id
         and r.meter_serial = c.meter_serial and r.tariff_zone = c.tariff_zone and r.taken_at = c.taken_at
     )
     select metering_point_id as id, count(*) filter (where o_upload_id is null)::int as created,
            count(*) filter (where differs and o_upload_id < $8)::int as changed,
            count(*) filter (where not differs and o_upload_id = $8)::int as again_equal,
            count(*) filter (where differs and o_upload_id = $8)::int as again_different
     from compared group by metering_point_id`,
    [
      rows.map((row) => pointIds[row.point]),
      rows.map((row) => row.serial),
      rows.map((row) => row.zone),
      rows.map((row) => row.utcMs),
      rows.map((row) => row.kwh),
      rows.map((row) => row.ctRatio),
      rows.map((row) => row.quality),
      uploadId,
      now,
    ],
  );
  const sum = (of: 'created' | 'changed' | 'again_equal' | 'again_different') =>
    found.rows.reduce((total, row) => total + row[of], 0);
  const [created, changed, duplicatesEqual, duplicatesDifferent] = [
    sum('created'),
    sum('changed'),
    sum('again_equal'),
    sum('again_different'),
  ];
  return {
    created,
    changed,
    unchanged: rows.length - created - changed - duplicatesEqual - duplicatesDifferent,
    duplicatesEqual,
    duplicatesDifferent,
    changedIds: found.rows
      .filter((row) => row.created + row.changed + row.again_different > 0)
      .map((row) => row.id),
    correctedIds: found.rows.filter((row) => row.changed > 0).map((row) => row.id),
  };
}

/**
 * Energy by month of the points of `ids` that have registers; a point without any is missing from the map. Months begin
 * in `[from, to)` of the point's standard-time calendar, and nothing read after `to` is looked at. `known` gives the
 * intervals of a point (a profile window does): its whole days count as measured, registers fill in the others.
 */
export async function registerMonths(
  client: ClientBase,
  ids: readonly number[],
  days: { readonly from: DayNumber; readonly to: DayNumber },
  known: (id: number) => KnownDays | null = () => null,
): Promise<Map<number, RegisterMonth[]>> {
  const months = new Map<number, RegisterMonth[]>();
  for (const [id, readings] of await registerReadings(client, ids, days)) {
    months.set(id, registerUse(readings, days, known(id)));
  }
  return months;
}

/** Readings of `ids` (points without any are missing) that tell of use in `[from, to)`, in no order. */
export async function registerReadings(
  client: ClientBase,
  ids: readonly number[],
  { from, to }: { readonly from: DayNumber; readonly to: DayNumber },
): Promise<Map<number, RegisterReading[]>> {
  const readings = new Map<number, RegisterReading[]>();
  if (ids.length === 0) return readings;
  // Bounds a day wider than any zone for the index; the exact end is of the point's own calendar.
  const query = `
    select r.metering_point_id, (extract(epoch from r.taken_at) / 60 + t.standard_offset_minutes)::float8, r.meter_serial,
           r.tariff_zone, r.kwh::float8, r.ct_ratio::float8, r.quality
    from register_reading r
    join metering_point p on p.id = r.metering_point_id
    join territory t on t.code = p.territory_code
    where r.metering_point_id = any('{${ids.join(',')}}'::integer[])
      and r.taken_at >= '${isoFromDay(from - REACH_DAYS)}T00:00Z' and r.taken_at < '${isoFromDay(to + 2)}T00:00Z'
      and extract(epoch from r.taken_at) / 60 + t.standard_offset_minutes <= ${to * 1440}`;
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 7, (row) => {
    const id = row.int4(0);
    const ofPoint = readings.get(id) ?? [];
    ofPoint.push({
      atMinutes: row.float8(1),
      serial: row.text(2),
      zone: row.text(3) as TariffZone,
      kwh: row.float8(4),
      ctRatio: row.float8(5),
      isActual: row.int2(6) === QUALITY.actual,
    });
    readings.set(id, ofPoint);
  });
  return readings;
}
