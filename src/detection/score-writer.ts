import type { ClientBase } from 'pg';
import { ContentDigest } from '../database/content-digest.js';
import { copyIn, copyOut, type CopyEncoder } from '../database/copy-binary.js';
import { SPEAKING_LOG_ODDS } from '../grid/domain/speaking-evidence.js';
import { isoFromDay, monthStart, type DayNumber } from '../grid/domain/calendar.js';
import { logOdds } from '../readings/domain/numeric.js';
import type { StoredEvidence } from './domain/evidence.js';
import type { Evidence, PointScore } from './domain/types.js';
import type { QuotaJudgement } from './month-use.js';
import { amongPoints, idsCondition, type Ids } from './ids.js';
import { digestJudgement, mergeJudgements, type JudgedPoint, type JudgingRun } from './judgement-writer.js';

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
export interface DifferingPoint extends ScoredPoint, Digests, JudgedPoint {}

export interface ScoreWriterRun extends JudgingRun {
  /** Code, settings and rules: what turns findings into reasons. */
  readonly settingsVersion: string;
  readonly runId: number;
  /** First of the months that are judged. */
  readonly firstMonth: DayNumber;
  /** To a day of its own: every row is to be of that day. */
  readonly isLookBack: boolean;
  /** Metering points with an alert that is not resolved: it counts the days that were looked at. */
  readonly alerted: ReadonlySet<number>;
}

const SCORE_COLUMNS =
  'metering_point_id, run_id, as_of, score, digest, months_digest, case_worthy, kind, since, findings, evidence';

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
 * these change with late readings and rules only, and a year of them need not be looked at every day. Where nothing is
 * suspected nor nearly so, and no alert waits for its end, a score stands until it moves by a step: else every point's row would be
 * written anew every day to say that it is another day.
 */
export function unlikeStored(
  points: readonly ScoredPoint[],
  { asOf, settingsVersion, firstMonth, alerted, isLookBack }: ScoreWriterRun,
  stored: StoredDigests,
): DifferingPoint[] {
  const openMonth = monthStart(asOf);
  const differing: DifferingPoint[] = [];
  for (const point of points) {
    const { meteringPointId, score, judgements } = point;
    const before = stored.get(meteringPointId);
    const last = judgements.at(-1);
    const open = last && last.month === openMonth ? [last] : [];
    const closed = open.length > 0 ? judgements.slice(0, -1) : judgements;
    const isCurrent =
      isLookBack || score.kind !== 'none' || score.score >= CURRENT_FROM || alerted.has(meteringPointId);
    const digest = new ContentDigest();
    if (score.explained) digest.text(settingsVersion);
    if (isCurrent) digestScore(score, digest.number(asOf));
    else digestStanding(score, digest);
    open.forEach((judgement) => digestJudgement(judgement, digest));
    const closedDigest = new ContentDigest();
    for (const judgement of closed) digestJudgement(judgement, closedDigest);
    // What a look back leaves of later months the next run sees to.
    const digests = { digest: digest.value(), monthsDigest: isLookBack ? 0 : closedDigest.value() };
    const sameMonths = before?.monthsDigest === digests.monthsDigest;
    if (sameMonths && before.digest === digests.digest) continue;
    const months = sameMonths ? { from: openMonth, judged: open } : { from: firstMonth, judged: judgements };
    differing.push({ ...point, ...digests, months });
  }
  return differing;
}

/** From this probability on, a threshold or a question who may be named asks what the load looks like today. */
const CURRENT_FROM = 0.1;

/** Of a score that stands until it moves: its half unit of log-odds, and what speaks for mining. */
function digestStanding({ score, explained, evidence }: PointScore, digest: ContentDigest): void {
  digest.number(Math.floor(logOdds(score) * 2)).boolean(explained);
  const speaking = evidence
    .filter((item) => item.logOdds >= SPEAKING_LOG_ODDS)
    .map(({ detector }) => detector);
  for (const detector of speaking.sort()) digest.text(detector);
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

/**
 * Stores scores and quota judgements inside the caller's transaction and answers how many rows were written or removed. A row that
 * says what is stored already is left alone: no row version, no WAL. `run_id` names the run that last changed the row. A row
 * that says something else is taken away and copied in: to stage it first would pack its reasons twice.
 */
export async function mergeScores(
  client: ClientBase,
  run: ScoreWriterRun,
  points: readonly DifferingPoint[],
): Promise<number> {
  if (points.length === 0) return 0;
  if (!run.isFirstRun) await client.query(`delete from score where ${amongPoints(points)}`);
  await copyScores(client, run, points);
  return points.length + (await mergeJudgements(client, run, points));
}

async function copyScores(
  client: ClientBase,
  run: ScoreWriterRun,
  points: readonly DifferingPoint[],
): Promise<void> {
  let next = 0;
  await copyIn(client, `copy score (${SCORE_COLUMNS}) from stdin (format binary)`, (encoder) => {
    if (next === points.length) return false;
    const { meteringPointId, score, digest, monthsDigest } = points[next++];
    const isSaid = score.kind !== 'none' || run.alerted.has(meteringPointId);
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
    putReasons(encoder, score.explained, isSaid ? score.evidence : unsaid(score.evidence));
    return true;
  });
}

/** Where nothing is suspected hardly anybody reads the reasons: words that follow from the findings are left out. */
function unsaid(evidence: readonly Evidence[]): readonly StoredEvidence[] {
  return evidence.map((item) =>
    item.kind === 'context' ? item : { detector: item.detector, kind: item.kind, logOdds: item.logOdds },
  );
}

function putReasons(encoder: CopyEncoder, explained: boolean, reasons: readonly unknown[]): void {
  if (explained) encoder.jsonb(reasons);
  else encoder.null();
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
