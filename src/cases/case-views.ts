import type { ClientBase } from 'pg';
import { CaseRefusal } from './domain/refusal.js';
import type { Person, Viewer } from './viewer.js';

const MOST_VIEWS = 50;

export interface SavedView {
  readonly id: number;
  readonly name: string;
  readonly filter: Readonly<Record<string, string>>;
}

/** A key has none. */
export async function listViews(client: ClientBase, { personId }: Viewer): Promise<SavedView[]> {
  const { rows } = await client.query<SavedView>(
    `select id, name, filter from case_view where person_id = $1 order by name, id`,
    [personId],
  );
  return rows;
}

export async function saveView(
  client: ClientBase,
  { personId }: Person,
  { name, filter }: Omit<SavedView, 'id'>,
  now: Date,
): Promise<SavedView> {
  const { rows } = await client.query<SavedView & { others: number }>(
    `insert into case_view (person_id, name, filter, saved_at) values ($1, $2, $3, $4)
     on conflict on constraint case_view_name_key do update set filter = excluded.filter, saved_at = excluded.saved_at
     returning id, name, filter, (select count(*)::int from case_view where person_id = $1 and name <> $2) as others`,
    [personId, name, JSON.stringify(filter), now],
  );
  const [{ others, ...view }] = rows;
  if (others >= MOST_VIEWS) throw new CaseRefusal(`You have ${MOST_VIEWS} saved views: delete one first.`);
  return view;
}

/** Whether there was one. */
export async function deleteView(client: ClientBase, { personId }: Person, id: number): Promise<boolean> {
  const { rowCount } = await client.query(`delete from case_view where id = $1 and person_id = $2`, [
    id,
    personId,
  ]);
  return rowCount === 1;
}
