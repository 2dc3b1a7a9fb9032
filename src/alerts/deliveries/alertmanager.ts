import type { Queryable } from '../../database/queryable.js';
import {
  alertmanagerAlert,
  type AlertmanagerAlert,
  type StandingAlert,
} from './domain/alertmanager-alert.js';

/** Firing alerts that one round posts, oldest first so that none comes and goes; more than anybody can look at. */
export const MOST_POSTED = 5_000;
const ALERTS_PER_REQUEST = 500;
const REQUEST_TIMEOUT_MS = 10_000;
/**
 * Alertmanager resolves by itself what nobody refreshes for so long: an hour without Gridwarden is an outage of ours and
 * not the end of a suspicion.
 */
export const VALID_SECONDS = 3_600;
/** What resolved is told until Alertmanager would have let go of it anyway, with some time for the clocks to differ. */
const TELL_RESOLVED_SECONDS = VALID_SECONDS + 300;

export interface PostingRound {
  /** Alertmanagers that took everything. */
  readonly told: number;
  /** What went wrong with the others, one sentence each. */
  readonly failures: readonly string[];
  readonly unposted: number;
}

/**
 * Tells every Alertmanager, for each must know by itself, what fires and what has just resolved. Says all of it each
 * time: there is nothing to remember, so a round that fails is made good by the next.
 */
export async function postToAlertmanagers(
  db: Queryable,
  { urls, publicUrl, now }: { urls: readonly string[]; publicUrl: string | null; now: Date },
): Promise<PostingRound> {
  const firing = await readStanding(db, `a.state = 'firing' order by a.id limit ${MOST_POSTED}`, []);
  const resolved = await readStanding(
    db,
    `a.state = 'resolved' and a.fired_at is not null and a.resolved_at > $1 order by a.id`,
    [new Date(now.getTime() - TELL_RESOLVED_SECONDS * 1000)],
  );
  const [{ firing: count }] = await db.query<{ firing: number }[]>(
    `select count(*)::int as firing from alert where state = 'firing'`,
  );
  const alerts = [...firing, ...resolved].map((alert) =>
    alertmanagerAlert(alert, { now, validSeconds: VALID_SECONDS, publicUrl }),
  );
  const results = await Promise.allSettled(urls.map((url) => post(url, alerts)));
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [(result.reason as Error).message] : [],
  );
  return { told: urls.length - failures.length, failures, unposted: count - firing.length };
}

async function readStanding(db: Queryable, where: string, values: unknown[]): Promise<StandingAlert[]> {
  return db.query<StandingAlert[]>(
    `select a.id, a.kind, t.code as territory, coalesce(t.parent_code, t.code) as region, a.score,
       a.fired_at as "firedAt", a.resolved_at as "resolvedAt"
     from alert a join metering_point p on p.id = a.metering_point_id join territory t on t.code = p.territory_code
     where ${where}`,
    values,
  );
}

async function post(url: string, alerts: readonly AlertmanagerAlert[]): Promise<void> {
  for (let from = 0; from < alerts.length; from += ALERTS_PER_REQUEST) {
    const response = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts.slice(from, from + ALERTS_PER_REQUEST)),
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    }).catch((error: Error) => {
      const { message } = (error.cause as Error | undefined) ?? error;
      throw new Error(`Alertmanager at ${new URL(url).host} can't be reached: ${message}`);
    });
    await response.body?.cancel();
    if (!response.ok)
      throw new Error(`Alertmanager at ${new URL(url).host} answered ${response.status} to the alerts`);
  }
}
