import { ConflictException, ForbiddenException, NotFoundException } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { actorNamed } from '../audit/append-audit.js';
import { recordAtEnd } from '../audit/audited-transaction.js';
import type { Decider } from '../approvals/proposals.js';

export interface ComplaintRow {
  readonly id: number;
  readonly case: number;
  readonly received_at: Date;
  readonly words: string;
  readonly recorded_at: Date;
  readonly upheld: boolean | null;
  readonly answer: string | null;
  readonly answered_at: Date | null;
}

/** Takes a household's complaint about a case down; answers its id. @throws NotFoundException */
export async function recordComplaint(
  client: ClientBase,
  by: Decider,
  complaint: { readonly caseId: number; readonly receivedAt: Date; readonly words: string },
  now: Date,
): Promise<number> {
  const { caseId, receivedAt, words } = complaint;
  const { rows } = await client.query<{ id: number }>(
    `insert into complaint (case_id, received_at, words, recorded_at, recorded_by)
     select id, $2, $3, $4, $5 from case_file where id = $1 returning id`,
    [caseId, receivedAt, words, now, by.actor],
  );
  if (rows.length === 0) throw new NotFoundException(`There is no case ${caseId}.`);
  recordAtEnd(client, {
    actor: actorNamed(by.actor, by.organisation || null),
    kind: 'complaint.recorded',
    subject: `case:${caseId}`,
    body: { complaint: rows[0].id, received_at: receivedAt.toISOString(), words_sha256: sha256(words) },
  });
  return rows[0].id;
}

/**
 * Upholds a complaint or not. Nobody answers one about what they decided themselves.
 * @throws NotFoundException, ConflictException, ForbiddenException
 */
export async function answerComplaint(
  client: ClientBase,
  by: Decider,
  { id, upheld, answer }: { readonly id: number; readonly upheld: boolean; readonly answer: string },
  now: Date,
): Promise<void> {
  const { rows } = await client.query<{ caseId: number; answered: boolean; own: boolean }>(
    `select case_id as "caseId", answered_at is not null as answered, exists (
       select from case_step s where s.case_id = m.case_id and s.person_id = $2) as own
     from complaint m where id = $1 for update`,
    [id, by.personId],
  );
  if (rows.length === 0) throw new NotFoundException(`There is no complaint ${id}.`);
  const [{ caseId, answered, own }] = rows;
  if (answered) throw new ConflictException(`Complaint ${id} was answered already.`);
  if (own)
    throw new ForbiddenException('Somebody who did not work on the case answers a complaint about it.');
  await client.query(
    `update complaint set upheld = $2, answer = $3, answered_at = $4, answered_by = $5 where id = $1`,
    [id, upheld, answer, now, by.actor],
  );
  recordAtEnd(client, {
    actor: actorNamed(by.actor, by.organisation || null),
    kind: 'complaint.answered',
    subject: `case:${caseId}`,
    body: { complaint: id, upheld, answer_sha256: sha256(answer) },
  });
}

/** Newest first. */
export async function listComplaints(client: ClientBase, openOnly: boolean): Promise<ComplaintRow[]> {
  const { rows } = await client.query<ComplaintRow>(
    `select id, case_id as "case", received_at, words, recorded_at, upheld, answer, answered_at
     from complaint where not $1 or upheld is null order by id desc limit 500`,
    [openOnly],
  );
  return rows;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
