import type { ClientBase } from 'pg';
import type { Reviewer } from './domain/second-look.js';
import { NO_ORGANISATION } from './viewer.js';

/** Supervisors who can sign in. */
export async function reviewers(client: ClientBase): Promise<Reviewer[]> {
  const { rows } = await client.query<Reviewer>(
    `select p.id as "personId", coalesce(w.organisation, '${NO_ORGANISATION}') as organisation
     from person p left join case_worker w on w.person_id = p.id
     where p.role = 'supervisor' and p.blocked_at is null`,
  );
  return rows;
}
