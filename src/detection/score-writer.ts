import type { ClientBase } from 'pg';
import { ContentDigest } from '../database/content-digest.js';
import { copyIn, copyOut, type CopyEncoder } from '../database/copy-binary.js';
import { isoFromDay, monthStart, type DayNumber } from '../grid/domain/calendar.js';
import type { PointScore } from './domain/types.js';
import type { QuotaJudgement } from './month-use.js';
import { idsCondition, type Ids } from './ids.js';

export interface ScoredPoint {
  readonly meteringPointId: number;
  readonly score: PointScore;
  readonly judgements: readonly QuotaJudgement[];
}

/** What a scored point's rows say, as stored with its score: the score with the open month, and the closed months. */
interface Digests {
  readonly digest: number;
  readonly monthsDigest: number;
}

/** By metering point. */
export type StoredDigests = ReadonlyMap<number, Digests>;

/** A point some of whose rows would say something else than what is stored. */
interface DifferingPoint extends ScoredPoint, Digests {
  readonly differing: readonly QuotaJudgement[];
}

interface Run {
  /** Code, settings and rules: what turns findings into reasons. */
  readonly settingsVersion: string;
  readonly runId: number;
  readonly asOf: DayNumber;
  readonly isFirstRun: boolean;
}

const SCORE_COLUMNS =
  'metering_point_id, run_id, as_of, score, digest, months_digest, case_worthy, kind, since, findings, evidence';
const JUDGEMENT_COLUMNS =
  'metering_point_id, month, counted_per, rule_id, limit_kwh, metered_kwh, unit_kwh, flat_kwh, ' +
  'intervals_present, intervals_expected, exceeded';

/**
 * Makes the session's staging tables; {@link mergeScores} needs them. Everything written is derived from readings whose
 * marks are taken away last, by a commit that waits for the disk and so for all before it: a block's need not.
 */
export async function prepareScoreWriter(client: ClientBase): Promise<void> {
  await client.query('set synchronous_commit = off');
  await client.query('drop table if exists pg_temp.score_staging, pg_temp.quota_judgement_staging');
  await client.query('create temp table score_staging (like score) on commit delete rows');
  await client.query(
    'create temp table quota_judgement_staging (like quota_judgement) on commit delete rows',
  );
}

/** The digests of these points' stored scores; ids of either list ascend. */
export async function readStored(client: ClientBase, ...lists: readonly Ids[]): Promise<StoredDigests> {
  const stored = new Map<number, Digests>();
  for (const ids of lists) {
    if (ids.length === 0) continue;
    const query = `select metering_point_id, digest, months_digest from score where ${idsCondition(ids)}`;
    await copyOut(client, `copy (${query}) to stdout (format binary)`, 3, (row) => {
      stored.set(row.int4(0), { digest: row.int8(1), monthsDigest: row.int8(2) });
    });
  }
  return stored;
}

/**
 * Those whose rows differ from what is stored. A month's judgement is compared apart from those of months that are over:
 * these change with late readings and rules only, and a year of them need not be looked at every day.
 */
export function unlikeStored(
  points: readonly ScoredPoint[],
  { asOf, settingsVersion }: Pick<Run, 'asOf' | 'settingsVersion'>,
  stored: StoredDigests,
): DifferingPoint[] {
  const openMonth = monthStart(asOf);
  const differing: DifferingPoint[] = [];
  for (const point of points) {
    const before = stored.get(point.meteringPointId);
    const { score, judgements } = point;
    const last = judgements.at(-1);
    const open = last && last.month === openMonth ? [last] : [];
    const closed = open.length > 0 ? judgements.slice(0, -1) : judgements;
    const digest = new ContentDigest().text(settingsVersion).number(asOf);
    digestScore(score, digest);
    open.forEach((judgement) => digestJudgement(judgement, digest));
    const closedDigest = new ContentDigest();
    for (const judgement of closed) digestJudgement(judgement, closedDigest);
    const digests = { digest: digest.value(), monthsDigest: closedDigest.value() };
    const sameMonths = before?.monthsDigest === digests.monthsDigest;
    if (sameMonths && before.digest === digests.digest) continue;
    differing.push({ ...point, ...digests, differing: sameMonths ? open : judgements });
  }
  return differing;
}

/** Not of the JSON: making it costs several times as much, and most scores turn out to be stored as they are. */
function digestScore(score: PointScore, digest: ContentDigest): void {
  digest
    .number(score.score)
    .number(score.since ?? NaN)
    .boolean(score.caseWorthy)
    .boolean(score.explained)
    .text(score.kind);
  for (const { detector, since, observed } of score.findings)
    digest.text(detector).text(since).fields(observed);
  // Their sentences follow from these, from the registry and from the code, and are costly to make.
  for (const { detector, logOdds } of score.evidence) digest.text(detector).number(logOdds);
}

function digestJudgement(judgement: QuotaJudgement, digest: ContentDigest): void {
  digest
    .number(judgement.month)
    .text(judgement.countedPer)
    .text(judgement.ruleId)
    .number(judgement.limitKwh)
    .number(judgement.meteredKwh)
    .number(judgement.unitKwh)
    .number(judgement.flatKwh ?? NaN)
    .number(judgement.intervalsPresent)
    .number(judgement.intervalsExpected)
    .boolean(judgement.exceeded);
}

/**
 * Stores scores and quota judgements inside the caller's transaction and answers how many rows were written. A row that
 * says what is stored already is left alone: no row version, no WAL. `run_id` names the run that last changed the row.
 */
export async function mergeScores(
  client: ClientBase,
  run: Run,
  points: readonly DifferingPoint[],
): Promise<number> {
  if (points.length === 0) return 0;
  const judgements = points.reduce((sum, { differing }) => sum + differing.length, 0);
  const [scoreTable, judgementTable] = run.isFirstRun
    ? ['score', 'quota_judgement']
    : ['pg_temp.score_staging', 'pg_temp.quota_judgement_staging'];
  await copyScores(client, scoreTable, run, points);
  if (judgements > 0) await copyJudgements(client, judgementTable, points);
  if (run.isFirstRun) return points.length + judgements;
  const scores = await client.query(UPSERT_SCORES);
  const judged = judgements > 0 ? await client.query(UPSERT_JUDGEMENTS) : null;
  return (scores.rowCount ?? 0) + (judged?.rowCount ?? 0);
}

const UPSERT_SCORES = `
  insert into score (${SCORE_COLUMNS}) select ${SCORE_COLUMNS} from pg_temp.score_staging
  on conflict (metering_point_id) do update set run_id = excluded.run_id, as_of = excluded.as_of,
    score = excluded.score, digest = excluded.digest, months_digest = excluded.months_digest,
    case_worthy = excluded.case_worthy, kind = excluded.kind, since = excluded.since,
    findings = excluded.findings, evidence = excluded.evidence`;

const UPSERT_JUDGEMENTS = `
  insert into quota_judgement (${JUDGEMENT_COLUMNS})
  select ${JUDGEMENT_COLUMNS} from (
    select s.* from pg_temp.quota_judgement_staging s
    left join quota_judgement o on o.metering_point_id = s.metering_point_id and o.month = s.month
    where (o.counted_per, o.rule_id, o.limit_kwh, o.metered_kwh, o.unit_kwh, o.flat_kwh,
           o.intervals_present, o.intervals_expected, o.exceeded)
          is distinct from (s.counted_per, s.rule_id, s.limit_kwh, s.metered_kwh, s.unit_kwh, s.flat_kwh,
           s.intervals_present, s.intervals_expected, s.exceeded)) s
  on conflict (metering_point_id, month) do update set counted_per = excluded.counted_per,
    rule_id = excluded.rule_id, limit_kwh = excluded.limit_kwh, metered_kwh = excluded.metered_kwh,
    unit_kwh = excluded.unit_kwh, flat_kwh = excluded.flat_kwh, intervals_present = excluded.intervals_present,
    intervals_expected = excluded.intervals_expected, exceeded = excluded.exceeded`;

async function copyScores(
  client: ClientBase,
  table: string,
  run: Run,
  points: readonly DifferingPoint[],
): Promise<void> {
  let next = 0;
  await copyIn(client, `copy ${table} (${SCORE_COLUMNS}) from stdin (format binary)`, (encoder) => {
    if (next === points.length) return false;
    const { meteringPointId, score, digest, monthsDigest } = points[next++];
    encoder.row(11);
    encoder.int4(meteringPointId);
    encoder.int4(run.runId);
    encoder.date(run.asOf);
    encoder.float8(score.score);
    encoder.int8(digest);
    encoder.int8(monthsDigest);
    encoder.bool(score.caseWorthy);
    encoder.text(score.kind);
    if (score.since === null) encoder.null();
    else encoder.date(score.since);
    putReasons(encoder, score.explained, score.findings);
    putReasons(encoder, score.explained, score.evidence);
    return true;
  });
}

function putReasons(encoder: CopyEncoder, explained: boolean, reasons: readonly unknown[]): void {
  if (explained) encoder.jsonb(reasons);
  else encoder.null();
}

async function copyJudgements(
  client: ClientBase,
  table: string,
  points: readonly DifferingPoint[],
): Promise<void> {
  let next = 0;
  const sql = `copy ${table} (${JUDGEMENT_COLUMNS}) from stdin (format binary)`;
  await copyIn(client, sql, (encoder) => {
    if (next === points.length) return false;
    const { meteringPointId, differing } = points[next++];
    for (const judgement of differing) {
      encoder.row(11);
      encoder.int4(meteringPointId);
      encoder.date(judgement.month);
      encoder.text(judgement.countedPer);
      encoder.text(judgement.ruleId);
      encoder.float8(judgement.limitKwh);
      encoder.float8(judgement.meteredKwh);
      encoder.float8(judgement.unitKwh);
      if (judgement.flatKwh === null) encoder.null();
      else encoder.float8(judgement.flatKwh);
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
  run: {
    readonly asOf: DayNumber;
    readonly now: Date;
    readonly settingsVersion: string;
    readonly stored: { readonly first: DayNumber; readonly last: DayNumber };
  },
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into scoring_run (as_of, started_at, settings_version, first_stored_day, last_stored_day)
     values ($1, $2, $3, $4, $5) returning id`,
    [
      isoFromDay(run.asOf),
      run.now,
      run.settingsVersion,
      isoFromDay(run.stored.first),
      isoFromDay(run.stored.last),
    ],
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
