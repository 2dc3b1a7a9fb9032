import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { lockCase, takeStep, type LockedCase } from './case-steps.js';
import { inCaseTransaction, onConnection } from './case-transaction.js';
import { sealingStep, type DecisionReason, type Verdict } from './domain/decision.js';
import { seededCase } from './drawn.js';
import { readGrounds } from './grounds.js';
import { recordOutcome } from './record-outcome.js';
import { reviewers } from './reviewers.js';

export interface UnsealedDecision {
  readonly id: number;
  readonly caseId: number;
  readonly verdict: Verdict;
  readonly reason: DecisionReason;
  readonly words: string;
  readonly madeBy: number;
  readonly organisation: string;
  readonly madeAt: Date;
  readonly sealsAt: Date;
  readonly score: number;
}

const MOST_AT_ONCE = 500;

/** Null when nothing waits to be sealed. */
export async function unsealedDecision(client: ClientBase, caseId: number): Promise<UnsealedDecision | null> {
  const { rows } = await client.query<UnsealedDecision>(
    `select id, case_id as "caseId", verdict, reason, words, made_by as "madeBy", organisation, made_at as "madeAt",
       seals_at as "sealsAt", score
     from case_decision where case_id = $1 and sealed_at is null and undone_at is null`,
    [caseId],
  );
  return rows[0] ?? null;
}

/**
 * Seals every decision whose time to be undone is over; answers how many. Any number of processes may. One that can't be
 * sealed keeps no other from it; it is told at the end.
 */
export async function sealDueDecisions(dataSource: DataSource, now: Date): Promise<number> {
  const due = await onConnection(dataSource, async (client) => {
    const { rows } = await client.query<{ id: number }>(
      `select case_id as id from case_decision
       where sealed_at is null and undone_at is null and seals_at <= $1 order by seals_at limit ${MOST_AT_ONCE}`,
      [now],
    );
    return rows.map(({ id }) => id);
  });
  let sealed = 0;
  const failures: unknown[] = [];
  for (const id of due) {
    try {
      if (await sealOne(dataSource, id, now)) sealed++;
    } catch (error) {
      failures.push(
        new Error(`The decision of case ${id} was not sealed: ${String(error)}`, { cause: error }),
      );
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} of ${due.length} decisions were not sealed.`);
  return sealed;
}

/** Whether there was something to seal still. */
function sealOne(dataSource: DataSource, caseId: number, now: Date): Promise<boolean> {
  return inCaseTransaction(dataSource, async (client) => {
    const file = await lockCase(client, caseId);
    if (file === null) return false;
    return (await sealIfDue(client, file, now)).version !== file.version;
  });
}

/** Seals the case's decision if it is due. Without one no lock is taken: whoever reads does not wait for a scoring round. */
export async function sealDueOf(dataSource: DataSource, caseId: number, now: Date): Promise<void> {
  const decision = await onConnection(dataSource, (client) => unsealedDecision(client, caseId));
  if (decision === null || decision.sealsAt.getTime() > now.getTime()) return;
  await inCaseTransaction(dataSource, async (client) => {
    const file = await lockCase(client, caseId);
    if (file !== null) await sealIfDue(client, file, now);
  });
}

/** The locked case as it stands once a decision that is due has been sealed. */
export async function sealIfDue(client: ClientBase, file: LockedCase, now: Date): Promise<LockedCase> {
  const decision = await unsealedDecision(client, file.id);
  if (decision === null || decision.sealsAt.getTime() > now.getTime()) return file;
  const seeded = await seededCase(client, file.id);
  const due = sealingStep(decision.verdict, { state: file.state, score: decision.score });
  // Nobody is spared or accused by a known case: one opinion is what it is there for.
  const step = seeded !== null && due === 'referred' ? 'dismissed' : due;
  await client.query(`update case_decision set sealed_at = $2 where id = $1`, [decision.id, now]);
  const sealed = await takeStep(client, file, step, {
    by: {
      actor: `person ${decision.madeBy}`,
      personId: decision.madeBy,
      organisation: decision.organisation,
    },
    now,
    before: { kinds: file.firingKinds },
    after: {
      decision: decision.id,
      verdict: decision.verdict,
      reason: decision.reason,
      words: decision.words,
    },
    set: {
      ...(step === 'referred' ? { review_not_by: await notReviewedBy(client, decision) } : {}),
      ...(step === 'dismissed' ? { dismissed_on: await currentGrounds(client, file) } : {}),
    },
  });
  if (step !== 'referred' && seeded === null) await recordOutcome(client, sealed, step, decision.madeAt, now);
  return sealed;
}

/** The organisation whose supervisors may not look second, where another one has any. */
async function notReviewedBy(
  client: ClientBase,
  { organisation }: Pick<UnsealedDecision, 'organisation'>,
): Promise<string | null> {
  const all = await reviewers(client);
  return all.some((other) => other.organisation !== organisation) ? organisation : null;
}

async function currentGrounds(client: ClientBase, file: LockedCase) {
  const [{ current, firing }] = await readGrounds(client, [file.meteringPointId]);
  // Nothing fires any more: what it was dismissed at is the last that was seen.
  return firing.length > 0 ? current : { ...current, score: file.score };
}
