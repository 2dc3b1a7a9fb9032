import { ForbiddenException, NotFoundException } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { actorNamed } from '../audit/append-audit.js';
import { recordAtEnd } from '../audit/audited-transaction.js';
import { takeStep, type LockedCase } from './case-steps.js';
import { noteAskedToVisit, seededCase } from './drawn.js';
import { CaseRefusal } from './domain/refusal.js';
import { checkBooking, checkReport, type VisitReport } from './domain/visit.js';
import { requireReviewer } from './decide.js';
import { LOOKING_STATES } from './domain/transitions.js';
import { openForWork, openVisible, requireOwn, type SeenCase } from './open-for-work.js';
import { unsealedDecision } from './seal-decisions.js';
import type { StoredPhotograph } from './photograph-store.js';
import type { Person } from './viewer.js';

/** Of one visit: a household's rooms are not a film. */
const MOST_PHOTOGRAPHS = 40;

/** Asks for a visit, of a first look by its inspector, of a second look by who takes it. Answers the case's version. */
export async function askForVisit(
  client: ClientBase,
  person: Person,
  seen: SeenCase,
  words: string,
  now: Date,
): Promise<number> {
  let file = await openForWork(client, person, seen, now);
  if (file.state === 'second_look') await requireReviewer(client, person, file);
  else requireOwn(person, file);
  if (file.state === 'dealt') file = await takeStep(client, file, 'taken_up', { by: person, now });
  const { version } = await takeStep(client, file, 'visit_asked', { by: person, now, after: { words } });
  await noteAskedToVisit(client, file.id, now);
  return version;
}

/** Books a visit, or books it for another time. */
export async function bookVisit(
  client: ClientBase,
  person: Person,
  seen: SeenCase,
  bookedFor: Date,
  now: Date,
): Promise<{ id: number; version: number }> {
  checkBooking(bookedFor, now);
  let file = await openForWork(client, person, seen, now);
  requireOwn(person, file);
  await refuseSeeded(client, file);
  if (file.state === 'dealt') file = await takeStep(client, file, 'taken_up', { by: person, now });
  if (file.state === 'first_look') file = await takeStep(client, file, 'visit_asked', { by: person, now });
  const open = await openVisit(client, file);
  const { rows } = await client.query<{ id: number }>(
    open === null
      ? `insert into case_visit (case_id, booked_for, booked_at, booked_by) values ($1, $2, $3, $4) returning id`
      : `update case_visit set booked_for = $2, booked_at = $3, booked_by = $4 where case_id = $1 and id = ${open.id}
         returning id`,
    [file.id, bookedFor, now, person.actor],
  );
  const { version } = await takeStep(client, file, 'visit_booked', {
    by: person,
    now,
    before: open === null ? {} : { visit: open.id, booked_for: open.bookedFor },
    after: { visit: rows[0].id, booked_for: bookedFor },
  });
  return { id: rows[0].id, version };
}

/** @throws CaseRefusal there is nobody to visit */
async function refuseSeeded(client: ClientBase, { id, state }: LockedCase): Promise<void> {
  if ((await seededCase(client, id)) === null) return;
  throw new CaseRefusal(
    state === 'needs_visit'
      ? `Case ${id} is a known one, put into the queue to measure how cases are looked at. That you would visit the place is ` +
          'noted; there is no household to visit. Decide it as you please: it does not count.'
      : 'Ask for the visit first.',
  );
}

/** Reports a visit that took place. Answers the case's version. */
export async function reportVisit(
  client: ClientBase,
  person: Person,
  { visitId, ...seen }: SeenCase & { readonly visitId: number },
  report: VisitReport & { readonly explanation: string | null },
  now: Date,
): Promise<number> {
  checkReport(report, now);
  const file = await openForWork(client, person, seen, now);
  requireOwn(person, file);
  const { rowCount } = await client.query(
    `update case_visit set done_at = $3, reported_at = $4, reported_by = $5, findings = $6, explanation = $7
     where id = $1 and case_id = $2 and done_at is null`,
    [visitId, file.id, report.doneAt, now, person.actor, report.findings, report.explanation],
  );
  if (rowCount === 0)
    throw new NotFoundException(`Case ${file.id} has no visit ${visitId} that waits for its report.`);
  const { version } = await takeStep(client, file, 'visit_done', {
    by: person,
    now,
    after: {
      visit: visitId,
      done_at: report.doneAt,
      findings: report.findings,
      explanation: report.explanation,
    },
  });
  return version;
}

/** Adds a stored photograph to a visit; the same one again changes nothing. */
export async function addPhotograph(
  client: ClientBase,
  person: Person,
  { caseId, visitId }: { readonly caseId: number; readonly visitId: number },
  photograph: StoredPhotograph,
  now: Date,
): Promise<void> {
  const file = await openVisible(client, person, caseId, now);
  requireOwn(person, file);
  if (
    !(LOOKING_STATES as readonly string[]).includes(file.state) ||
    (await unsealedDecision(client, caseId)) !== null
  )
    throw new CaseRefusal(`Case ${caseId} was decided: its visits hold what they held then.`);
  const { rows } = await client.query<{ photographs: number }>(
    `select (select count(*)::int from case_photograph where visit_id = v.id) as photographs
     from case_visit v where v.id = $1 and v.case_id = $2 for update`,
    [visitId, caseId],
  );
  if (rows.length === 0) throw new NotFoundException(`Case ${caseId} has no visit ${visitId}.`);
  if (rows[0].photographs >= MOST_PHOTOGRAPHS)
    throw new CaseRefusal(`A visit holds at most ${MOST_PHOTOGRAPHS} photographs.`);
  const { sha256, mediaType, bytes } = photograph;
  const { rowCount } = await client.query(
    `insert into case_photograph (visit_id, sha256, media_type, bytes, added_at, added_by)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [visitId, sha256, mediaType, bytes, now, person.actor],
  );
  if (rowCount === 0) return;
  recordAtEnd(client, {
    actor: actorNamed(person.actor, person.organisation || null),
    kind: 'case.photograph_added',
    subject: `case:${caseId}`,
    body: { visit: visitId, sha256, media_type: mediaType, bytes },
  });
}

/** @throws ForbiddenException, NotFoundException: before a body of megabytes is read */
export async function requireOwnVisit(
  client: ClientBase,
  person: Person,
  { caseId, visitId }: { readonly caseId: number; readonly visitId: number },
): Promise<void> {
  const { rows } = await client.query<{ inspectorId: number | null }>(
    `select c.inspector_id as "inspectorId" from case_visit v join case_file c on c.id = v.case_id
     where v.id = $1 and c.id = $2`,
    [visitId, caseId],
  );
  if (rows.length === 0 || rows[0].inspectorId !== person.personId)
    throw new NotFoundException(`There is no visit ${visitId} of a case ${caseId} of yours.`);
  if (person.role !== 'inspector') throw new ForbiddenException('Only the inspector adds photographs.');
}

async function openVisit(
  client: ClientBase,
  { id }: LockedCase,
): Promise<{ id: number; bookedFor: Date } | null> {
  const { rows } = await client.query<{ id: number; bookedFor: Date }>(
    `select id, booked_for as "bookedFor" from case_visit where case_id = $1 and done_at is null
     order by id desc limit 1`,
    [id],
  );
  return rows[0] ?? null;
}
