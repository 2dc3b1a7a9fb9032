import { SingleBar } from 'cli-progress';
import { commandLineActor, recordExport } from '../audit/record-export.js';
import { RefusedError } from '../config/errors.js';
import type { Database } from '../database/open-database.js';
import { isoFromDay, type DayNumber } from '../grid/domain/calendar.js';
import { loadRulebook } from '../rulebook/rulebook-file.js';
import { putInForce } from '../rulebook/rulebook-change.js';
import { printScores, type ScoredKind, type ScoreFormat } from './score-output.js';
import { scorePoints, type ScoringProgress, type ScoringSummary } from './score-points.js';
import { scoringThreads } from './scoring-threads.js';

/** What follows a run: the alerts, which this module does not know of. */
export type AfterScoring = (db: Database, summary: ScoringSummary, now: Date) => Promise<unknown>;

interface Request {
  readonly rulebookFile: string;
  readonly asOf?: DayNumber;
  readonly of: ScoredKind;
  readonly format: ScoreFormat;
  readonly afterScoring: AfterScoring;
}

/** Progress and the summary go to stderr, the scores to stdout. */
export async function scoreAndPrint(
  database: Database,
  { rulebookFile, asOf, of, format, afterScoring }: Request,
): Promise<void> {
  const now = new Date();
  const rulebook = loadRulebook(rulebookFile);
  await putInForce(database, rulebook);
  const bar = new ScoringBar();
  let summary: ScoringSummary | null;
  try {
    summary = await scorePoints(database, {
      rulebook,
      now,
      asOf,
      threads: scoringThreads(),
      onProgress: (progress) => bar.show(progress),
    });
  } finally {
    bar.stop();
  }
  if (summary === null) {
    throw new RefusedError(
      'There is nothing to score: load a registry and readings first (gridwarden ingest).',
    );
  }
  await afterScoring(database, summary, now);
  process.stderr.write(`${describe(summary)}\n`);
  const details = { of, format, run_id: summary.runId };
  await recordExport(database, { by: commandLineActor(), what: 'scores', subject: 'scores', details });
  await printScores(database, { of, format }, process.stdout);
}

function describe({ points, withoutReadings, transformers, asOf, seconds, byKind }: ScoringSummary): string {
  const rate = Math.round(points / seconds);
  const silent = withoutReadings > 0 ? `, ${withoutReadings} without readings` : '';
  return (
    `${points} metering points scored as of ${isoFromDay(asOf)} in ${seconds.toFixed(1)} s (${rate} a second)${silent}: ` +
    `${byKind.mining_suspected} suspected of mining where it is banned, ${byKind.quota_exceeded} above the quota, ` +
    `${byKind.quota_forecast} on the way there` +
    (transformers > 0 ? `; ${byKind.hidden_load} of ${transformers} transformers with hidden load` : '')
  );
}

/** A bar on a terminal, nothing in a log. */
class ScoringBar {
  private bar: SingleBar | null = null;

  show({ done, total }: ScoringProgress): void {
    if (!process.stderr.isTTY) return;
    if (this.bar === null) {
      this.bar = new SingleBar({
        format: 'scoring [{bar}] {percentage}% | {value} of {total} points | {eta_formatted} left',
        stream: process.stderr,
        hideCursor: true,
      });
      this.bar.start(total, 0);
    }
    this.bar.update(done);
  }

  stop(): void {
    this.bar?.stop();
  }
}
