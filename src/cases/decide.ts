import { ForbiddenException } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { takeStep, type LockedCase } from './case-steps.js';
import { CaseConflict } from './case-conflict.js';
import { checkOpinion, sealsAt, sealingStep, type Opinion } from './domain/decision.js';
import { seededCase } from './drawn.js';
import { mayLookAgain } from './domain/second-look.js';
import { openForWork, openVisible, requireOwn, type SeenCase } from './open-for-work.js';
import { reviewers } from './reviewers.js';
import { unsealedDecision } from './seal-decisions.js';
import type { Person } from './viewer.js';

export interface MadeDecision {
  readonly id: number;
  /** Of the case, now. */
  readonly version: number;
  readonly sealsAt: Date;
  /** What sealing will do. */
  readonly leadsTo: 'confirmed' | 'dismissed' | 'second_look';
}

/**
 * Takes down what somebody decided. Until it is sealed they may undo it, and nobody may change the case.
 * @throws ForbiddenException not theirs to decide; CaseRefusal; CaseConflict
 */
export async function decide(
  client: ClientBase,
  person: Person,
  seen: SeenCase,
  opinion: Opinion,
  now: Date,
): Promise<MadeDecision> {
  let file = await openForWork(client, person, seen, now);
  if (file.state === 'second_look') await requireReviewer(client, person, file);
  else requireOwn(person, file);
  checkOpinion(opinion, { ...file, awaitsVisit: await awaitsVisit(client, file) });
  const by = person;
  if (file.state === 'dealt') file = await takeStep(client, file, 'taken_up', { by, now });
  const seals = sealsAt(now);
  const { rows } = await client.query<{ id: number }>(
    `insert into case_decision (case_id, verdict, reason, words, made_by, organisation, made_at, made_in, seals_at, score)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`,
    [
      file.id,
      opinion.verdict,
      opinion.reason,
      opinion.words,
      person.personId,
      person.organisation,
      now,
      file.state,
      seals,
      file.score,
    ],
  );
  const [{ id }] = rows;
  const { version } = await takeStep(client, file, 'decision_made', {
    by,
    now,
    after: { decision: id, ...opinion, score: file.score },
  });
  const step = sealingStep(opinion.verdict, file);
  return { id, version, sealsAt: seals, leadsTo: step === 'referred' ? 'second_look' : step };
}

/** Takes one's own decision back before it is sealed; answers the case's version. @throws CaseConflict too late */
export async function undoDecision(
  client: ClientBase,
  person: Person,
  caseId: number,
  now: Date,
): Promise<number> {
  const file = await openVisible(client, person, caseId, now);
  const decision = await unsealedDecision(client, caseId);
  if (decision === null)
    throw new CaseConflict(`Case ${caseId} has no decision that can still be undone.`, []);
  if (decision.madeBy !== person.personId)
    throw new ForbiddenException('Only who made the decision can undo it.');
  await client.query(`update case_decision set undone_at = $2 where id = $1`, [decision.id, now]);
  const { version } = await takeStep(client, file, 'decision_undone', {
    by: person,
    now,
    before: { decision: decision.id, verdict: decision.verdict, reason: decision.reason },
  });
  return version;
}

/** @throws ForbiddenException for whoever may not take this second look */
export async function requireReviewer(client: ClientBase, person: Person, file: LockedCase): Promise<void> {
  const { rows } = await client.query<{ personId: number; organisation: string }>(
    `select made_by as "personId", organisation from case_decision
     where case_id = $1 and sealed_at is not null order by id desc limit 1`,
    [file.id],
  );
  const mayReview = person.role === 'supervisor' && mayLookAgain(person, rows[0], await reviewers(client));
  if (mayReview) return;
  throw new ForbiddenException(
    `Case ${file.id} is at its second look: a supervisor of another organisation than the first inspector’s decides.`,
  );
}

async function awaitsVisit(client: ClientBase, { id, state }: LockedCase): Promise<boolean> {
  if (state !== 'needs_visit' || (await seededCase(client, id)) !== null) return false;
  const { rows } = await client.query<{ done: boolean }>(
    `select done_at is not null as done from case_visit where case_id = $1 order by id desc limit 1`,
    [id],
  );
  return !(rows[0]?.done ?? false);
}
