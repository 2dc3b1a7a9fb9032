import type { ClientBase } from 'pg';
import type { Reviewer } from './domain/second-look.js';

/** Supervisors who can sign in. */
export async function reviewers(client: ClientBase): Promise<Reviewer[]> {
  const { rows } = await client.query<Reviewer>(
    `select p.id as "personId", p.organisation
     from person p
     where p.role = 'supervisor' and p.blocked_at is null`,
  );
  return rows;
}
