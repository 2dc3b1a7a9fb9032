import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import type { Queryable } from '../database/queryable.js';
import { dayFromIso, isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import { decodeDay } from '../readings/domain/energy-codec.js';
import { CHANNEL_CONSUMPTION } from '../readings/load-profile.repository.js';
import { HourlySum, restOf, type Flows } from './domain/hourly-sum.js';
import type { LossModel } from './domain/types.js';

export const MOST_LOAD_DAYS = 400;
export const LOAD_DAYS = 90;

export interface LoadRequest {
  /** Standard-time days `[from, to)`; null: the last {@link LOAD_DAYS} of what the balance meter has. */
  readonly from: DayNumber | null;
  readonly to: DayNumber | null;
  readonly isDaily: boolean;
}

/** What enters a transformer and what its households' meters say, slot by slot; null where nobody measured. */
export interface TransformerLoadView {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  /** Slot i begins at midnight of `from` in this fixed offset, plus i × minutes. */
  readonly offset_minutes: number;
  readonly minutes: number;
  readonly points: number;
  readonly in_kwh: readonly (number | null)[];
  readonly metered_kwh: readonly (number | null)[];
  /** By the loss model of the balance; null where it has none. */
  readonly loss_kwh: readonly (number | null)[];
  /** In − metered − loss, where at least 95 % of the points were read. */
  readonly rest_kwh: readonly (number | null)[];
  /** Share of the points that were read. */
  readonly read_ratio: readonly number[];
}

interface Subject {
  readonly meterId: number;
  readonly transformerId: number;
  readonly zone: string;
  readonly offsetMinutes: number;
  readonly loss: LossModel | null;
}

/** Null when there is no such transformer with a balance meter, or it is another utility's than `utilityId` (null: any's). */
export async function transformerLoad(
  client: ClientBase,
  id: number,
  utilityId: number | null,
  request: LoadRequest,
): Promise<TransformerLoadView | null> {
  const { rows } = await client.query<Subject>(
    `select p.id as "meterId", p.transformer_id as "transformerId", c.iana_zone as zone,
       c.standard_offset_minutes as "offsetMinutes", b.balance -> 'loss' as loss
     from metering_point p
     join territory c on c.code = p.territory_code
     left join transformer_balance b on b.metering_point_id = p.id
     where p.transformer_id = $1 and p.kind = 'transformer' and ($2::integer is null or p.utility_id = $2)`,
    [id, utilityId],
  );
  if (rows.length === 0) return null;
  const [subject] = rows;
  const span = await spanOf(client, subject.meterId, request);
  const { inflow, metered, points } = await readSums(client, subject, span);
  const flows = restOf({ inflow, metered, points, loss: subject.loss }, request.isDaily ? 24 : 1);
  return {
    from: isoFromDay(span.from),
    to: isoFromDay(span.to),
    zone: subject.zone,
    offset_minutes: subject.offsetMinutes,
    minutes: request.isDaily ? 1440 : 60,
    points,
    ...viewOf(flows),
  };
}

function viewOf({ inflow, metered, loss, rest, readRatio }: Flows) {
  return {
    in_kwh: nullable(inflow),
    metered_kwh: nullable(metered),
    loss_kwh: nullable(loss),
    rest_kwh: nullable(rest),
    read_ratio: Array.from(readRatio, (ratio) => Math.round(ratio * 1000) / 1000),
  };
}

/** To the watt-hour. */
function nullable(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isNaN(value) ? null : Math.round(value * 1000) / 1000));
}

interface Span {
  readonly from: DayNumber;
  readonly to: DayNumber;
}

async function spanOf(client: ClientBase, meterId: number, { from, to }: LoadRequest): Promise<Span> {
  const end = to ?? (await newestDay(client, meterId)) + 1;
  const start = from ?? end - LOAD_DAYS;
  return { from: Math.min(Math.max(start, end - MOST_LOAD_DAYS), end), to: end };
}

async function newestDay(client: ClientBase, meterId: number): Promise<DayNumber> {
  const { rows } = await client.query<{ day: string }>(
    `select to_char(day, 'YYYY-MM-DD') as day from load_profile
     where metering_point_id = $1 and channel = ${CHANNEL_CONSUMPTION} order by day desc limit 1`,
    [meterId],
  );
  return rows.length === 0 ? 0 : dayFromIso(rows[0].day)!;
}

/** Days are added up as COPY hands them out: a transformer's households never lie in memory together. */
async function readSums(client: ClientBase, { meterId, transformerId }: Subject, span: Span) {
  const { rows } = await client.query<{ id: number }>(
    `select id from metering_point where transformer_id = $1 and kind = 'household'`,
    [transformerId],
  );
  const days = span.to - span.from;
  const inflow = new HourlySum(days);
  const metered = new HourlySum(days);
  const ids = [meterId, ...rows.map(({ id }) => id)];
  const query = `
    select metering_point_id, day, scale, energy from load_profile
    where metering_point_id = any('{${ids.join(',')}}'::integer[]) and channel = ${CHANNEL_CONSUMPTION}
      and day >= '${isoFromDay(span.from)}' and day < '${isoFromDay(span.to)}'`;
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 4, (row) => {
    const sum = row.int4(0) === meterId ? inflow : metered;
    sum.add(row.date(1) - span.from, decodeDay(row.bytes(3), row.int2(2)));
  });
  return { inflow, metered, points: rows.length };
}

/** A household under a transformer, as the page lists it. */
export interface TransformerPointView {
  readonly id: number;
  readonly metering_point: string;
  readonly household: string | null;
  readonly score: number | null;
  readonly kind: string | null;
  readonly since: string | null;
  readonly month_kwh: number | null;
  /** Place among those who may hold what the balance misses; null: it is none of them. */
  readonly rank: number | null;
  readonly share: number | null;
  readonly drop_kw: number | null;
}

const MOST_POINTS = 1000;

type Placed = Omit<TransformerPointView, 'score' | 'kind' | 'since' | 'month_kwh'>;
type Scored = Pick<TransformerPointView, 'id' | 'score' | 'kind' | 'since' | 'month_kwh'> & {
  readonly case_worthy: boolean;
};

const NOT_SCORED = { score: null, kind: null, since: null, month_kwh: null, case_worthy: false };

/** Those who may hold what the balance misses first, then by score. Statements of their own: scores may lie on other servers. */
export async function transformerPoints(
  db: Queryable,
  id: number,
  utilityId: number | null,
): Promise<TransformerPointView[]> {
  const placed = await db.query<Placed[]>(
    `select p.id, p.external_id as metering_point, p.household, b.rank, b.share, b.drop_kw
     from metering_point p
     left join metering_point m on m.transformer_id = p.transformer_id and m.kind = 'transformer'
     left join balance_suspect b on b.metering_point_id = p.id and b.balance_point_id = m.id
     where p.transformer_id = $1 and p.kind = 'household' and ($2::integer is null or p.utility_id = $2)
     order by b.rank nulls last, p.id limit ${MOST_POINTS}`,
    [id, utilityId],
  );
  const newest = await db.query<{ month: string; end: string }[]>(
    `select to_char(date_trunc('month', as_of - 1), 'YYYY-MM-DD') as month, as_of::text as end from scoring_run
     where finished_at is not null order by id desc limit 1`,
  );
  const scored = await db.query<Scored[]>(
    // Where nothing is suspected hardly any month is kept: what the intervals of the newest came to.
    `select s.metering_point_id as id, s.score, s.kind, to_char(s.since, 'YYYY-MM-DD') as since,
       coalesce(metered.kwh, judged.kwh) as month_kwh, s.case_worthy
     from score s
     left join lateral (
       select j.metered_kwh as kwh from quota_judgement j
       where j.metering_point_id = s.metering_point_id and (s.kind <> 'none' or j.month = $2::date)
       order by j.month desc limit 1) judged on true
     left join lateral (
       select (sum(l.total_wh) / 1000.0)::float8 as kwh from load_profile l
       where s.kind = 'none' and l.metering_point_id = s.metering_point_id
         and l.channel = ${CHANNEL_CONSUMPTION} and l.day >= $2::date and l.day < $3::date) metered on true
     where s.metering_point_id = any ($1)`,
    [placed.map((point) => point.id), newest[0]?.month ?? null, newest[0]?.end ?? null],
  );
  const scores = new Map(scored.map((each) => [each.id, each]));
  return placed
    .map((point) => {
      const { case_worthy: isSuspected, ...score } = scores.get(point.id) ?? NOT_SCORED;
      // Transformer by transformer this would else be a list of everybody's use; a utility has its own.
      const isShown = isSuspected || point.rank !== null || utilityId !== null;
      return { ...score, ...point, month_kwh: isShown ? score.month_kwh : null };
    })
    .sort(
      (a, b) =>
        (a.rank ?? MOST_POINTS + 1) - (b.rank ?? MOST_POINTS + 1) ||
        (b.score ?? 0) - (a.score ?? 0) ||
        a.id - b.id,
    );
}
