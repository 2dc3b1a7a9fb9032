import type { ClientBase } from 'pg';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';

/**
 * Remembers, in tables of this session, the marks of changed readings before `asOf` that stand now (`scoring_mark_read`)
 * and the points they make worth scoring again (`scoring_target`): the marked ones and those whose household they share.
 * A mark is remembered with its row version: two batches of one upload may mark with the same time.
 */
export async function readMarks(client: ClientBase, asOf: DayNumber): Promise<void> {
  await client.query(
    `create temp table scoring_mark_read as
     select m.metering_point_id, m.last_day, m.xmin::text as version
     from scoring_mark m join metering_point p on p.id = m.metering_point_id and p.kind = 'household'
     where m.first_day < '${isoFromDay(asOf)}'`,
  );
  await client.query(
    `create temp table scoring_target as
     select metering_point_id as id from scoring_mark_read
     union
     select o.id from scoring_mark_read m join metering_point p on p.id = m.metering_point_id
     join metering_point o on o.utility_id = p.utility_id and o.household = p.household and o.kind = 'household'`,
  );
  await client.query('analyze scoring_mark_read, scoring_target');
}

/**
 * Takes back the marks that {@link readMarks} saw, once their points are scored. One that was written again meanwhile has
 * another row version and stays; of one that reaches past `asOf` the days still to come stay.
 */
export async function clearMarks(client: ClientBase, asOf: DayNumber): Promise<void> {
  const same = 'm.metering_point_id = r.metering_point_id and m.xmin::text = r.version';
  const end = `'${isoFromDay(asOf)}'::date`;
  await client.query(
    `update scoring_mark m set first_day = ${end} from scoring_mark_read r where ${same} and r.last_day >= ${end}`,
  );
  await client.query(
    `delete from scoring_mark m using scoring_mark_read r where ${same} and r.last_day < ${end}`,
  );
}
