import { NotFoundException } from '@nestjs/common';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { copyOut, type CopyRow } from '../database/copy-binary.js';
import {
  dayFromIso,
  isoFromDay,
  monthStart,
  nextMonthStart,
  type DayNumber,
} from '../grid/domain/calendar.js';
import { resolveTerritory } from '../grid/domain/territories.js';
import { decodeDay } from '../readings/domain/energy-codec.js';
import { CHANNEL_CONSUMPTION } from '../readings/load-profile.repository.js';
import { legalSituation } from '../rulebook/domain/legal-situation.js';
import type { LoadedRulebook } from '../rulebook/rulebook-file.js';
import { onConnection } from './case-transaction.js';
import { gridMinutes, layOnGrid, type StoredDay } from './domain/curve.js';
import { NeighbourBand } from './domain/neighbour-band.js';
import { QueryParams } from './query-params.js';
import { regionOf } from './rule-in-force.js';
import { visibleTo, type Viewer } from './viewer.js';

/** Neighbours drawn for the band: enough for a 10th and a 90th percentile, few enough for a year of theirs in a moment. */
const NEIGHBOURS = 30;
/** Any fixed number: the same registry gives the same neighbours. */
const SEED = 20_261_121;
/** Points that came with the registry just before and after. */
const NEARBY_IDS = 2000;
export const MOST_DAYS = 400;
export const CURVE_DAYS = 365;

export const RESOLUTIONS = ['interval', 'hour', 'day'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** Fewest minutes of a slot; intervals stay as they are stored. */
const LEAST_MINUTES: Readonly<Record<Resolution, number>> = { interval: 5, hour: 60, day: 1440 };

export interface CurveRequest {
  /** Standard-time days `[from, to)`; null: the last year of what is stored. */
  readonly from: DayNumber | null;
  readonly to: DayNumber | null;
  readonly resolution: Resolution;
}

interface Subject {
  readonly pointId: number;
  readonly kind: 'household' | 'transformer';
  readonly territory: string;
  readonly transformerId: number | null;
  readonly tariffCategory: string | null;
  readonly electricHeating: boolean | null;
  readonly offsetMinutes: number;
  readonly zone: string;
  readonly since: string | null;
  /** Of a known case put into the queue: the last day that is shown; null of every other. */
  readonly shownTo: string | null;
  readonly dated: readonly string[];
}

/**
 * A case's load over days, with what it is to be held against. Series are little-endian typed arrays in base64; NaN is
 * missing and never zero.
 * @throws NotFoundException the case is none of theirs
 */
export async function caseCurve(
  dataSource: DataSource,
  viewer: Viewer,
  id: number,
  request: CurveRequest,
  rulebook: LoadedRulebook,
) {
  return onConnection(dataSource, async (client) => {
    const subject = await readSubject(client, viewer, id);
    const span = await spanOf(client, subject, request);
    const stored = await readDays(client, subject.pointId, span);
    const minutes = gridMinutes(stored, LEAST_MINUTES[request.resolution]);
    const grid = { firstDay: span.from, days: span.to - span.from, minutes };
    const { kwh, quality } = layOnGrid(stored, grid);
    return {
      from: isoFromDay(span.from),
      to: isoFromDay(span.to),
      // Days are standard-time days: slot i begins at local midnight of `from`, in this fixed offset, plus i × minutes.
      offset_minutes: subject.offsetMinutes,
      zone: subject.zone,
      minutes,
      kwh: floats(kwh),
      quality: bytes(quality),
      neighbours: await readBand(client, subject, { ...grid, minutes: Math.max(minutes, 60) }),
      temperature: await readTemperature(client, subject.territory, grid),
      quota: await quotaPace(client, rulebook, subject.territory, { ...span, minutes }),
      onset: onsetOf(subject),
    };
  });
}

async function readSubject(client: ClientBase, viewer: Viewer, id: number): Promise<Subject> {
  const params = new QueryParams();
  const { rows } = await client.query<Subject>(
    `select coalesce(src.metering_point_id, p.id) as "pointId", p.kind, to_char(d.shown_to, 'YYYY-MM-DD') as "shownTo", p.territory_code as territory, p.transformer_id as "transformerId",
       p.tariff_category as "tariffCategory", p.electric_heating as "electricHeating",
       t.standard_offset_minutes as "offsetMinutes", t.iana_zone as zone, to_char(c.since, 'YYYY-MM-DD') as since,
       coalesce((
         select array_agg(distinct f ->> 'since') from case_alert ca join alert a on a.id = ca.alert_id
         cross join jsonb_array_elements(a.findings) f
         where ca.case_id = c.id and a.kind = c.kind and f ->> 'since' is not null
           -- A quota's finding dates the month that it judges, not the load.
           and f ->> 'detector' not like 'quota%' and exists (
           select from jsonb_array_elements(a.evidence) e
           where e ->> 'detector' = f ->> 'detector' and (e ->> 'logOdds')::float8 > 0)), '{}') as dated
     from case_file c
     join metering_point p on p.id = c.metering_point_id
     join territory t on t.code = p.territory_code
     left join inspection_draw d on d.case_id = c.id and d.purpose = 'seeded'
     left join case_file src on src.id = d.of_case_id
     where c.id = ${params.add(id)} and ${visibleTo(viewer, params)}`,
    params.values,
  );
  if (rows.length === 0) throw new NotFoundException(`There is no case ${id} for you.`);
  return rows[0];
}

interface Span {
  readonly from: DayNumber;
  readonly to: DayNumber;
}

/** As asked for; else the last year up to the newest day that is stored of the point. */
async function spanOf(
  client: ClientBase,
  { pointId, shownTo }: Subject,
  { from, to }: CurveRequest,
): Promise<Span> {
  const last = shownTo === null ? Infinity : dayFromIso(shownTo)! + 1;
  const end = Math.min(last, to ?? (await lastDay(client, pointId)) + 1);
  const start = from ?? end - CURVE_DAYS;
  return { from: Math.max(start, end - MOST_DAYS), to: end };
}

async function lastDay(client: ClientBase, pointId: number): Promise<DayNumber> {
  const { rows } = await client.query<{ day: number | null }>(
    `select day - date '1970-01-01' as day from load_profile
     where metering_point_id = $1 and channel = ${CHANNEL_CONSUMPTION} order by day desc limit 1`,
    [pointId],
  );
  return rows[0]?.day ?? 0;
}

/** The point's stored days. */
async function readDays(client: ClientBase, pointId: number, span: Span): Promise<StoredDay[]> {
  const days: StoredDay[] = [];
  await copyDays(client, [pointId], span, (row) => {
    const quality = Uint8Array.from(row.bytes(4));
    days.push({ day: row.date(1), wh: decodeDay(row.bytes(3), row.int2(2)), quality });
  });
  return days;
}

/** 10th to 90th percentile of comparable points around. */
async function readBand(
  client: ClientBase,
  subject: Subject,
  grid: { readonly firstDay: DayNumber; readonly days: number; readonly minutes: number },
) {
  const ids = await drawNeighbours(client, subject);
  const band = new NeighbourBand(grid, NEIGHBOURS);
  await copyDays(client, ids, { from: grid.firstDay, to: grid.firstDay + grid.days }, (row) =>
    band.add(row.int4(0), row.date(1), row.bytes(3), row.int2(2)),
  );
  const { low, high } = band.percentiles();
  return { points: band.points, minutes: grid.minutes, p10_kwh: floats(low), p90_kwh: floats(high) };
}

/** Point, day, scale, energy and quality of each stored day, as COPY hands them out: no text in between. */
async function copyDays(
  client: ClientBase,
  pointIds: readonly number[],
  { from, to }: Span,
  onRow: (row: CopyRow) => void,
): Promise<void> {
  const query = `
    select metering_point_id, day, scale, energy, quality from load_profile
    where metering_point_id = any('{${pointIds.join(',')}}'::integer[]) and channel = ${CHANNEL_CONSUMPTION}
      and day >= '${isoFromDay(from)}' and day < '${isoFromDay(to)}'`;
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 5, onRow);
}

/**
 * Points under the same transformer first, then of the same territory nearby in the registry, which a range of the primary
 * key reads whatever the registry's size; of the same heating and tariff, since beside gas-heated homes an electrically
 * heated one looks like a farm.
 */
async function drawNeighbours(client: ClientBase, subject: Subject): Promise<number[]> {
  if (subject.kind === 'transformer') return [];
  const { rows } = await client.query<{ id: number }>(
    `select id from (
       select * from metering_point where transformer_id = $5
       union
       select * from metering_point where id between $1 - ${NEARBY_IDS} and $1 + ${NEARBY_IDS} and territory_code = $2) p
     where kind = 'household' and id <> $1
       and electric_heating is not distinct from $3 and tariff_category is not distinct from $4
     order by (transformer_id is not distinct from $5) desc, hashint8extended(id, ${SEED}) limit ${NEIGHBOURS}`,
    [
      subject.pointId,
      subject.territory,
      subject.electricHeating,
      subject.tariffCategory,
      subject.transformerId,
    ],
  );
  return rows.map(({ id }) => id);
}

/** Hourly means, °C, of the territory or else its region, laid on at least hours; null where nobody measured. */
async function readTemperature(
  client: ClientBase,
  territory: string,
  {
    firstDay,
    days,
    minutes,
  }: { readonly firstDay: DayNumber; readonly days: number; readonly minutes: number },
) {
  const region = await regionOf(client, territory);
  const { rows } = await client.query<{ index: number; celsius: (number | null)[] }>(
    `select distinct on (day) day - $3::date as index, temperature_c as celsius from weather_day
     where territory_code in ($1, $2) and day >= $3::date and day < $4::date
     order by day, (territory_code = $1) desc`,
    [territory, region, isoFromDay(firstDay), isoFromDay(firstDay + days)],
  );
  if (rows.length === 0) return null;
  const hourly = new Float32Array(days * 24).fill(NaN);
  for (const { index, celsius } of rows)
    celsius.forEach((value, hour) => (hourly[index * 24 + hour] = value ?? NaN));
  const isDaily = minutes >= 1440;
  return { minutes: isDaily ? 1440 : 60, celsius: floats(isDaily ? dailyMeans(hourly) : hourly) };
}

/** Of the hours that are known. */
function dailyMeans(hourly: Float32Array): Float32Array {
  return Float32Array.from({ length: hourly.length / 24 }, (_, day) => {
    const known = hourly.subarray(day * 24, day * 24 + 24).filter((value) => !Number.isNaN(value));
    return known.length === 0 ? NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
}

/** The pace at which the month's quota would just be used up, month by month; none where there is no quota. */
async function quotaPace(
  client: ClientBase,
  rulebook: LoadedRulebook,
  territory: string,
  { from, to, minutes }: Span & { readonly minutes: number },
) {
  const place = {
    region: await regionOf(client, territory),
    oktmo: resolveTerritory(territory)?.oktmo ?? null,
  };
  const months = [];
  for (let month = monthStart(from); month < to; month = nextMonthStart(month)) {
    const { quota } = legalSituation(rulebook, place, month);
    if (quota === null) continue;
    const slots = ((nextMonthStart(month) - month) * 1440) / minutes;
    months.push({
      month: isoFromDay(month),
      limit_kwh: quota.limitKwh,
      kwh_per_slot: quota.limitKwh / slots,
    });
  }
  return months;
}

/** From the earliest to the latest day that a finding which speaks for it dates its beginning to. */
function onsetOf({ since, dated }: Subject) {
  if (since === null) return null;
  const days = [since, ...dated.filter((day) => dayFromIso(day) !== null)].sort();
  return { since, from: days[0], to: days[days.length - 1] };
}

function floats(values: Float32Array): { readonly type: 'float32'; readonly base64: string } {
  return { type: 'float32', base64: base64(values) };
}

function bytes(values: Uint8Array): { readonly type: 'uint8'; readonly base64: string } {
  return { type: 'uint8', base64: base64(values) };
}

function base64({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
