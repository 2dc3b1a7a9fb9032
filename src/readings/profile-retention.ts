import type { ClientBase } from 'pg';
import { dayFromIso, isoFromDay, nextMonthStart, type DayNumber } from '../grid/domain/calendar.js';
import { WRITER_LOCK } from './profile-months.js';

/** First days of the months that have a partition, oldest first. */
export async function profileMonths(client: ClientBase): Promise<DayNumber[]> {
  const { rows } = await client.query<{ month: string }>(
    `select replace(right(inhrelid::regclass::text, 7), '_', '-') || '-01' as month from pg_inherits
     where inhparent = 'load_profile'::regclass order by 1`,
  );
  return rows.map(({ month }) => dayFromIso(month)!);
}

/**
 * Drops a month's readings with their superseded days and what was derived of them alone; in the caller's transaction. By a
 * function of the database, because the service may own no table.
 */
export async function dropProfileMonth(client: ClientBase, month: DayNumber): Promise<void> {
  const [from, to] = [isoFromDay(month), isoFromDay(nextMonthStart(month))];
  await client.query(`select ${WRITER_LOCK}`);
  await client.query('select load_profile_drop_partition($1)', [from]);
  await client.query('delete from load_profile_history where day >= $1 and day < $2', [from, to]);
  await client.query('delete from load_profile_month where month = $1', [from]);
}
