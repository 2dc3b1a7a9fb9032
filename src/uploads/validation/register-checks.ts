import type { ClientBase } from 'pg';
import type { CheckName, CheckSettings } from '../../config/domain/checks.js';
import type { UploadRow } from '../upload.repository.js';
import { addCount, type CheckCounts } from './domain/finding.js';

/** Registers are read in whole kWh. */
const ROUNDING_KWH = 1;
/** Spans between two readings that are longer than this say little of either end. */
const MOST_SPAN_DAYS = 100;

/**
 * At the end of an upload of intervals or of registers: do the intervals add up to what the register advanced by, and can a
 * contracted supply have advanced it so fast? Asked of the points that the upload names and that have registers, by the total
 * register of one meter between two readings, each taken at the midnight of its place for the sum. Writes findings; answers
 * how many. Run again (after a kill) it finds the same and writes nothing twice.
 */
export async function checkRegisters(
  client: ClientBase,
  upload: UploadRow,
  checks: CheckSettings,
  most: number,
): Promise<CheckCounts> {
  const counts: CheckCounts = {};
  const isRegisters = upload.kind === 'registers';
  if (!isRegisters && !(await hasRegisters(client, upload.utilityId))) return counts;
  await client.query(
    `delete from validation_finding where upload_id = $1 and check_name in ('register_sum', 'register_power')`,
    [upload.id],
  );
  const found: Finding[] = [];
  if (checks.register_sum.severity !== 'off')
    found.push(...(await disagreeingSums(client, upload, checks.register_sum.limit)));
  if (isRegisters && checks.register_power.severity !== 'off')
    found.push(...(await tooFast(client, upload, checks.register_power.limit)));
  for (const { check } of found) addCount(counts, check);
  await keep(client, upload.id, found.slice(0, most));
  return counts;
}

interface Finding {
  readonly check: Extract<CheckName, 'register_sum' | 'register_power'>;
  readonly id: number;
  readonly day: string;
  readonly detail: string;
}

async function hasRegisters(client: ClientBase, utilityId: number): Promise<boolean> {
  const { rows } = await client.query<{ has: boolean }>(
    `select exists (select from register_reading r join metering_point p on p.id = r.metering_point_id
       where p.utility_id = $1) as has`,
    [utilityId],
  );
  return rows[0].has;
}

/** Consecutive readings of one meter's total register, of the points that the upload brought something of. */
const STEPS = (named: string) => `
  with named as materialized (${named}), readings as (
    select r.metering_point_id as id, r.meter_serial, r.kwh, r.ct_ratio, r.upload_id, p.contracted_kw,
           r.taken_at at time zone 'UTC' + make_interval(mins => t.standard_offset_minutes) as local
    from named n join register_reading r on r.metering_point_id = n.id and r.tariff_zone = 'total'
    join metering_point p on p.id = r.metering_point_id join territory t on t.code = p.territory_code
  ), steps as (
    select id, local as until, lag(local) over same as since, upload_id, lag(upload_id) over same as upload_before,
           contracted_kw, (kwh - lag(kwh) over same) * ct_ratio as kwh, ct_ratio = lag(ct_ratio) over same as same_ratio
    from readings window same as (partition by id, meter_serial order by local)
  )`;

const BROUGHT = {
  registers: 'select distinct metering_point_id as id from register_reading where upload_id = $1',
  // Where the registers come after the intervals, their own upload asks.
  profiles: `select distinct r.metering_point_id as id from register_reading r
    cross join (select min(day) as first, max(day) as last from load_profile_seal where upload_id = $1) days
    where r.taken_at >= days.first - 1 and exists (
      select from load_profile l
      where l.metering_point_id = r.metering_point_id and l.day between days.first and days.last and l.upload_id = $1)`,
};

async function disagreeingSums(
  client: ClientBase,
  { id, kind }: UploadRow,
  percent: number,
): Promise<Finding[]> {
  const { rows } = await client.query<{
    id: number;
    day: string;
    until: string;
    register: number;
    sum: number;
  }>(
    `${STEPS(kind === 'registers' ? BROUGHT.registers : BROUGHT.profiles)}
     select s.id, to_char(s.since, 'YYYY-MM-DD') as day, to_char(s.until, 'YYYY-MM-DD') as until,
            s.kwh::float8 as register, d.wh / 1000.0::float8 as sum
     from steps s cross join lateral (
       select sum(total_wh)::float8 as wh, count(*) filter (where intervals = 1440 / interval_minutes) as whole,
              bool_or(upload_id = $1) as ours
       from load_profile l
       where l.metering_point_id = s.id and l.channel = 0 and l.day >= s.since::date and l.day < s.until::date) d
     where s.kwh >= 0 and s.same_ratio and s.since = date_trunc('day', s.since) and s.until = date_trunc('day', s.until)
       and s.until - s.since between interval '1 day' and make_interval(days => ${MOST_SPAN_DAYS})
       and d.whole = s.until::date - s.since::date and (d.ours or s.upload_id = $1 or s.upload_before = $1)
       and abs(d.wh / 1000 - s.kwh) > greatest(${ROUNDING_KWH}, s.kwh * $2::float8 / 100)
     order by 1, 2`,
    [id, percent],
  );
  return rows.map((row) => ({
    check: 'register_sum',
    id: row.id,
    day: row.day,
    detail: `Until ${row.until} the intervals add up to ${kwh(row.sum)} kWh, and the register advanced by ${kwh(row.register)} kWh.`,
  }));
}

async function tooFast(client: ClientBase, { id }: UploadRow, times: number): Promise<Finding[]> {
  const { rows } = await client.query<{ id: number; day: string; kw: number; contracted: number }>(
    `${STEPS(BROUGHT.registers)}
     select id, to_char(since, 'YYYY-MM-DD') as day, kw, contracted_kw as contracted from (
       select *, (kwh / (extract(epoch from until - since) / 3600))::float8 as kw from steps where until > since) s
     where kw > contracted_kw * $2::float8 and $1 in (upload_id, upload_before) order by 1, 2`,
    [id, times],
  );
  return rows.map(({ kw, contracted, ...row }) => ({
    check: 'register_power',
    ...row,
    detail: `The register advanced by ${kwh(kw)} kW on average where ${kwh(contracted)} kW are contracted: is the transformer ratio in the readings already?`,
  }));
}

async function keep(client: ClientBase, uploadId: number, found: readonly Finding[]): Promise<void> {
  if (found.length === 0) return;
  await client.query(
    `insert into validation_finding (upload_id, check_name, severity, metering_point_id, day, slot, slots,
       interval_minutes, detail)
     select $1, check_name, 'mark', id, day, 0, 0, 1440, detail
     from unnest($2::text[], $3::int[], $4::date[], $5::text[]) as f (check_name, id, day, detail)`,
    [
      uploadId,
      found.map(({ check }) => check),
      found.map(({ id }) => id),
      found.map(({ day }) => day),
      found.map(({ detail }) => detail),
    ],
  );
}

function kwh(value: number): string {
  return String(Number(value.toPrecision(4)));
}
