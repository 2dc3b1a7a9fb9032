import type { ClientBase } from 'pg';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';

/**
 * Remembers, in a table of this session, the marks of changed readings before `asOf` that stand now (`scoring_mark_read`), each with
 * its row version: two batches of one upload may mark with the same time.
 */
export async function readMarks(client: ClientBase, asOf: DayNumber): Promise<void> {
  await client.query(
    `create temp table scoring_mark_read as
     select metering_point_id, first_day, last_day, corrected_by, xmin::text as version from scoring_mark
     where first_day < '${isoFromDay(asOf)}'`,
  );
  await client.query('analyze scoring_mark_read');
}

/**
 * The points that the marks make worth scoring again, in a table of this session (`scoring_target`): the marked ones, those whose
 * household they share, and all under the transformers that any of these or a marked balance meter belong to, because a balance needs
 * all of them.
 */
export async function findTargets(client: ClientBase): Promise<void> {
  await client.query(
    `create temp table scoring_target as
     with marked as materialized (
       select p.id, p.kind, p.utility_id, p.household, p.transformer_id
       from scoring_mark_read m join metering_point p on p.id = m.metering_point_id
     ), related as materialized (
       select id, transformer_id from marked where kind = 'household'
       union
       select o.id, o.transformer_id from marked m
       join metering_point o on o.utility_id = m.utility_id and o.household = m.household
       where m.kind = 'household' and o.kind = 'household'
     ), transformer as materialized (
       select transformer_id from related where transformer_id is not null
       union
       select transformer_id from marked where kind = 'transformer' and transformer_id is not null
     )
     select id from related
     union
     select p.id from transformer t join metering_point p on p.transformer_id = t.transformer_id
     where p.kind = 'household'`,
  );
  await client.query('analyze scoring_target');
}

/** Keeps with the run which of its points' stored days an upload had replaced: their alerts say so when they change. */
export async function recordCorrections(client: ClientBase, runId: number): Promise<void> {
  await client.query(
    `insert into scoring_correction (run_id, metering_point_id, upload_id, first_day, last_day)
     select $1, metering_point_id, corrected_by, first_day, last_day from scoring_mark_read
     where corrected_by is not null`,
    [runId],
  );
}

/**
 * Takes back the marks that {@link readMarks} saw, once their points are scored. One that was written again meanwhile has
 * another row version and stays; of one that reaches past `asOf` the days still to come stay.
 */
export async function clearMarks(client: ClientBase, asOf: DayNumber): Promise<void> {
  const same = 'm.metering_point_id = r.metering_point_id and m.xmin::text = r.version';
  const end = `'${isoFromDay(asOf)}'::date`;
  await client.query(
    `update scoring_mark m set first_day = ${end}, corrected_by = null from scoring_mark_read r where ${same} and r.last_day >= ${end}`,
  );
  await client.query(
    `delete from scoring_mark m using scoring_mark_read r where ${same} and r.last_day < ${end}`,
  );
}
