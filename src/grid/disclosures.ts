import type { Queryable } from '../database/queryable.js';
import type { DataSource } from 'typeorm';
import { actorNamed } from '../audit/append-audit.js';
import { auditedTransaction } from '../audit/audited-transaction.js';
import { SPEAKING_LOG_ODDS } from './domain/speaking-evidence.js';

/** Different households an hour: nobody inspects more than this, and who looks up more is looking for somebody. */
export const MOST_HOUSEHOLDS_PER_HOUR = 300;
/** From here on the log says so. */
export const MANY_HOUSEHOLDS_PER_HOUR = 100;

const HOUR_MS = 3_600_000;

/** Who asks for which household, and why. */
export interface Asked {
  readonly meteringPointId: number;
  /** As {@link Caller} names them. */
  readonly actor: string;
  readonly reason: string | null;
  readonly now: Date;
  /** Pieces of evidence that must speak for mining; 0 or absent: none. */
  readonly evidenceNeeded?: number;
}

export interface Shown {
  readonly id: number;
  readonly consumerName: string | null;
  readonly address: string | null;
  /** Different households this actor was shown within the hour, this one included. */
  readonly householdsThisHour: number;
}

/** One row of who was shown a household. */
export interface DisclosureRow {
  readonly id: number;
  readonly at: Date;
  readonly actor: string;
  readonly reason: string | null;
}

/**
 * Whose household it is; the row that says who was shown it commits with the reading, or neither happens. Null when there
 * is no such point, or it is a transformer's; `too-many` when the actor has had the most of the hour; `too-little` when not
 * enough speaks for mining to name anybody.
 */
export async function disclose(
  dataSource: DataSource,
  asked: Asked,
): Promise<Shown | null | 'too-many' | 'too-little'> {
  return auditedTransaction(dataSource, async (db, record) => {
    const { meteringPointId, actor, reason, now } = asked;
    if (!(await isHousehold(db, meteringPointId))) return null;
    if (!(await mayBeNamed(db, meteringPointId, asked.evidenceNeeded ?? 0))) return 'too-little';
    // Two requests at once must not both be the last one allowed.
    await db.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
      `gridwarden.disclosure.${actor}`,
    ]);
    const [{ households }] = await db.query<{ households: number }[]>(
      `select count(distinct metering_point_id)::integer as households from disclosure
       where actor = $1 and at > $2 and metering_point_id <> $3`,
      [actor, new Date(now.getTime() - HOUR_MS), meteringPointId],
    );
    if (households >= MOST_HOUSEHOLDS_PER_HOUR) return 'too-many';
    const [{ id }] = await db.query<{ id: number }[]>(
      `insert into disclosure (metering_point_id, at, actor, reason) values ($1, $2, $3, $4) returning id`,
      [meteringPointId, now, actor, reason],
    );
    record({
      actor: actorNamed(actor),
      kind: 'identity.shown',
      subject: `metering_point:${meteringPointId}`,
      body: { disclosure: id, reason },
    });
    const [identity] = await db.query<{ consumerName: string | null; address: string | null }[]>(
      `select consumer_name as "consumerName", address from household_identity where metering_point_id = $1`,
      [meteringPointId],
    );
    const { consumerName = null, address = null } = identity ?? {};
    return { id, consumerName, address, householdsThisHour: households + 1 };
  });
}

/** Who was shown the household, latest first. */
export async function disclosuresOf(
  db: Queryable,
  meteringPointId: number,
  limit: number,
): Promise<DisclosureRow[]> {
  return db.query<DisclosureRow[]>(
    `select id, at, actor, reason from disclosure where metering_point_id = $1 order by id desc limit $2`,
    [meteringPointId, limit],
  );
}

/**
 * Whether so many kinds of evidence speak for mining (two detectors that look at the same thing are one), in the score as it stands or in an alert that led to a case; or the quota was
 * broken by measurement, or chance drew the household, or it is a known case of nobody.
 */
async function mayBeNamed(db: Queryable, meteringPointId: number, needed: number): Promise<boolean> {
  if (needed === 0) return true;
  const [{ may }] = await db.query<{ may: boolean }[]>(
    `with evidence as (
       select e from score s, jsonb_array_elements(s.evidence) e where s.metering_point_id = $1
       union all
       select e from alert a, jsonb_array_elements(a.evidence) e where a.metering_point_id = $1)
     select count(distinct e ->> 'kind') filter (
         where e ->> 'kind' <> 'context' and (e ->> 'logOdds')::float8 >= ${SPEAKING_LOG_ODDS}) >= $2
       or coalesce(bool_or(e ->> 'kind' = 'measured_breach'), false)
       or exists (select from inspection_draw d join case_file c on c.id = d.case_id
                  where c.metering_point_id = $1 and d.purpose in ('visit', 'seeded')) as may
     from evidence`,
    [meteringPointId, needed],
  );
  return may;
}

async function isHousehold(db: Queryable, meteringPointId: number): Promise<boolean> {
  const found = await db.query<unknown[]>(
    `select 1 from metering_point where id = $1 and kind in ('household', 'seeded')`,
    [meteringPointId],
  );
  return found.length > 0;
}
