import type { ClientBase } from 'pg';
import type { Queryable } from '../../database/queryable.js';
import type { AttemptResult } from './domain/attempt-result.js';
import type { AlertChangeEvent } from './domain/outgoing-event.js';

/**
 * Owes the changes of alerts to whoever subscribed to them: called in the transaction that makes the changes, so that
 * there is no change without its messages and no message of a change that was rolled back.
 */
export async function queueDeliveries(client: ClientBase, eventIds: readonly number[]): Promise<void> {
  await client.query(
    `insert into alert_delivery (subscription_id, event_id, next_attempt_at, made_at)
     select s.id, e.id, now(), now()
     from alert_event e
     join alert a on a.id = e.alert_id
     join metering_point p on p.id = a.metering_point_id
     join territory t on t.code = p.territory_code
     join alert_subscription s on s.removed_at is null and s.gone_at is null
       and (s.states is null or e.to_state = any (s.states))
       and (s.kinds is null or a.kind = any (s.kinds))
       and (s.territory_code is null or s.territory_code in (t.code, t.parent_code))
     where e.id = any ($1)
     order by e.id, s.id`,
    [eventIds],
  );
}

/** A message that this process, and no other, is to send before its lease runs out. */
export interface ClaimedDelivery extends AlertChangeEvent {
  readonly deliveryId: number;
  /** This attempt's number, from 1. */
  readonly attempt: number;
}

/**
 * Takes up to `limit` messages that are due. Taking one is putting its next attempt off by the lease: whoever is killed
 * while sending leaves it to the others without a word.
 */
export async function claimDue(
  db: Queryable,
  { subscription, limit, leaseSeconds }: { subscription: number; limit: number; leaseSeconds: number },
): Promise<ClaimedDelivery[]> {
  return db.query<ClaimedDelivery[]>(
    `with claimed as (
       update alert_delivery d
       set attempts = d.attempts + 1, next_attempt_at = now() + make_interval(secs => $3)
       from (
         select id from alert_delivery
         where subscription_id = $1 and state = 'waiting' and next_attempt_at <= now()
         order by next_attempt_at, id limit $2 for update skip locked) due
       where d.id = due.id
       returning d.id, d.attempts, d.message_id, d.event_id)
     select c.id as "deliveryId", c.attempts as attempt, c.message_id as "messageId", e.alert_id as "alertId", a.kind,
       e.to_state as state, e.at
     from claimed c join alert_event e on e.id = c.event_id join alert a on a.id = e.alert_id
     order by c.id`,
    [subscription, limit, leaseSeconds],
  );
}

export interface AttemptRecord {
  readonly delivery: Pick<ClaimedDelivery, 'deliveryId' | 'attempt'>;
  readonly result: AttemptResult;
  readonly httpStatus: number | null;
  readonly durationMs: number;
  /** Null: this was the last. */
  readonly pauseSeconds: number | null;
}

/**
 * Writes down an attempt and what follows from it. A result that comes after the lease is history only: somebody else
 * has taken the message up.
 */
export async function recordAttempt(db: Queryable, record: AttemptRecord): Promise<void> {
  const { delivery, result, httpStatus, durationMs, pauseSeconds } = record;
  const state = result === 'delivered' ? 'delivered' : pauseSeconds === null ? 'dead' : 'waiting';
  await db.query(
    `with attempt as (
       insert into delivery_attempt (delivery_id, attempt, at, duration_ms, result, http_status)
       values ($1, $2, now() - make_interval(secs => $3::integer / 1000.0), $3, $4, $5))
     update alert_delivery
     set state = $6, ended_at = case when $6 = 'waiting' then null else now() end,
       next_attempt_at = case when $6 = 'waiting' then now() + make_interval(secs => $7) else next_attempt_at end
     where id = $1 and attempts = $2 and state = 'waiting'`,
    [delivery.deliveryId, delivery.attempt, durationMs, result, httpStatus, state, pauseSeconds ?? 0],
  );
}

/** The receiver wants no more (410): nothing further is queued for it, and what waits is dead. */
export async function closeSubscription(db: Queryable, subscription: number): Promise<void> {
  await db.query(
    `with closed as (
       update alert_subscription set gone_at = now() where id = $1 and gone_at is null)
     update alert_delivery set state = 'dead', ended_at = now() where subscription_id = $1 and state = 'waiting'`,
    [subscription],
  );
}

/**
 * Sends again, under the same ids: the dead ones, or with `deliveryId` the one, delivered or dead. Opens an endpoint that
 * said 410. Returns how many.
 */
export async function replay(
  client: ClientBase,
  subscription: number,
  deliveryId: number | null,
): Promise<number> {
  await client.query('update alert_subscription set gone_at = null where id = $1', [subscription]);
  const { rowCount } = await client.query(
    `update alert_delivery set state = 'waiting', attempts = 0, ended_at = null, next_attempt_at = now()
     where subscription_id = $1 and state <> 'waiting' and (id = $2 or ($2::bigint is null and state = 'dead'))`,
    [subscription, deliveryId],
  );
  return rowCount!;
}

export interface HistoryRow {
  readonly delivery: number;
  readonly message: string;
  readonly alert: number;
  readonly state: 'waiting' | 'delivered' | 'dead';
  readonly attempt: number | null;
  readonly at: Date | null;
  readonly result: AttemptResult | null;
  readonly http_status: number | null;
  readonly duration_ms: number | null;
}

/** Attempts, newest first; a message that was not tried yet has a row without one. */
export async function deliveryHistory(
  db: Queryable,
  subscription: number,
  limit: number,
): Promise<HistoryRow[]> {
  return db.query<HistoryRow[]>(
    `select d.id as delivery, 'msg_' || replace(d.message_id::text, '-', '') as message, e.alert_id as alert, d.state,
       t.attempt, t.at, t.result, t.http_status, t.duration_ms
     from alert_delivery d join alert_event e on e.id = d.event_id
     left join delivery_attempt t on t.delivery_id = d.id
     where d.subscription_id = $1
     order by coalesce(t.at, d.made_at) desc, t.id desc nulls last, d.id desc limit $2`,
    [subscription, limit],
  );
}
