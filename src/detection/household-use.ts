import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
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
  const query = `
    select p.id, date_trunc('month', l.day)::date, (sum(l.total_wh) / 1000.0)::float8
    from metering_point p
    join metering_point o on o.utility_id = p.utility_id and o.household = p.household and o.kind = 'household'
    join load_profile l on l.metering_point_id = o.id and l.channel = ${CHANNEL_CONSUMPTION}
      and l.day >= '${isoFromDay(days.from)}' and l.day < '${isoFromDay(days.to)}'
    where p.id = any('{${ids.join(',')}}'::integer[])
    group by 1, 2`;
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 3, (row) => {
    const id = row.int4(0);
    const months = use.get(id) ?? new Map<DayNumber, number>();
    months.set(row.date(1), row.float8(2));
    use.set(id, months);
  });
  return use;
}
