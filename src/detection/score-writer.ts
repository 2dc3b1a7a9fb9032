import type { ClientBase } from 'pg';
import { copyIn } from '../database/copy-binary.js';
import { inTransaction } from '../database/transaction.js';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import type { PointScore } from './domain/types.js';
import type { QuotaJudgement } from './month-use.js';

export interface ScoredPoint {
  readonly meteringPointId: number;
  readonly score: PointScore;
  readonly judgements: readonly QuotaJudgement[];
}

const SCORE_COLUMNS = 'metering_point_id, run_id, as_of, score, case_worthy, kind, since, findings, evidence';
const JUDGEMENT_COLUMNS =
  'metering_point_id, month, counted_per, rule_id, limit_kwh, metered_kwh, unit_kwh, flat_kwh, ' +
  'intervals_present, intervals_expected, exceeded';

/** Makes the session's staging tables; {@link writeScores} needs them. */
export async function prepareScoreWriter(client: ClientBase): Promise<void> {
  await client.query('drop table if exists pg_temp.score_staging, pg_temp.quota_judgement_staging');
  await client.query('create temp table score_staging (like score)');
  await client.query('create temp table quota_judgement_staging (like quota_judgement)');
}

/**
 * Stores a block of scores and quota judgements in one transaction and answers how many rows were written. A row that
 * says what is stored already is left alone: no row version, no WAL. `run_id` names the run that last changed the row.
 */
export async function writeScores(
  client: ClientBase,
  run: { readonly id: number; readonly asOf: DayNumber },
  points: readonly ScoredPoint[],
): Promise<number> {
  if (points.length === 0) return 0;
  return inTransaction(client, async () => {
    await client.query('truncate pg_temp.score_staging, pg_temp.quota_judgement_staging');
    await stageScores(client, run, points);
    await stageJudgements(client, points);
    const scores = await client.query(UPSERT_SCORES);
    const judgements = await client.query(UPSERT_JUDGEMENTS);
    return (scores.rowCount ?? 0) + (judgements.rowCount ?? 0);
  });
}

const UPSERT_SCORES = `
  insert into score (${SCORE_COLUMNS})
  select ${SCORE_COLUMNS} from pg_temp.score_staging s
  where not exists (
    select from score o where o.metering_point_id = s.metering_point_id
      and (o.as_of, o.score, o.case_worthy, o.kind, o.since, o.findings, o.evidence)
          is not distinct from (s.as_of, s.score, s.case_worthy, s.kind, s.since, s.findings, s.evidence))
  on conflict (metering_point_id) do update set run_id = excluded.run_id, as_of = excluded.as_of,
    score = excluded.score, case_worthy = excluded.case_worthy, kind = excluded.kind, since = excluded.since,
    findings = excluded.findings, evidence = excluded.evidence`;

const UPSERT_JUDGEMENTS = `
  insert into quota_judgement (${JUDGEMENT_COLUMNS})
  select ${JUDGEMENT_COLUMNS} from pg_temp.quota_judgement_staging s
  where not exists (
    select from quota_judgement o where o.metering_point_id = s.metering_point_id and o.month = s.month
      and (o.counted_per, o.rule_id, o.limit_kwh, o.metered_kwh, o.unit_kwh, o.flat_kwh,
           o.intervals_present, o.intervals_expected, o.exceeded)
          is not distinct from (s.counted_per, s.rule_id, s.limit_kwh, s.metered_kwh, s.unit_kwh, s.flat_kwh,
           s.intervals_present, s.intervals_expected, s.exceeded))
  on conflict (metering_point_id, month) do update set counted_per = excluded.counted_per,
    rule_id = excluded.rule_id, limit_kwh = excluded.limit_kwh, metered_kwh = excluded.metered_kwh,
    unit_kwh = excluded.unit_kwh, flat_kwh = excluded.flat_kwh, intervals_present = excluded.intervals_present,
    intervals_expected = excluded.intervals_expected, exceeded = excluded.exceeded`;

async function stageScores(
  client: ClientBase,
  run: { readonly id: number; readonly asOf: DayNumber },
  points: readonly ScoredPoint[],
): Promise<void> {
  let next = 0;
  await copyIn(
    client,
    `copy pg_temp.score_staging (${SCORE_COLUMNS}) from stdin (format binary)`,
    (encoder) => {
      if (next === points.length) return false;
      const { meteringPointId, score } = points[next++];
      encoder.row(9);
      encoder.int4(meteringPointId);
      encoder.int4(run.id);
      encoder.date(run.asOf);
      encoder.float8(score.score);
      encoder.bool(score.caseWorthy);
      encoder.text(score.kind);
      if (score.since === null) encoder.null();
      else encoder.date(score.since);
      encoder.jsonb(score.findings);
      encoder.jsonb(score.evidence);
      return true;
    },
  );
}

async function stageJudgements(client: ClientBase, points: readonly ScoredPoint[]): Promise<void> {
  let next = 0;
  const sql = `copy pg_temp.quota_judgement_staging (${JUDGEMENT_COLUMNS}) from stdin (format binary)`;
  await copyIn(client, sql, (encoder) => {
    if (next === points.length) return false;
    const { meteringPointId, judgements } = points[next++];
    for (const judgement of judgements) {
      encoder.row(11);
      encoder.int4(meteringPointId);
      encoder.date(judgement.month);
      encoder.text(judgement.countedPer);
      encoder.text(judgement.ruleId);
      encoder.float8(judgement.limitKwh);
      encoder.float8(judgement.meteredKwh);
      encoder.float8(judgement.unitKwh);
      encoder.float8(judgement.flatKwh);
      encoder.int4(judgement.intervalsPresent);
      encoder.int4(judgement.intervalsExpected);
      encoder.bool(judgement.exceeded);
    }
    return true;
  });
}

/** Opens a run's row. */
export async function beginRun(
  client: ClientBase,
  run: { readonly asOf: DayNumber; readonly now: Date; readonly settingsVersion: string },
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into scoring_run (as_of, started_at, settings_version) values ($1, $2, $3) returning id`,
    [isoFromDay(run.asOf), run.now, run.settingsVersion],
  );
  return rows[0].id;
}

/** Closes it; a run without `finished_at` was interrupted, and its marks still stand. */
export async function finishRun(
  client: ClientBase,
  run: { readonly id: number; readonly points: number; readonly finishedAt: Date },
): Promise<void> {
  await client.query('update scoring_run set finished_at = $2, points = $3 where id = $1', [
    run.id,
    run.finishedAt,
    run.points,
  ]);
}
