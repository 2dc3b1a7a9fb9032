import type { ClientBase } from 'pg';
import { dayFromIso, isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import { CHANNEL_CONSUMPTION } from '../readings/load-profile.repository.js';

/**
 * kWh by month of the whole household, for each of `ids` (points whose household owns several): sums of the days'
 * stored totals over all its metering points in `[from, to)`. A point alone in its household needs no query, its own
 * window says it.
 */
export async function householdUse(
  client: ClientBase,
  ids: readonly number[],
  days: { readonly from: DayNumber; readonly to: DayNumber },
): Promise<Map<number, Map<DayNumber, number>>> {
  const use = new Map<number, Map<DayNumber, number>>();
  if (ids.length === 0) return use;
  // By name: to plan it over the partitions takes longer than to run it, and every block asks.
  const { rows } = await client.query<{ id: number; month: string; kwh: number }>({
    name: 'household-use',
    text: `
      select p.id, to_char(date_trunc('month', l.day), 'YYYY-MM-DD') as month, (sum(l.total_wh) / 1000.0)::float8 as kwh
      from metering_point p
      join metering_point o on o.utility_id = p.utility_id and o.household = p.household and o.kind = 'household'
      join load_profile l on l.metering_point_id = o.id and l.channel = ${CHANNEL_CONSUMPTION}
        and l.day >= $2::date and l.day < $3::date
      where p.id = any ($1::integer[])
      group by 1, 2`,
    values: [ids, isoFromDay(days.from), isoFromDay(days.to)],
  });
  for (const { id, month, kwh } of rows) {
    const months = use.get(id) ?? new Map<DayNumber, number>();
    months.set(dayFromIso(month)!, kwh);
    use.set(id, months);
  }
  return use;
}
