import { performance } from 'node:perf_hooks';
import type { Client, ClientBase } from 'pg';
import { RefusedError } from '../config/errors.js';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import type { Database } from '../database/open-database.js';
import type { DayNumber } from '../grid/domain/calendar.js';
import { keyMonths } from '../readings/profile-months.js';
import type { Rulebook } from '../rulebook/domain/rule.js';
import { BlockScorer, type ScoringCounts } from './block-scorer.js';
import { closedMonths, forgetMarkedMonths } from './closed-months.js';
import { DETECTION_VERSION } from './domain/assess.js';
import { caseScoreInForce, caseScoreMark, withCaseScore } from './case-threshold.js';
import { DEFAULT_SETTINGS } from './domain/settings.js';
import { historyWindow } from './history-window.js';
import { settingsWith, weightsMark } from './learning/domain/weight-set.js';
import { weightsInForce } from './learning/weight-sets.js';
import { beginRun, finishRun } from './score-writer.js';
import { readContext } from './scoring-context.js';
import { clearMarks, findTargets, readMarks, recordCorrections } from './scoring-marks.js';
import { blockCount, planScoring, takeBlock, type ScoringPlan } from './scoring-plan.js';
import { BlockThreads, type BlockThreadWork } from './scoring-threads.js';
import { partTimer, type TimedPart } from '../telemetry/tracing.js';
import { asOfToday, storedDays, type StoredDays } from './stored-days.js';

export interface ScoringOptions {
  readonly rulebook: Rulebook;
  /** The moment the run is said to start; also bounds the as-of day. */
  readonly now: Date;
  /**
   * Exclusive end of the readings that are looked at; default: the day after the newest, see `defaultAsOf`. A run with a
   * day of its own is a look back: it takes no marks away, so that the next round scores what changed all the same.
   */
  readonly asOf?: DayNumber;
  /** Only metering points whose readings changed since they were last scored, and those related to them. */
  readonly onlyMarked?: boolean;
  /** Threads that score beside this one, each with two connections; 0 or 1 (default): this thread does it itself. */
  readonly threads?: number;
  readonly onProgress?: (progress: ScoringProgress) => void;
  /** Stops the run between two blocks: it ends with the signal's reason, and the marks stay for the next one. */
  readonly signal?: AbortSignal;
}

export interface ScoringProgress {
  readonly done: number;
  readonly total: number;
}

/** `points` are household metering points scored; one without any reading in the window is passed over. */
export interface ScoringSummary extends Readonly<ScoringCounts> {
  readonly runId: number;
  readonly asOf: DayNumber;
  readonly seconds: number;
  /** What the time went into, in order. */
  readonly stages: readonly TimedPart[];
}

/** What scoring needs of the database: fresh connections, and where threads get theirs. */
export type Connectable = Pick<Database, 'connect' | 'url'>;

/**
 * Scores household metering points and balances transformers: reads their profiles in blocks, judges months and load with
 * pure code, and stores what changed. Null when there is nothing to score.
 *
 * @throws RefusedError when another scoring run is under way on this database.
 */
export async function scorePoints(db: Connectable, options: ScoringOptions): Promise<ScoringSummary | null> {
  const started = performance.now();
  const client = await db.connect();
  try {
    await lockOutOtherScorers(client);
    // A month that is being loaded may have none, and every block would search all of it.
    await keyMonths(client);
    const stored = await storedDays(client);
    return stored === null ? null : await run(db, client, { options, stored, started });
  } finally {
    await client.end();
  }
}

/** What a score depends on besides the readings: code, settings, weights and rules. Stored with each run. */
export function scoringVersion(rulebook: Rulebook, weightsVersion: string, caseScore: number): string {
  return `${DETECTION_VERSION} ${weightsMark(weightsVersion)} rulebook ${rulebook.version.slice(0, 12)}${caseScoreMark(caseScore)}`;
}

/** Held by the session until it ends, so a killed scorer leaves nothing behind. */
async function lockOutOtherScorers(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_lock(${ADVISORY_LOCKS.scorer}) as locked`,
  );
  if (!rows[0].locked)
    throw new RefusedError('Another scoring run is under way on this database; try again later.');
}

interface Beginning {
  readonly options: ScoringOptions;
  readonly stored: StoredDays;
  readonly started: number;
}

async function run(
  db: Connectable,
  client: Client,
  { options, stored, started }: Beginning,
): Promise<ScoringSummary | null> {
  const { rulebook, now, onlyMarked } = options;
  const stages = partTimer();
  const asOf = options.asOf ?? (await asOfToday(client, stored, now));
  // Before any profile is read: a mark that comes later must stand until the run after this one.
  await readMarks(client, asOf);
  const window = historyWindow(stored, asOf);
  await forgetMarkedMonths(client, closedMonths(window.firstDay, asOf, window.isWholeHistory));
  if (onlyMarked) await findTargets(client);
  const plan = await planScoring(client, onlyMarked ? 'targets' : 'all');
  stages.end('scoring.plan');
  if (plan.ids.length === 0) {
    // Marks that lead to no household (a transformer that feeds none) would come up for ever.
    if (options.asOf === undefined) await clearMarks(client, asOf);
    return null;
  }
  const weights = await weightsInForce(client, now);
  const caseScore = await caseScoreInForce(client);
  const settings = withCaseScore(settingsWith(DEFAULT_SETTINGS, weights), caseScore);
  const settingsVersion = scoringVersion(rulebook, weights.version, caseScore);
  const runId = await beginRun(client, { asOf, now, settingsVersion, stored });
  const isLookBack = options.asOf !== undefined;
  const frame = { runId, settingsVersion, rulebook, settings, asOf, isLookBack, ...window };
  const counts = await withThreads(db, { plan, threads: options.threads ?? 0 }, async (threads) => {
    const context = await readContext(client, frame, onlyMarked ? plan : null);
    stages.end('scoring.context');
    return scoreBlocks(db, { context, plan, threads }, options);
  });
  stages.end('scoring.blocks');
  if (options.asOf === undefined) {
    await recordCorrections(client, runId);
    await clearMarks(client, asOf);
  }
  const seconds = (performance.now() - started) / 1000;
  const finishedAt = new Date(now.getTime() + seconds * 1000);
  await finishRun(client, { id: runId, points: counts.points, finishedAt });
  stages.end('scoring.finish');
  return { runId, asOf, ...counts, seconds, stages: stages.parts };
}

/** Threads load their code and connect while the context is read; `work` is given null where this thread is to do it all. */
async function withThreads<T>(
  db: Connectable,
  { plan, threads }: { plan: ScoringPlan; threads: number },
  work: (threads: BlockThreads | null) => Promise<T>,
): Promise<T> {
  if (threads <= 1) return work(null);
  const started = new BlockThreads(db.url, Math.min(threads, blockCount(plan)));
  try {
    return await work(started);
  } finally {
    await started.close();
  }
}

interface Blocks extends BlockThreadWork {
  readonly threads: BlockThreads | null;
}

async function scoreBlocks(
  db: Connectable,
  { context, plan, threads }: Blocks,
  { onProgress, signal }: ScoringOptions,
): Promise<ScoringCounts> {
  const total = plan.ids.length;
  let done = 0;
  const onBlock = (points: number) => onProgress?.({ done: (done += points), total });
  if (threads !== null) return threads.score({ context, plan }, { onBlock, signal });
  const [reader, writer] = await Promise.all([db.connect(), db.connect()]);
  try {
    const take = () => {
      signal?.throwIfAborted();
      return takeBlock(plan);
    };
    return await new BlockScorer(reader, writer, context).work(take, onBlock);
  } finally {
    await Promise.all([reader.end(), writer.end()]);
  }
}
