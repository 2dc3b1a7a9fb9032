import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, type Metric } from 'prom-client';
import { DATABASE } from '../database/database.module.js';
import { keptFor } from '../database/kept-for.js';
import type { Database } from '../database/open-database.js';
import type { ScoringSummary } from './score-points.js';

/** After an upload of everything every point is marked: counting them walks through the registry. */
const KEPT_MS = 15_000;
/** What a score may say; alerts have these kinds, and `none`. */
const KINDS = ['none', 'quota_exceeded', 'quota_forecast', 'mining_suspected', 'hidden_load'] as const;

/** Scoring: how far, how fast, with what result, and what waits for it. */
@Injectable()
export class DetectionMetrics {
  readonly runs = new Counter({
    name: 'gridwarden_scoring_runs_total',
    help: 'Scoring runs of this instance by result (done, idle = nothing to score, failed).',
    labelNames: ['result'],
    registers: [],
  });
  readonly points = new Counter({
    name: 'gridwarden_scored_points_total',
    help: 'Metering points scored by this instance, by what they are suspected of.',
    labelNames: ['kind'],
    registers: [],
  });
  readonly rowsWritten = new Counter({
    name: 'gridwarden_scoring_rows_written_total',
    help: 'Scores and quota judgements that differed from what was stored.',
    registers: [],
  });
  readonly duration = new Histogram({
    name: 'gridwarden_scoring_seconds',
    help: 'Duration of a scoring run.',
    buckets: [1, 5, 15, 60, 300, 900, 3600, 10_800],
    registers: [],
  });
  readonly lastSuccess = new Gauge({
    name: 'gridwarden_scoring_last_success_timestamp_seconds',
    help: 'When this instance last finished a scoring run.',
    registers: [],
  });
  readonly asOf = new Gauge({
    name: 'gridwarden_scoring_as_of_timestamp_seconds',
    help: 'Exclusive end of the readings that the last run of this instance looked at, as midnight UTC.',
    registers: [],
  });
  readonly marks: Gauge;
  readonly oldestMark: Gauge;
  readonly all: Metric[];

  constructor(@Inject(DATABASE) { dataSource }: Database) {
    const marked = keptFor(KEPT_MS, async () => {
      const [row]: { points: number; oldest: number }[] = await dataSource.query(
        `select count(*)::int as points, coalesce(extract(epoch from min(m.marked_at)), 0)::float8 as oldest
         from scoring_mark m join metering_point p on p.id = m.metering_point_id and p.kind = 'household'`,
      );
      return row;
    });
    this.marks = new Gauge({
      name: 'gridwarden_scoring_marked_points',
      help: 'Household metering points whose readings changed since they were last scored.',
      registers: [],
      async collect() {
        this.set((await marked()).points);
      },
    });
    this.oldestMark = new Gauge({
      name: 'gridwarden_scoring_oldest_mark_timestamp_seconds',
      help: 'Since when the longest waiting changed readings wait to be scored; 0: none wait.',
      registers: [],
      async collect() {
        this.set((await marked()).oldest);
      },
    });
    for (const result of ['done', 'idle', 'failed']) this.runs.inc({ result }, 0);
    for (const kind of KINDS) this.points.inc({ kind }, 0);
    this.all = [
      this.runs,
      this.points,
      this.rowsWritten,
      this.duration,
      this.lastSuccess,
      this.asOf,
      this.marks,
      this.oldestMark,
    ];
  }

  observeRun(summary: ScoringSummary | null, now: Date): void {
    this.runs.inc({ result: summary === null ? 'idle' : 'done' });
    this.lastSuccess.set(now.getTime() / 1000);
    if (summary === null) return;
    for (const [kind, points] of Object.entries(summary.byKind)) this.points.inc({ kind }, points);
    this.rowsWritten.inc(summary.rowsWritten);
    this.duration.observe(summary.seconds);
    this.asOf.set(summary.asOf * 86_400);
  }

  observeFailure(): void {
    this.runs.inc({ result: 'failed' });
  }
}
