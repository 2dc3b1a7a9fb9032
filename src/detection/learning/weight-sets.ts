import type { ClientBase } from 'pg';
import { appendAudit, systemActor, type Actor, type AuditEntry } from '../../audit/append-audit.js';
import { recordAtEnd } from '../../audit/audited-transaction.js';
import { RefusedError } from '../../config/errors.js';
import { inTransaction } from '../../database/transaction.js';
import {
  DEFAULT_LEARNING,
  learnWeights,
  type LearnedWeights,
  type LearningReport,
} from './domain/learn-weights.js';
import {
  forThisRelease,
  STARTING_SET,
  STARTING_VERSION,
  versionOf,
  type VersionedWeights,
  type WeightSet,
  type WeightTable,
} from './domain/weight-set.js';
import { countHouseholds, readDecisions } from './inspection-outcomes.js';

export type WeightSetStatus = 'shadow' | 'active' | 'retired';

export interface StoredWeightSet extends VersionedWeights {
  readonly parent: string | null;
  /** `release`: the table of a release; `fitted`: learnt from decisions. */
  readonly origin: 'release' | 'fitted';
  readonly status: WeightSetStatus;
  readonly createdAt: Date;
  readonly settings: Readonly<Record<string, number>>;
  /** Null of a release's table. */
  readonly report: LearningReport | null;
  readonly activatedAt: Date | null;
  readonly activatedBy: string | null;
}

interface SetEvent {
  readonly version: string;
  readonly event: 'created' | 'shadow_run' | 'activated' | 'retired';
  readonly at: Date;
  readonly actor: Actor;
  readonly reason: string;
  readonly details?: object;
}

/** Writers of weight sets take turns. */
const WEIGHTS_LOCK = `hashtext('gridwarden.weights')`;

const COLUMNS = `version, parent, origin, status, created_at as "createdAt", weights, prior_shift as "priorShift",
  settings, nullif(report, '{}') as report, activated_at as "activatedAt", activated_by as "activatedBy"`;

/** The adopted set as this release understands it; null while none has been adopted and the starting weights rule. */
export async function activeWeights(client: ClientBase): Promise<VersionedWeights | null> {
  const { rows } = await client.query<{ weights: WeightTable; priorShift: number }>(
    `select weights, prior_shift as "priorShift" from weight_set where status = 'active'`,
  );
  if (rows.length === 0) return null;
  const set = forThisRelease(rows[0]);
  return { ...set, version: versionOf(set) };
}

/**
 * The weights to score with. They are remembered under their version, so that evidence made by them can be taken apart
 * after a release has changed its table.
 */
export async function weightsInForce(client: ClientBase, now: Date): Promise<VersionedWeights> {
  const set = (await activeWeights(client)) ?? { ...STARTING_SET, version: STARTING_VERSION };
  await remember(client, set, now);
  return set;
}

async function remember(client: ClientBase, set: VersionedWeights, now: Date): Promise<void> {
  await client.query(
    `insert into weight_set (version, origin, status, created_at, weights, prior_shift, settings, fitted_on, report)
     values ($1, 'release', 'retired', $2, $3, $4, '{}', '{}', '{}') on conflict (version) do nothing`,
    [set.version, now, JSON.stringify(set.weights), set.priorShift],
  );
}

/** Every set that evidence may have been made by, as it was. */
export async function knownSets(client: ClientBase): Promise<Map<string, WeightSet>> {
  const { rows } = await client.query<{ version: string } & WeightSet>(
    `select version, weights, prior_shift as "priorShift" from weight_set`,
  );
  const sets = new Map<string, WeightSet>([[STARTING_VERSION, STARTING_SET]]);
  for (const { version, weights, priorShift } of rows) sets.set(version, { weights, priorShift });
  return sets;
}

/**
 * Fits weights to all decisions and keeps them as a set in shadow: it ranks nothing before it has been adopted. The same
 * decisions give the same version, which is kept once.
 */
export async function fitWeightSet(
  client: ClientBase,
  now: Date,
): Promise<LearnedWeights & { readonly isNew: boolean }> {
  return inTransaction(client, async () => {
    await client.query(`select pg_advisory_xact_lock(${WEIGHTS_LOCK})`);
    const parent = await weightsInForce(client, now);
    const learned = learnWeights({
      decisions: await readDecisions(client),
      households: await countHouseholds(client),
      sets: await knownSets(client),
    });
    const { set, report } = learned;
    const { decisions, confirmed, dismissed, targeted, audited } = report;
    const inserted = await client.query(
      `insert into weight_set (version, parent, origin, status, created_at, weights, prior_shift, settings,
         fitted_on, report)
       values ($1, $2, 'fitted', 'shadow', $3, $4, $5, $6, $7, $8) on conflict (version) do nothing`,
      [
        set.version,
        parent.version,
        now,
        JSON.stringify(set.weights),
        set.priorShift,
        JSON.stringify(DEFAULT_LEARNING),
        JSON.stringify({ decisions, confirmed, dismissed, targeted, audited }),
        JSON.stringify(report),
      ],
    );
    const isNew = inserted.rowCount === 1;
    if (isNew) {
      const reason = `fitted to ${decisions} decisions`;
      await note(client, [
        { version: set.version, event: 'created', at: now, actor: systemActor('fit'), reason },
      ]);
    }
    return { ...learned, isNew };
  });
}

export async function listWeightSets(client: ClientBase): Promise<StoredWeightSet[]> {
  const { rows } = await client.query<StoredWeightSet>(
    `select ${COLUMNS} from weight_set order by created_at desc, version`,
  );
  return rows;
}

/** @param version whole, or as many first digits as tell it apart. @throws RefusedError none or several. */
export async function findWeightSet(client: ClientBase, version: string): Promise<StoredWeightSet> {
  const { rows } = await client.query<StoredWeightSet>(
    `select ${COLUMNS} from weight_set where starts_with(version, $1) order by version limit 2`,
    [version.toLowerCase()],
  );
  if (rows.length === 1) return rows[0];
  const found = rows.length === 0 ? 'There is no weight set' : 'Several weight sets begin with';
  throw new RefusedError(`${found} ${version}; gridwarden weights list shows them.`);
}

/** Notes that a set was run in shadow, with what it would change: without it no set can be adopted. */
export async function noteShadowRun(
  client: ClientBase,
  run: { readonly version: string; readonly at: Date; readonly summary: object },
): Promise<void> {
  const { version, at, summary } = run;
  const reason = 'differences listed';
  await inTransaction(client, () =>
    note(client, [
      { version, event: 'shadow_run', at, actor: systemActor('shadow'), reason, details: summary },
    ]),
  );
}

/**
 * Puts a set in force from the next scoring run on, in the caller's audited transaction; the one before is retired.
 *
 * @throws RefusedError the set was never run in shadow, or is in force already.
 */
export async function adoptWeightSet(
  client: ClientBase,
  adoption: { readonly version: string; readonly by: string; readonly reason: string; readonly now: Date },
): Promise<StoredWeightSet> {
  const { by, reason, now } = adoption;
  await client.query(`select pg_advisory_xact_lock(${WEIGHTS_LOCK})`);
  const actor: Actor = { kind: 'person', id: by, organisation: null };
  const set = await findWeightSet(client, adoption.version);
  const { version } = set;
  if (set.status === 'active') throw new RefusedError(`The weight set ${version} is in force already.`);
  await requireShadowRun(client, set);
  const retired = await client.query<{ version: string }>(
    `update weight_set set status = 'retired' where status = 'active' returning version`,
  );
  await client.query(
    `update weight_set set status = 'active', activated_at = $2, activated_by = $3 where version = $1`,
    [version, now, by],
  );
  const said = { at: now, actor, reason };
  const before = retired.rows.map((row) => ({ version: row.version, event: 'retired' as const, ...said }));
  recordAtEnd(client, ...(await keepEvents(client, [...before, { version, event: 'activated', ...said }])));
  return findWeightSet(client, version);
}

/** @throws RefusedError nobody has seen what the set changes */
export async function requireShadowRun(
  client: ClientBase,
  { version }: Pick<StoredWeightSet, 'version'>,
): Promise<void> {
  const { rowCount } = await client.query(
    `select from weight_set_event where version = $1 and event = 'shadow_run' limit 1`,
    [version],
  );
  if (rowCount !== 0) return;
  throw new RefusedError(
    `The weight set ${version} was never run in shadow: see first what it changes, with gridwarden weights shadow ${version}.`,
  );
}

/** Last in its transaction, as whatever goes into the audit log is. */
async function note(client: ClientBase, events: readonly SetEvent[]): Promise<void> {
  await appendAudit(client, await keepEvents(client, events));
}

/** Answers what the audit log is to say of them. */
async function keepEvents(client: ClientBase, events: readonly SetEvent[]): Promise<AuditEntry[]> {
  for (const { version, event, at, actor, reason, details } of events) {
    await client.query(
      `insert into weight_set_event (version, at, actor, event, reason, details) values ($1, $2, $3, $4, $5, $6)`,
      [version, at, actor.id, event, reason, JSON.stringify(details ?? {})],
    );
  }
  return events.map(({ version, event, at, actor, reason, details }) => ({
    actor,
    kind: `weights.${event}`,
    subject: `weights:${version}`,
    body: { reason, at: at.toISOString(), details: details ?? {} },
  }));
}
