import type { ClientBase } from 'pg';
import type { CheckName, Severity } from '../../config/domain/checks.js';
import { isoFromDay } from '../../grid/domain/calendar.js';
import type { Finding } from './domain/finding.js';

/**
 * Keeps findings of an upload up to `most`; the receipt counts them all. Inside the transaction that stores the batch.
 * False: there is no room for more.
 */
export async function keepFindings(
  client: ClientBase,
  uploadId: number,
  findings: readonly Finding[],
  pointIds: Int32Array,
  most: number,
): Promise<boolean> {
  if (findings.length === 0) return true;
  const taken = findings.slice(0, most);
  const { rowCount } = await client.query(
    `insert into validation_finding (upload_id, check_name, severity, metering_point_id, day, slot, slots,
       interval_minutes, line, detail)
     select $1, f.* from unnest($2::text[], $3::text[], $4::int[], $5::date[], $6::smallint[], $7::smallint[],
       $8::smallint[], $9::bigint[], $10::text[]) as f
     limit greatest(0, $11 - (select count(*) from validation_finding where upload_id = $1))`,
    [
      uploadId,
      taken.map(({ check }) => check),
      taken.map(({ severity }) => severity),
      taken.map(({ point }) => pointIds[point]),
      taken.map(({ day }) => isoFromDay(day)),
      taken.map(({ slot }) => slot),
      taken.map(({ slots }) => slots),
      taken.map(({ intervalMinutes }) => intervalMinutes),
      taken.map(({ line }) => line),
      taken.map(({ detail }) => detail),
      most,
    ],
  );
  return rowCount === findings.length;
}

/** A finding as its sender reads it. */
export interface FindingView {
  readonly id: number;
  readonly check: CheckName;
  readonly severity: Severity;
  readonly metering_point: string;
  /** A standard-time day; the intervals are counted from its midnight, 0 of 0 = the day as a whole. */
  readonly day: string;
  readonly first_interval: number;
  readonly intervals: number;
  readonly interval_minutes: number;
  readonly line: number | null;
  readonly detail: string;
}

/** An upload's findings in the order they were made, after the one with the id `after`. */
export async function findingsOf(
  db: { query<T>(sql: string, values: unknown[]): Promise<T> },
  uploadId: number,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<FindingView[]> {
  return db.query<FindingView[]>(
    `select f.id::float8 as id, f.check_name as check, f.severity, p.external_id as metering_point,
       to_char(f.day, 'YYYY-MM-DD') as day, f.slot as first_interval, f.slots as intervals, f.interval_minutes,
       f.line::float8 as line, f.detail
     from validation_finding f join metering_point p on p.id = f.metering_point_id
     where f.upload_id = $1 and f.id > $2 order by f.id limit $3`,
    [uploadId, after, limit],
  );
}
