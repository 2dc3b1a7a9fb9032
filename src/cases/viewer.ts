import { ForbiddenException } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { personOf, type Caller } from '../access/caller.js';
import type { Role } from '../rights/domain/roles.js';
import type { Actor } from './case-steps.js';
import { IS_REAL } from './drawn.js';
import type { QueryParams } from './query-params.js';

/** Who looks at cases: the caller, and what decides which cases are theirs. */
export interface Viewer extends Actor {
  readonly role: Role;
  /** Of people nothing was said of: one organisation, without a name. */
  readonly organisation: string;
}

/** A viewer who is a person and not a key. */
export type Person = Viewer & { readonly personId: number };

export const NO_ORGANISATION = '';

export async function viewerOf(client: ClientBase, caller: Caller): Promise<Viewer> {
  const { role, actor } = caller;
  const personId = personOf(caller);
  const { rows } = await client.query<{ organisation: string }>(
    `select organisation from person where id = $1`,
    [personId],
  );
  return { role, actor, personId, organisation: rows[0]?.organisation ?? NO_ORGANISATION };
}

/** @throws ForbiddenException for a key: what is done to a case is done by somebody */
export async function personAtWork(client: ClientBase, caller: Caller): Promise<Person> {
  const viewer = await viewerOf(client, caller);
  if (viewer.personId === null)
    throw new ForbiddenException('A key works on no case: sign in, so that the record names a person.');
  return { ...viewer, personId: viewer.personId };
}

/**
 * Condition on `case_file c`. An inspector sees what was dealt to them; a supervisor what their organisation has, what
 * nobody has, and the second looks they may take; an auditor everything.
 */
export function visibleTo({ role, personId, organisation }: Viewer, params: QueryParams): string {
  // Known cases put into the queue are no cases to whoever counts them.
  if (role === 'auditor') return IS_REAL;
  if (role === 'inspector') return `c.inspector_id = ${params.add(personId)}::integer`;
  if (role !== 'supervisor') return 'false';
  const own = params.add(organisation);
  return `(c.organisation is null or c.organisation = ${own}
    or (c.state = 'second_look' and c.review_not_by is distinct from ${own}))`;
}
