import type { ClientBase } from 'pg';
import { IS_REAL } from '../cases/drawn.js';
import type { BlindPair, Look, Observed, Reads, SeededAnswer } from './domain/quality.js';

/** Days before a visit that are compared with the weeks before them. */
const LEAK_DAYS = 5;
const BASE_DAYS = 30;
/** The load of those days fell to this share of the weeks' or below: rigs went off, the fridge did not. */
const FELL_TO = 0.6;
/** Less than this a day has no rig in it that could go. */
const LEAST_BASE_KWH = 10;
/** A household that was found mining so soon after it was found clean was hardly clean. */
const REPEAT_DAYS = 365;

export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** All that inspections can be measured by, of decisions sealed within the span. */
export async function readObserved(client: ClientBase, span: Span): Promise<Observed> {
  return {
    looks: await readLooks(client, span),
    blind: await readPairs(client, span),
    seeded: await readSeeded(client, span),
    reads: await readReads(client, span),
  };
}

/**
 * The decision that closed each case, and the person who looked at it first: a second look measures nobody's inspection. The
 * load before a visit is the stored days', so that households without load profiles tell nothing of leaks.
 */
async function readLooks(client: ClientBase, { from, to }: Span): Promise<Look[]> {
  const { rows } = await client.query<Omit<Look, 'decidedAt'> & { decidedAt: Date }>(
    `select d.made_by as "inspectorId", d.organisation, d.score, d.verdict = 'confirm' as confirmed,
       d.made_at as "decidedAt", extract(epoch from d.made_at - t.at)::float8 / 60 as minutes,
       case when b.days >= ${BASE_DAYS / 2} and n.days >= ${LEAK_DAYS - 1} and b.kwh >= ${LEAST_BASE_KWH}
         then n.kwh <= ${FELL_TO} * b.kwh end as "fellBeforeVisit",
       case when d.verdict = 'dismiss' then exists (
         select from case_file o join case_step s on s.case_id = o.id and s.step = 'confirmed'
         where o.metering_point_id = c.metering_point_id
           and s.at > d.sealed_at and s.at < d.sealed_at + interval '${REPEAT_DAYS} days'
       ) end as "foundLater",
       exists (select from complaint m where m.case_id = c.id and m.upheld) as "complaintUpheld"
     from case_decision d
     join case_file c on c.id = d.case_id and ${IS_REAL}
     left join lateral (
       select at from case_step s where s.case_id = c.id and s.step = 'taken_up' and s.at <= d.made_at
       order by version desc limit 1) t on true
     left join lateral (
       select done_at::date as day from case_visit v where v.case_id = c.id and v.done_at <= d.made_at
       order by id desc limit 1) v on true
     left join lateral (
       select count(*) as days, avg(total_wh) / 1000 as kwh from load_profile l
       where l.metering_point_id = c.metering_point_id and l.channel = 0
         and l.day >= v.day - ${LEAK_DAYS + BASE_DAYS} and l.day < v.day - ${LEAK_DAYS}) b on v.day is not null
     left join lateral (
       select count(*) as days, avg(total_wh) / 1000 as kwh from load_profile l
       where l.metering_point_id = c.metering_point_id and l.channel = 0
         and l.day >= v.day - ${LEAK_DAYS} and l.day < v.day) n on v.day is not null
     where d.sealed_at >= $1 and d.sealed_at < $2 and d.made_in <> 'second_look'
     order by d.id`,
    [from, to],
  );
  return rows.map((row) => ({ ...row, decidedAt: row.decidedAt.getTime() }));
}

/** Who decided first, and whether somebody else came to the same; a look dealt back to them by hand counts for nothing. */
async function readPairs(client: ClientBase, { from, to }: Span): Promise<BlindPair[]> {
  const { rows } = await client.query<BlindPair>(
    `select f.made_by as "inspectorId", f.organisation, f.verdict = s.verdict as agrees
     from inspection_draw d
     join lateral (
       select made_by, organisation, verdict from case_decision
       where case_id = d.of_case_id and sealed_at is not null and made_in <> 'second_look' order by id desc limit 1) f on true
     join lateral (
       select made_by, verdict, sealed_at from case_decision
       where case_id = d.case_id and sealed_at is not null and made_in <> 'second_look' order by id desc limit 1) s on true
     where d.purpose = 'reinspection' and s.made_by <> f.made_by and s.sealed_at >= $1 and s.sealed_at < $2
     order by d.id`,
    [from, to],
  );
  return rows;
}

async function readSeeded(client: ClientBase, { from, to }: Span): Promise<SeededAnswer[]> {
  const { rows } = await client.query<SeededAnswer>(
    `select coalesce(s.made_by, c.inspector_id) as "inspectorId", coalesce(s.organisation, c.organisation) as organisation,
       d.asked_to_visit_at is not null as "askedToVisit",
       coalesce((s.verdict = 'confirm') = (d.truth = 'confirmed'), false) as right
     from inspection_draw d join case_file c on c.id = d.case_id
     left join lateral (
       select made_by, organisation, verdict, sealed_at from case_decision
       where case_id = d.case_id and sealed_at is not null order by id limit 1) s on true
     where d.purpose = 'seeded' and coalesce(d.asked_to_visit_at, s.sealed_at) >= $1
       and coalesce(d.asked_to_visit_at, s.sealed_at) < $2 and coalesce(s.made_by, c.inspector_id) is not null
     order by d.id`,
    [from, to],
  );
  return rows;
}

/** Households that inspectors and supervisors were shown, and those among them of which they never had a case. */
async function readReads(client: ClientBase, { from, to }: Span): Promise<Reads[]> {
  const { rows } = await client.query<Reads>(
    `select p.id as "inspectorId", p.organisation, count(*)::int as shown,
       (count(*) filter (where not exists (
         select from case_file c join case_step s on s.case_id = c.id
         where c.metering_point_id = x.metering_point_id
           and (s.person_id = p.id or s.new_value ->> 'inspector' = p.id::text))))::int as outside
     from (select distinct actor, metering_point_id from disclosure where at >= $1 and at < $2) x
     join person p on x.actor = 'person ' || p.id and p.role in ('inspector', 'supervisor')
     group by p.id order by p.id`,
    [from, to],
  );
  return rows;
}

/** What a utility's corrections do to what it sent before. */
export interface Corrections {
  readonly utility: string;
  /** Days of readings that another upload changed. */
  readonly changed: number;
  /** Those that say less than before. */
  readonly lower: number;
  readonly kwh_before: number;
  readonly kwh_after: number;
}

/** By utility: a correction is as likely to add as to take away, unless somebody wants it to. */
export async function readCorrections(client: ClientBase, { from, to }: Span): Promise<Corrections[]> {
  const { rows } = await client.query<Corrections>(
    `with change as (
       select h.metering_point_id, h.total_wh as before, h.intervals as had,
         coalesce(n.total_wh, l.total_wh) as after, coalesce(n.intervals, l.intervals) as has
       from load_profile_history h
       left join lateral (
         select total_wh, intervals from load_profile_history n
         where n.metering_point_id = h.metering_point_id and n.day = h.day and n.channel = h.channel
           and n.revision > h.revision order by revision limit 1) n on true
       left join load_profile l
         on l.metering_point_id = h.metering_point_id and l.day = h.day and l.channel = h.channel and l.revision > h.revision
       where h.channel = 0 and h.superseded_at >= $1 and h.superseded_at < $2)
     select u.code as utility, count(*)::int as changed, (count(*) filter (where after < before))::int as lower,
       sum(before)::float8 / 1000 as kwh_before, sum(after)::float8 / 1000 as kwh_after
     from change c join metering_point p on p.id = c.metering_point_id join utility u on u.id = p.utility_id
     -- A day that was not whole before is not corrected, but completed.
     where after is not null and after <> before and has <= had
     group by u.code order by u.code`,
    [from, to],
  );
  return rows;
}
