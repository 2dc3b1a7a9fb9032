import type { ClientBase } from 'pg';

/** Exclusive end of the readings that the newest run looked at, `YYYY-MM-DD`; null before the first. */
export async function newestRunDay(client: ClientBase): Promise<string | null> {
  const { rows } = await client.query<{ day: string }>(
    `select to_char(as_of, 'YYYY-MM-DD') as day from scoring_run where finished_at is not null order by id desc limit 1`,
  );
  return rows[0]?.day ?? null;
}

/**
 * SQL, of a row `s` of `score`: exclusive end of the readings it stands for. Where nothing is suspected the row is not written again
 * until the score moves, so that it stands for what the newest run ({@link newestRunDay}, a parameter) looked at; never for a day before
 * its own.
 */
export function scoreAsOf(newestRun: `$${number}`): string {
  return `case when s.kind = 'none' then greatest(s.as_of, ${newestRun}::date) else s.as_of end`;
}
