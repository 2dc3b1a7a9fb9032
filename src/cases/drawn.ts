import type { ClientBase } from 'pg';
import type { WeighedEvidence } from '../detection/learning/domain/reweigh.js';

/*
 * Cases that chance made (`inspection_draw`): looked at again blind, known and put into the queue, or households drawn at
 * random. Whoever works on one is not to know; only what must not happen to it is asked here.
 */

/** A known case among the others: it has a point of its own kind, behind which no household is. */
export interface SeededCase {
  readonly sourceCaseId: number;
  /** Whose readings are shown, and up to which day (inclusive). */
  readonly sourcePointId: number;
  readonly shownTo: string;
}

/** Null for every other case. */
export async function seededCase(client: ClientBase, caseId: number): Promise<SeededCase | null> {
  const { rows } = await client.query<SeededCase>(
    `select d.of_case_id as "sourceCaseId", s.metering_point_id as "sourcePointId",
       to_char(d.shown_to, 'YYYY-MM-DD') as "shownTo"
     from inspection_draw d join case_file s on s.id = d.of_case_id
     where d.case_id = $1 and d.purpose = 'seeded'`,
    [caseId],
  );
  return rows[0] ?? null;
}

/** Condition on `case_file c`: it is no known case that was put into the queue. */
export const IS_REAL = `not exists (select from inspection_draw d where d.case_id = c.id and d.purpose = 'seeded')`;

/** Wanting to see the place is an answer too: the cautious one. */
export async function noteAskedToVisit(client: ClientBase, caseId: number, now: Date): Promise<void> {
  await client.query(
    `update inspection_draw set asked_to_visit_at = coalesce(asked_to_visit_at, $2)
     where case_id = $1 and purpose = 'seeded'`,
    [caseId, now],
  );
}

/** Who must not be dealt a drawn case, by case: who has looked at what it was made of, with the organisation they acted for. */
export async function formerOf(
  client: ClientBase,
  caseIds: readonly number[],
): Promise<Map<number, { readonly people: number[]; readonly organisations: string[] }>> {
  const { rows } = await client.query<{ id: number; people: number[]; organisations: string[] }>(
    `select d.case_id as id, array_agg(distinct p.id) as people, array_agg(distinct p.organisation) as organisations
     from inspection_draw d
     join lateral (
       select (s.new_value ->> 'inspector')::int as person_id from case_step s
       where s.case_id = d.of_case_id and s.step in ('dealt', 'redealt')
       union
       select made_by from case_decision where case_id = d.of_case_id) f on true
     join person p on p.id = f.person_id
     where d.case_id = any ($1) and d.of_case_id is not null group by 1`,
    [caseIds],
  );
  return new Map(rows.map(({ id, ...former }) => [id, former]));
}

/** A household drawn at random: with what probability, and what was known of it then. */
export interface DrawnVisit {
  readonly probability: number;
  readonly score: number;
  readonly evidence: readonly WeighedEvidence[] | null;
  readonly settingsVersion: string;
}

export async function drawnVisit(client: ClientBase, caseId: number): Promise<DrawnVisit | null> {
  const { rows } = await client.query<DrawnVisit>(
    `select probability, (known ->> 'score')::float8 as score, nullif(known -> 'evidence', 'null') as evidence,
       known ->> 'settings_version' as "settingsVersion"
     from inspection_draw where case_id = $1 and purpose = 'visit'`,
    [caseId],
  );
  return rows[0] ?? null;
}
