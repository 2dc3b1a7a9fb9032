import type { Client, ClientBase } from 'pg';
import { systemActor } from '../audit/append-audit.js';
import { inAuditedTransaction, recordAtEnd } from '../audit/audited-transaction.js';
import type { Database } from '../database/open-database.js';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import type { FollowAlerts } from './alerts-followers.js';
import { queueDeliveries } from './deliveries/delivery-queue.js';
import {
  decide,
  type AlertChange,
  type Closed,
  type Correction,
  type OpenAlert,
  type Verdict,
} from './domain/lifecycle.js';

/** Metering points taken at a time; each page is one transaction. */
const PAGE_POINTS = 2000;

/** One at a time, or two would open the same alert. */
const ALERTS_LOCK = `pg_advisory_xact_lock(hashtext('gridwarden.alerts'))`;

export interface AlertsUpdate {
  readonly opened: number;
  readonly fired: number;
  readonly resolved: number;
}

/**
 * Brings the alerts in line with the scores: opens, fires and resolves, each change with its event in one transaction.
 * Only scores that speak for an alert and those with an open one are read, so the cost follows suspicions and not points.
 * Running it again changes nothing. `runId` names the run in the events; `follow` is told of every point that was read.
 */
export async function updateAlerts(
  db: Pick<Database, 'connect'>,
  runId: number | null,
  now: Date,
  follow: FollowAlerts = async () => {},
): Promise<AlertsUpdate> {
  const client = await db.connect();
  try {
    const counts = { opened: 0, fired: 0, resolved: 0 };
    for (let afterPoint: number | null = 0; afterPoint !== null;) {
      afterPoint = await updatePage(client, { afterPoint, runId, now, follow }, counts);
    }
    return counts;
  } finally {
    await client.end();
  }
}

type Counts = { -readonly [K in keyof AlertsUpdate]: number };

/** Answers the last metering point of the page, null after the last page. */
async function updatePage(
  client: Client,
  { afterPoint, runId, now, follow }: { afterPoint: number; follow: FollowAlerts } & Moment,
  counts: Counts,
): Promise<number | null> {
  return inAuditedTransaction(client, async () => {
    await client.query(`select ${ALERTS_LOCK}`);
    const points = await readPage(client, afterPoint, runId);
    const changes = points.flatMap(({ meteringPointId, verdict, open, closed }) =>
      decide(verdict, open, closed).map((change) => ({
        meteringPointId,
        corrections: verdict.corrections ?? [],
        ...change,
      })),
    );
    const opened = changes.filter(({ id }) => id === null);
    const changed = changes.filter(({ id }) => id !== null);
    await updateOpen(client, changed, { runId, now });
    const added = await insertOpened(client, opened, { runId, now });
    const ids = points.map(({ meteringPointId }) => meteringPointId);
    await keepReasons(client, ids);
    const events = eventsOf([...changed, ...added]);
    await addHistory(client, events, { runId, now });
    recordEvents(client, events, { runId, now });
    const moved = [...new Set(changes.map(({ meteringPointId }) => meteringPointId))];
    await follow(client, { all: ids, changed: moved }, now);
    count(changes, counts);
    return points.length < PAGE_POINTS ? null : points[points.length - 1].meteringPointId;
  });
}

interface PointAlerts {
  readonly meteringPointId: number;
  readonly verdict: Verdict;
  readonly open: readonly OpenAlert[];
  readonly closed: Closed;
}

async function readPage(
  client: ClientBase,
  afterPoint: number,
  runId: number | null,
): Promise<PointAlerts[]> {
  const { rows } = await client.query<Verdict & Omit<PointAlerts, 'verdict'>>(
    // A score without findings was put aside at first sight: it has readings, and nothing speaks for mining in them.
    // "closed" is made once for the page: per point it would read every resolved alert, which no index leads to.
    `with closed as (
       select metering_point_id, jsonb_object_agg(kind, seen) as by_kind from (
         select metering_point_id, kind, max(last_seen_as_of) - date '1970-01-01' as seen
         from alert where state = 'resolved' group by 1, 2) r
       group by 1),
     -- Of the point's readings, and of its household's other points: one limit may count over them. Few points at a time.
     corrected as materialized (
       select id, jsonb_agg(distinct jsonb_build_object('upload', upload_id, 'from', first_day, 'to', last_day)) as corrections
       from (
         select metering_point_id as id, upload_id, first_day, last_day from scoring_correction where run_id = $3
         union all
         select o.id, k.upload_id, k.first_day, k.last_day
         from scoring_correction k join metering_point p on p.id = k.metering_point_id
         join metering_point o on o.utility_id = p.utility_id and o.household = p.household
         where k.run_id = $3) c
       group by id),
     page as materialized (
       select * from score
       where metering_point_id > $1
         and (case_worthy or kind = 'quota_forecast'
              or metering_point_id in (select metering_point_id from alert where state <> 'resolved'))
       order by metering_point_id limit $2)
     select s.metering_point_id as "meteringPointId", s.as_of - date '1970-01-01' as "asOf", s.kind,
       s.case_worthy as "caseWorthy", s.score, s.since - date '1970-01-01' as since,
       other.log_odds as "otherLogOdds",
       (s.findings is null or exists (
         select from jsonb_array_elements(s.findings) f
         where f ->> 'detector' in ('base-load', 'daily-use', 'transformer-balance'))) as "hasReadings", a.open,
       coalesce(c.by_kind, '{}') as closed,
       coalesce(x.corrections, '[]') as corrections
     from page s
     cross join lateral (
       select coalesce(sum((e ->> 'logOdds')::float8), 0) as log_odds from jsonb_array_elements(s.evidence) e
       where e ->> 'kind' not in ('context', 'measured_breach')) other
     cross join lateral (
       select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'kind', a.kind, 'state', a.state, 'score', a.score,
         'since', a.since - date '1970-01-01',
         'lastSeenAsOf', a.last_seen_as_of - date '1970-01-01') order by a.id), '[]') as open
       from alert a where a.metering_point_id = s.metering_point_id and a.state <> 'resolved') a
     left join closed c on c.metering_point_id = s.metering_point_id
     left join corrected x on x.id = s.metering_point_id
     order by s.metering_point_id`,
    [afterPoint, PAGE_POINTS, runId],
  );
  return rows.map(({ meteringPointId, open, closed, ...verdict }) => ({
    meteringPointId,
    open,
    closed,
    verdict,
  }));
}

type PointChange = AlertChange & {
  readonly meteringPointId: number;
  readonly corrections: readonly Correction[];
};
type Moment = { readonly runId: number | null; readonly now: Date };

const ACTOR = 'scoring';

async function insertOpened(
  client: ClientBase,
  changes: readonly PointChange[],
  moment: Moment,
): Promise<PointChange[]> {
  if (changes.length === 0) return [];
  const { rows } = await client.query<{ id: number; meteringPointId: number; kind: string }>(
    `insert into alert (metering_point_id, kind, state, score, since, last_seen_as_of, opened_at, fired_at)
     select u.point, u.kind, u.state, u.score, u.since, u.seen, $7, case when u.state = 'firing' then $7::timestamptz end
     from unnest($1::int[], $2::text[], $3::text[], $4::float8[], $5::date[], $6::date[])
       as u (point, kind, state, score, since, seen)
     returning id, metering_point_id as "meteringPointId", kind`,
    [
      changes.map(({ meteringPointId }) => meteringPointId),
      changes.map(({ kind }) => kind),
      changes.map(({ state }) => state),
      changes.map(({ score }) => score),
      changes.map(({ since }) => isoOrNull(since)),
      changes.map(({ lastSeenAsOf }) => isoFromDay(lastSeenAsOf)),
      moment.now,
    ],
  );
  const ids = new Map(rows.map((row) => [`${row.meteringPointId} ${row.kind}`, row.id]));
  return changes.map((change) => ({ ...change, id: ids.get(`${change.meteringPointId} ${change.kind}`)! }));
}

async function updateOpen(
  client: ClientBase,
  changes: readonly PointChange[],
  moment: Moment,
): Promise<void> {
  if (changes.length === 0) return;
  await client.query(
    `update alert a set state = u.state, score = u.score, since = u.since, last_seen_as_of = u.seen,
       fired_at = case when u.state = 'firing' and a.state <> 'firing' then $6 else a.fired_at end,
       resolved_at = case when u.state = 'resolved' then $6 else a.resolved_at end
     from unnest($1::int[], $2::text[], $3::float8[], $4::date[], $5::date[]) as u (id, state, score, since, seen)
     where a.id = u.id`,
    [
      changes.map(({ id }) => id),
      changes.map(({ state }) => state),
      changes.map(({ score }) => score),
      changes.map(({ since }) => isoOrNull(since)),
      changes.map(({ lastSeenAsOf }) => isoFromDay(lastSeenAsOf)),
      moment.now,
    ],
  );
}

/** The reasons of the scoring that last supported each alert; a look back or a calm week does not replace them. */
async function keepReasons(client: ClientBase, meteringPointIds: readonly number[]): Promise<void> {
  await client.query(
    `update alert a set findings = s.findings, evidence = s.evidence from score s
     where a.metering_point_id = any ($1) and s.metering_point_id = a.metering_point_id and a.state <> 'resolved'
       and s.as_of = a.last_seen_as_of and s.kind <> 'none' and s.findings is not null and (a.findings, a.evidence) is distinct from (s.findings, s.evidence)`,
    [meteringPointIds],
  );
}

type AlertEvent = Omit<PointChange, 'steps'> & PointChange['steps'][number];

function eventsOf(changes: readonly PointChange[]): AlertEvent[] {
  return changes.flatMap(({ steps, ...alert }) => steps.map((step) => ({ ...alert, ...step })));
}

/** The history of each alert, and word of it on its way out. */
async function addHistory(client: ClientBase, events: readonly AlertEvent[], moment: Moment): Promise<void> {
  if (events.length === 0) return;
  // `ordinality`: an alert that opens and fires at once has its events in that order.
  const inserted = await client.query<{ id: number }>(
    `insert into alert_event (alert_id, at, actor, from_state, to_state, reason, run_id, corrections)
     select u.alert, $5, '${ACTOR}', u.before, u.after, u.reason, $6, u.corrections
     from unnest($1::int[], $2::text[], $3::text[], $4::text[], $7::jsonb[])
       with ordinality as u (alert, before, after, reason, corrections, n)
     order by n returning id`,
    [
      events.map(({ id }) => id),
      events.map(({ from }) => from),
      events.map(({ to }) => to),
      events.map(({ reason }) => reason),
      moment.now,
      moment.runId,
      events.map(({ corrections }) => JSON.stringify(corrections)),
    ],
  );
  await queueDeliveries(
    client,
    inserted.rows.map(({ id }) => id),
  );
}

function recordEvents(client: ClientBase, events: readonly AlertEvent[], moment: Moment): void {
  recordAtEnd(
    client,
    ...events.map(({ id, meteringPointId, kind, score, from, to, reason, corrections }) => ({
      actor: systemActor(ACTOR),
      kind: `alert.${to}`,
      subject: `alert:${id}`,
      body: {
        metering_point_id: meteringPointId,
        kind,
        score,
        from,
        reason,
        at: moment.now.toISOString(),
        run_id: moment.runId,
        ...(corrections.length > 0 && { corrections }),
      },
    })),
  );
}

function count(changes: readonly PointChange[], counts: Counts): void {
  for (const { to } of changes.flatMap(({ steps }) => steps)) {
    if (to === 'pending') counts.opened++;
    else if (to === 'firing') counts.fired++;
    else counts.resolved++;
  }
}

function isoOrNull(day: DayNumber | null): string | null {
  return day === null ? null : isoFromDay(day);
}
