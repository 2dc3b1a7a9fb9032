import { ForbiddenException, NotFoundException } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { CaseConflict } from './case-conflict.js';
import { stepsAfter, withoutOpinions } from './case-history.js';
import { lockCase, type LockedCase } from './case-steps.js';
import { LOOKING_STATES, type CaseState } from './domain/transitions.js';
import { QueryParams } from './query-params.js';
import { sealIfDue, unsealedDecision } from './seal-decisions.js';
import { visibleTo, type Person, type Viewer } from './viewer.js';

/** Which case, and which version of it they have in front of them. */
export interface SeenCase {
  readonly id: number;
  readonly version: number;
}

/**
 * The case, locked, for somebody who saw this version of it.
 * @throws NotFoundException it is none of theirs; CaseConflict it has changed meanwhile, or a decision is being sealed
 */
export async function openForWork(
  client: ClientBase,
  person: Person,
  { id, version }: SeenCase,
  now: Date,
): Promise<LockedCase> {
  const file = await openVisible(client, person, id, now);
  if (file.version !== version) {
    const changes = await stepsAfter(client, id, version);
    throw new CaseConflict(
      `Case ${id} has changed since you read it: you saw version ${version}, it is at ${file.version}. Read it again.`,
      hidesOpinions(person, file.state) ? withoutOpinions(changes) : changes,
    );
  }
  if ((await unsealedDecision(client, id)) !== null)
    throw new CaseConflict(
      `Case ${id} was decided a moment ago, and the decision is about to be sealed.`,
      [],
    );
  return file;
}

/**
 * The case, locked, whatever version somebody has seen. A decision that is due is sealed first: it may be what makes the
 * case theirs. @throws NotFoundException
 */
export async function openVisible(
  client: ClientBase,
  viewer: Viewer,
  id: number,
  now: Date,
): Promise<LockedCase> {
  const locked = await lockCase(client, id);
  const file = locked && (await sealIfDue(client, locked, now));
  if (file === null) throw new NotFoundException(`There is no case ${id} for you.`);
  await requireVisible(client, viewer, id);
  return file;
}

/** @throws NotFoundException it is none of theirs */
export async function requireVisible(client: ClientBase, viewer: Viewer, id: number): Promise<void> {
  const params = new QueryParams();
  const { rowCount } = await client.query(
    `select from case_file c where c.id = ${params.add(id)} and ${visibleTo(viewer, params)}`,
    params.values,
  );
  if (rowCount === 0) throw new NotFoundException(`There is no case ${id} for you.`);
}

/** Who looks second does not know what the first thought. */
export function hidesOpinions({ role }: Pick<Viewer, 'role'>, state: CaseState): boolean {
  return role === 'supervisor' && state === 'second_look';
}

/** @throws ForbiddenException when the case is not in this person's hands */
export function requireOwn(person: Person, file: LockedCase): void {
  const isLooking = (LOOKING_STATES as readonly CaseState[]).includes(file.state);
  if (person.role === 'inspector' && file.inspectorId === person.personId && isLooking) return;
  throw new ForbiddenException(
    `Case ${file.id} is ${file.state.replace('_', ' ')} and not in your hands: only the inspector it was dealt to works on it.`,
  );
}
