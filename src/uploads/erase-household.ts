import { Injectable } from '@nestjs/common';
import type { Client, ClientBase } from 'pg';
import { z } from 'zod';
import { ChangeKinds, type ChangeKind } from '../approvals/change-kinds.js';
import { proposeOrApply } from '../approvals/propose-or-apply.js';
import { systemActor } from '../audit/append-audit.js';
import { inAuditedTransaction, recordAtEnd } from '../audit/audited-transaction.js';
import { POINTS_ERASED } from '../audit/domain/forgotten.js';
import { sealRows } from '../audit/row-seals.js';
import { RefusedError, UsageError } from '../config/errors.js';
import { lineOfText } from '../config/input-values.js';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import { WRITER_LOCK } from '../readings/profile-months.js';

const Erasure = z.strictObject({
  utility: lineOfText(100).meta({ description: 'The code of its utility.' }),
  household: lineOfText(100).meta({ description: 'As the registry calls it.' }),
});
type Erasure = z.output<typeof Erasure>;

/** By ids: a proposal is kept, and must not say whose data there were. */
interface PointsErasure {
  readonly metering_points: readonly number[];
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
 * done and why, and verifying takes it for that.
 *
 * Received files hold other households' rows as well and stay until retention drops them; what a later upload brings is new.
 */
export const householdErasure: ChangeKind<Erasure, PointsErasure> = {
  kind: 'household.erase',
  proposers: ['supervisor', 'operator'],
  schema: Erasure,
  prepare: async (client, { utility, household }, { utilityId }) => {
    const points = await pointsOf(client, { utility, household, utilityId });
    if (points.length === 0)
      throw new UsageError(`There is no household ${JSON.stringify(household)} of ${utility}.`);
    const ids = points.map(({ id }) => id);
    await requireNoOpenAlert(client, ids);
    return {
      subject: `metering_point:${ids[0]}`,
      change: { metering_points: ids },
      summary: { utility, metering_points: points.map(({ name }) => name), erased: 'identity and readings' },
    };
  },
  apply: async (client, { metering_points: ids }, { proposalId, reason }) => {
    // A run under way would write what it has read of the household.
    await client.query(`select pg_advisory_xact_lock(${ADVISORY_LOCKS.scorer})`);
    await client.query(`select ${WRITER_LOCK}`);
    await requireSameHousehold(client, ids);
    await requireNoOpenAlert(client, ids);
    const rows = await erasePoints(client, ids);
    recordAtEnd(client, {
      actor: systemActor('erasure'),
      kind: POINTS_ERASED,
      subject: `metering_point:${ids[0]}`,
      // Not the household's name: an entry can't be erased.
      body: { metering_point_ids: ids, reason, rows, proposal: proposalId || null },
    });
    return { metering_points: ids, rows };
  },
};

export interface ErasureRequest extends Erasure {
  /** Who asks for it, as records name them. */
  readonly actor: string;
  readonly reason: string;
  readonly now: Date;
  /** Until when somebody has to agree. */
  readonly days: number;
}

export interface ErasureOutcome {
  /** Null: erased at once, since there is nobody who could agree. */
  readonly proposal: number | null;
  readonly meteringPointIds: readonly number[];
}

/**
 * Proposes to erase a household.
 * @throws UsageError there is no such household; RefusedError an alert of it is open
 */
export async function eraseHousehold(
  client: Client,
  { actor, reason, now, days, ...asked }: ErasureRequest,
): Promise<ErasureOutcome> {
  const by = { actor, personId: null, organisation: '' };
  return inAuditedTransaction(client, async () => {
    const prepared = await householdErasure.prepare(client, asked, { ...by, utilityId: null }, now);
    const { proposal } = await proposeOrApply(client, householdErasure, prepared, { by, reason, now, days });
    return { proposal, meteringPointIds: prepared.change.metering_points };
  });
}

async function pointsOf(
  client: ClientBase,
  { utility, household, utilityId }: Erasure & { readonly utilityId: number | null },
): Promise<{ id: number; name: string }[]> {
  const { rows } = await client.query<{ id: number; name: string }>(
    `select p.id, p.external_id as name from metering_point p join utility u on u.id = p.utility_id
     where u.code = $1 and p.household = $2 and p.kind = 'household' and ($3::int is null or u.id = $3) order by p.id`,
    [utility, household, utilityId],
  );
  return rows;
}

/** @throws RefusedError since the proposal a point has gone to another household, or come to this one */
async function requireSameHousehold(client: ClientBase, ids: readonly number[]): Promise<void> {
  await client.query('select from metering_point where id = any ($1) order by id for update', [ids]);
  const { rows } = await client.query<{ id: number }>(
    `select p.id from metering_point f join metering_point p
       on p.utility_id = f.utility_id and p.kind = f.kind and p.household = f.household
     where f.id = $1 order by p.id`,
    [ids[0]],
  );
  if (rows.map(({ id }) => id).join() !== ids.join())
    throw new RefusedError(`The household of metering point ${ids[0]} has changed since: propose it anew.`);
}

async function requireNoOpenAlert(client: ClientBase, ids: readonly number[]): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `select metering_point_id as id from alert where metering_point_id = any ($1) and state <> 'resolved' limit 1`,
    [ids],
  );
  if (rows.length > 0)
    throw new RefusedError(`An alert of metering point ${rows[0].id} is open: it is decided first.`);
}

/** Rows removed, by table; of tables where there were some. */
async function erasePoints(client: ClientBase, ids: readonly number[]): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  for (const table of TABLES) {
    const { rowCount } = await client.query(`delete from ${table} where metering_point_id = any ($1)`, [ids]);
    if (rowCount) removed[table] = rowCount;
  }
  await client.query(
    `update metering_point set household = null, declared_purpose = null, declared_load_kw = null where id = any ($1)`,
    [ids],
  );
  recordAtEnd(client, ...(await sealRows(client, { of: 'registry', ids, uploadId: null })));
  return removed;
}

/** Makes the kind of change known. */
@Injectable()
export class HouseholdErasure {
  constructor(kinds: ChangeKinds) {
    kinds.add(householdErasure);
  }
}
