import { createHash } from 'node:crypto';
import { ConflictException, ForbiddenException, NotFoundException } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { actorNamed } from '../audit/append-audit.js';
import { recordAtEnd } from '../audit/audited-transaction.js';
import { takeStep, type LockedCase } from './case-steps.js';
import { CaseRefusal } from './domain/refusal.js';
import { openForWork, openVisible, requireOwn, type SeenCase } from './open-for-work.js';
import type { Person } from './viewer.js';

/** Takes a dealt case up. Answers its version. */
export async function takeUp(client: ClientBase, person: Person, seen: SeenCase, now: Date): Promise<number> {
  const file = await openForWork(client, person, seen, now);
  requireOwn(person, file);
  return (await takeStep(client, file, 'taken_up', { by: person, now })).version;
}

/** Comments never conflict: they change nothing that a decision goes by. */
export async function comment(
  client: ClientBase,
  person: Person,
  caseId: number,
  words: string,
  now: Date,
): Promise<number> {
  await openVisible(client, person, caseId, now);
  const { rows } = await client.query<{ id: number }>(
    `insert into case_comment (case_id, at, actor, person_id, words) values ($1, $2, $3, $4, $5) returning id`,
    [caseId, now, person.actor, person.personId, words],
  );
  const [{ id }] = rows;
  recordAtEnd(client, {
    actor: actorNamed(person.actor, person.organisation || null),
    kind: 'case.commented',
    subject: `case:${caseId}`,
    body: {
      comment: id,
      words_sha256: createHash('sha256').update(words).digest('hex'),
      at: now.toISOString(),
    },
  });
  return id;
}

export interface TagChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

const MOST_TAGS = 20;

/** Tags say nothing of the household, so that a list of cases may be tagged at once, whatever version was seen. */
export async function tag(
  client: ClientBase,
  person: Person,
  caseId: number,
  { add, remove }: TagChange,
  now: Date,
): Promise<LockedCase> {
  const file = await openVisible(client, person, caseId, now);
  const kept = file.tags.filter((name) => !remove.includes(name));
  const tags = [...new Set([...kept, ...add])].sort();
  if (tags.length > MOST_TAGS)
    throw new CaseRefusal(`Case ${caseId} would have more than ${MOST_TAGS} tags.`);
  if (tags.join('\n') === [...file.tags].sort().join('\n')) return file;
  return takeStep(client, file, 'tagged', {
    by: person,
    now,
    before: { tags: file.tags },
    after: { tags },
    set: { tags },
  });
}

/** Gives a case to an inspector of one's choice; a dealing would have chosen by chance, so this is in the record. */
export async function assign(
  client: ClientBase,
  person: Person,
  seen: SeenCase,
  inspectorId: number,
  now: Date,
): Promise<LockedCase> {
  if (person.role !== 'supervisor') throw new ForbiddenException('Only a supervisor assigns cases.');
  const file = await openForWork(client, person, seen, now);
  const inspector = await requireInspector(client, inspectorId, person);
  if (file.inspectorId === inspectorId) throw new ConflictException(`Case ${file.id} is with them already.`);
  const isFree = file.state === 'new' || file.state === 'reopened';
  return takeStep(client, file, isFree ? 'dealt' : 'redealt', {
    by: person,
    now,
    before: { inspector: file.inspectorId },
    after: { inspector: inspectorId, chosen_by: person.personId },
    set: { inspector_id: inspectorId, organisation: inspector.organisation },
  });
}

async function requireInspector(
  client: ClientBase,
  id: number,
  { organisation }: Person,
): Promise<{ organisation: string }> {
  const { rows } = await client.query<{ organisation: string }>(
    `select organisation from person where id = $1 and role = 'inspector' and blocked_at is null`,
    [id],
  );
  if (rows.length === 0 || rows[0].organisation !== organisation)
    throw new NotFoundException(`Your organisation has no inspector ${id}.`);
  return rows[0];
}

/** Says that two cases have to do with each other; both must be the person's to see. */
export async function link(
  client: ClientBase,
  person: Person,
  [caseId, otherId]: readonly [number, number],
  words: string,
  now: Date,
): Promise<void> {
  const pair = await openBoth(client, person, [caseId, otherId], now);
  const { rowCount } = await client.query(
    `insert into case_link (case_id, other_id, at, actor, words) values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [pair[0].id, pair[1].id, now, person.actor, words],
  );
  if (rowCount === 0) throw new ConflictException(`The cases ${caseId} and ${otherId} are linked already.`);
  for (const [file, other] of [pair, [pair[1], pair[0]]] as const)
    await takeStep(client, file, 'linked', { by: person, now, after: { case: other.id, words } });
}

export async function unlink(
  client: ClientBase,
  person: Person,
  [caseId, otherId]: readonly [number, number],
  now: Date,
): Promise<void> {
  const pair = await openBoth(client, person, [caseId, otherId], now);
  const { rowCount } = await client.query(`delete from case_link where case_id = $1 and other_id = $2`, [
    pair[0].id,
    pair[1].id,
  ]);
  if (rowCount === 0) throw new NotFoundException(`The cases ${caseId} and ${otherId} are not linked.`);
  for (const [file, other] of [pair, [pair[1], pair[0]]] as const)
    await takeStep(client, file, 'unlinked', { by: person, now, before: { case: other.id } });
}

/** In the order of ids, as everybody locks cases. */
async function openBoth(
  client: ClientBase,
  person: Person,
  ids: readonly [number, number],
  now: Date,
): Promise<readonly [LockedCase, LockedCase]> {
  const [first, second] = [Math.min(...ids), Math.max(...ids)];
  if (first === second) throw new CaseRefusal('A case is not linked to itself.');
  return [await openVisible(client, person, first, now), await openVisible(client, person, second, now)];
}
