import type { Client } from 'pg';
import type { Actor } from '../audit/append-audit.js';
import { inAuditedTransaction, recordAtEnd } from '../audit/audited-transaction.js';
import { sealRows } from '../audit/row-seals.js';
import { POINTS_ERASED } from '../audit/domain/forgotten.js';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import { RefusedError, UsageError } from '../config/errors.js';

/** Whose data are erased, by whom and why. */
export interface Erasure {
  /** The utility's code. */
  readonly utility: string;
  readonly household: string;
  readonly actor: Actor;
  readonly reason: string;
}

export interface Erased {
  readonly meteringPointIds: readonly number[];
  /** Rows removed, by table; of tables where there were some. */
  readonly rows: Readonly<Record<string, number>>;
}

/** What is known of a metering point's people and their use, table by table. */
const TABLES = [
  'household_identity',
  'disclosure',
  'load_profile',
  'load_profile_history',
  'load_profile_month',
  'register_reading',
  'register_reading_history',
  'meter_event',
  'score',
  'quota_judgement',
  'validation_finding',
  'scoring_correction',
  'scoring_mark',
];

/**
 * Erases a household: whose it is, every reading, and what was derived of them. The place stays in the registry under its id,
 * without the household; alerts and cases that are over stay as the record of what officials did. The log keeps that it was
 * done, by whom and why, and verifying takes it for that.
 *
 * Received files hold other households' rows as well and stay until retention drops them; what a later upload brings is new.
 * @throws UsageError there is no such household; RefusedError an alert of it is open.
 */
export async function eraseHousehold(
  client: Client,
  { utility, household, actor, reason }: Erasure,
): Promise<Erased> {
  return inAuditedTransaction(client, async () => {
    await client.query(`select pg_advisory_xact_lock(${ADVISORY_LOCKS.profileWriter})`);
    const found = await client.query<{ id: number; open: boolean }>(
      `select p.id, exists (select from alert a where a.metering_point_id = p.id and a.state <> 'resolved') as open
       from metering_point p join utility u on u.id = p.utility_id
       where u.code = $1 and p.household = $2 and p.kind = 'household' order by p.id for update of p`,
      [utility, household],
    );
    if (found.rows.length === 0)
      throw new UsageError(`There is no household ${JSON.stringify(household)} of ${utility}.`);
    if (found.rows.some(({ open }) => open))
      throw new RefusedError(
        `An alert of household ${JSON.stringify(household)} is open: it is decided first.`,
      );
    const meteringPointIds = found.rows.map(({ id }) => id);
    const rows: Record<string, number> = {};
    for (const table of TABLES) {
      const { rowCount } = await client.query(`delete from ${table} where metering_point_id = any ($1)`, [
        meteringPointIds,
      ]);
      if (rowCount) rows[table] = rowCount;
    }
    await client.query(
      `update metering_point set household = null, declared_purpose = null, declared_load_kw = null where id = any ($1)`,
      [meteringPointIds],
    );
    const ids = meteringPointIds;
    recordAtEnd(client, ...(await sealRows(client, { of: 'registry', ids, uploadId: null })));
    recordAtEnd(client, {
      actor,
      kind: POINTS_ERASED,
      subject: `metering_point:${meteringPointIds[0]}`,
      // Not the household's name: an entry can't be erased.
      body: { metering_point_ids: meteringPointIds, reason, rows },
    });
    return { meteringPointIds, rows };
  });
}
