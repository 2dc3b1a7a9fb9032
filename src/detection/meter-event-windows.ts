import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import type { DayNumber } from '../grid/domain/calendar.js';
import type { MeterEvent } from './domain/types.js';
import { idsCondition, type Ids } from './ids.js';

/** Events of the meters of `ids` within the days, oldest first, in hours of the window they belong to. */
export async function readMeterEvents(
  client: ClientBase,
  ids: Ids,
  days: { readonly from: DayNumber; readonly to: DayNumber },
): Promise<Map<number, MeterEvent[]>> {
  const events = new Map<number, MeterEvent[]>();
  if (ids.length === 0) return events;
  const hour = `(extract(epoch from e.at) / 3600 + t.standard_offset_minutes / 60.0 - ${days.from * 24})::float8`;
  const query = `
    select * from (
      select e.metering_point_id, ${hour} as hour, e.kind from meter_event e
      join metering_point p on p.id = e.metering_point_id
      join territory t on t.code = p.territory_code
      where ${idsCondition(ids, 'e.metering_point_id')}) w
    where hour >= 0 and hour < ${(days.to - days.from) * 24} order by hour`;
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 3, (row) => {
    const event = { atHour: row.float8(1), kind: row.text(2) };
    const point = events.get(row.int4(0));
    if (point) point.push(event);
    else events.set(row.int4(0), [event]);
  });
  return events;
}
