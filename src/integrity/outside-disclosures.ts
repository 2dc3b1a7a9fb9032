import { NotFoundException } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { actorNamed } from '../audit/append-audit.js';
import { recordAtEnd } from '../audit/audited-transaction.js';
import type { Decider } from '../approvals/proposals.js';

export interface OutsideDisclosure {
  readonly meteringPointId: number;
  readonly caseId: number | null;
  /** Police, tax service, court … */
  readonly recipient: string;
  /** The article of law. */
  readonly legalBasis: string;
  /** Number and date of the request. */
  readonly request: string;
  readonly content: string;
}

/** Records what was handed to a body outside, and on what it rests; answers the record's id. @throws NotFoundException */
export async function recordOutside(
  client: ClientBase,
  by: Decider,
  { meteringPointId, caseId, recipient, legalBasis, request, content }: OutsideDisclosure,
  now: Date,
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into outside_disclosure (metering_point_id, case_id, at, actor, recipient, legal_basis, request, content)
     select p.id, $2::int, $3, $4, $5, $6, $7, $8 from metering_point p
     where p.id = $1 and p.kind = 'household'
       and ($2::int is null or exists (select from case_file c where c.id = $2 and c.metering_point_id = p.id))
     returning id`,
    [meteringPointId, caseId, now, by.actor, recipient, legalBasis, request, content],
  );
  if (rows.length === 0)
    throw new NotFoundException(
      caseId === null
        ? `There is no metering point ${meteringPointId}.`
        : `There is no case ${caseId} of metering point ${meteringPointId}.`,
    );
  recordAtEnd(client, {
    actor: actorNamed(by.actor, by.organisation || null),
    kind: 'disclosure.outside',
    subject: `metering_point:${meteringPointId}`,
    body: { disclosure: rows[0].id, case: caseId, recipient, legal_basis: legalBasis, request },
  });
  return rows[0].id;
}

export async function listOutside(client: ClientBase, meteringPointId: number) {
  const { rows } = await client.query<{
    id: number;
    case: number | null;
    at: Date;
    actor: string;
    recipient: string;
    legal_basis: string;
    request: string;
    content: string;
  }>(
    `select id, case_id as "case", at, actor, recipient, legal_basis, request, content from outside_disclosure
     where metering_point_id = $1 order by id desc`,
    [meteringPointId],
  );
  return rows;
}
