import { performance } from 'node:perf_hooks';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Client, ClientBase } from 'pg';
import { RefusedError } from '../config/errors.js';
import type { Database } from '../database/open-database.js';
import { dayAt, dayFromIso, type DayNumber } from '../grid/domain/calendar.js';
import type { Rulebook } from '../rulebook/domain/rule.js';
import { assess, DETECTION_VERSION } from './domain/assess.js';
import type { ScoreKind } from './domain/types.js';
import { sampleHeating, type HeatingMovements } from './heating-samples.js';
import { householdUse } from './household-use.js';
import { judgeMonths, monthSpans, monthUse, type MonthSpan } from './month-use.js';
import { samplePeerGroups, type PeerGroups } from './peer-samples.js';
import { HISTORY_DAYS, ProfileBlock, readProfiles, type ProfileWindow } from './profile-windows.js';
import { countPoints, nextPoints, type PointSelection, type RegistryPoint } from './registry-points.js';
import { beginRun, finishRun, prepareScoreWriter, writeScores, type ScoredPoint } from './score-writer.js';
import { clearMarks, readMarks } from './scoring-marks.js';
import { TerritorySurroundings } from './territory-surroundings.js';

/** Points read, scored and written at a time: 20 MB of windows a block, two blocks in flight. */
const BLOCK_POINTS = 500;
/** Points scored between two turns of the event loop, so that the next block's rows keep coming in meanwhile. */
const POINTS_PER_TURN = 16;

const SCORER_LOCK = `hashtext('gridwarden.scorer')`;

export interface ScoringOptions {
  readonly rulebook: Rulebook;
  /** The moment the run is said to start; also bounds the as-of day. */
  readonly now: Date;
  /**
   * Exclusive end of the readings that are looked at; default: what {@link defaultAsOf} finds. A run with a day of its own
   * is a look back: it takes no marks away, so that the next round scores what changed all the same.
   */
  readonly asOf?: DayNumber;
  /** Only metering points whose readings changed since they were last scored, and their households'. */
  readonly onlyMarked?: boolean;
  readonly onProgress?: (progress: ScoringProgress) => void;
  /** Stops the run between two blocks: it ends with the signal's reason, and the marks stay for the next one. */
  readonly signal?: AbortSignal;
}

export interface ScoringProgress {
  readonly done: number;
  readonly total: number;
}

export interface ScoringSummary {
  readonly runId: number;
  readonly asOf: DayNumber;
  /** Metering points scored; one without any reading in the window is passed over. */
  readonly points: number;
  readonly withoutReadings: number;
  /** Rows of scores and quota judgements that differed from what was stored. */
  readonly rowsWritten: number;
  readonly byKind: Readonly<Record<ScoreKind, number>>;
  readonly seconds: number;
}

/** What scoring needs of the database: fresh connections. */
export type Connectable = Pick<Database, 'connect'>;

/**
 * Scores household metering points: reads their profiles in blocks, judges months and load with pure code, and stores
 * what changed. Null when there is nothing to score.
 *
 * @throws RefusedError when another scoring run is under way on this database.
 */
export async function scorePoints(db: Connectable, options: ScoringOptions): Promise<ScoringSummary | null> {
  const started = performance.now();
  const [reader, writer] = await Promise.all([db.connect(), db.connect()]);
  try {
    await lockOutOtherScorers(writer);
    const asOf = options.asOf ?? (await defaultAsOf(reader, options.now));
    return asOf === null ? null : await new ScoringRun(reader, writer, options, asOf).run(started);
  } finally {
    await Promise.all([reader.end(), writer.end()]);
  }
}

/** What a score depends on besides the readings: code, settings and rules. Stored with each run. */
export function scoringVersion(rulebook: Rulebook): string {
  return `${DETECTION_VERSION} rulebook ${rulebook.version.slice(0, 12)}`;
}

/**
 * The day after the newest stored one, but not past today (in the easternmost territory): a single wrong date in the
 * future must not move every window. Null without readings.
 */
export async function defaultAsOf(client: ClientBase, now: Date): Promise<DayNumber | null> {
  const newest = await newestStoredDay(client);
  if (newest === null) return null;
  const { rows } = await client.query<{ minutes: number | null }>(
    'select max(standard_offset_minutes) as minutes from territory',
  );
  return Math.min(newest + 1, dayAt(now.getTime(), rows[0].minutes ?? 0));
}

/** Looks into the newest partitions only: their names end in the month, and none but the last need be read through. */
async function newestStoredDay(client: ClientBase): Promise<DayNumber | null> {
  const partitions = await client.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'load_profile'::regclass
     order by 1 desc`,
  );
  for (const { name } of partitions.rows) {
    const { rows } = await client.query<{ day: string | null }>(`select max(day)::text as day from ${name}`);
    if (rows[0].day !== null) return dayFromIso(rows[0].day);
  }
  return null;
}

/** Held by the writing session until it ends, so a killed scorer leaves nothing behind. */
async function lockOutOtherScorers(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_lock(${SCORER_LOCK}) as locked`,
  );
  if (!rows[0].locked)
    throw new RefusedError('Another scoring run is under way on this database; try again later.');
}

interface Block {
  readonly points: readonly RegistryPoint[];
  readonly profiles: ProfileBlock;
  readonly unitKwh: ReadonlyMap<number, ReadonlyMap<DayNumber, number>>;
}

/** One run's fixed surroundings and its counters. */
class ScoringRun {
  private readonly firstDay: DayNumber;
  private readonly selection: PointSelection;
  private readonly spans: readonly MonthSpan[];
  private surroundings: TerritorySurroundings;
  private peers: PeerGroups;
  private heating: HeatingMovements;
  private points = 0;
  private withoutReadings = 0;
  private rowsWritten = 0;
  private readonly byKind: Record<ScoreKind, number> = {
    none: 0,
    quota_forecast: 0,
    quota_exceeded: 0,
    mining_suspected: 0,
  };

  constructor(
    private readonly reader: Client,
    private readonly writer: Client,
    private readonly options: ScoringOptions,
    private readonly asOf: DayNumber,
  ) {
    this.firstDay = asOf - HISTORY_DAYS;
    this.selection = options.onlyMarked ? 'targets' : 'all';
    this.spans = monthSpans(this.firstDay, asOf);
  }

  async run(startedMs: number): Promise<ScoringSummary | null> {
    const { options, reader, writer, asOf } = this;
    // Before any profile is read: a mark that comes later must stand until the run after this one.
    await readMarks(reader, asOf);
    const total = await countPoints(reader, this.selection);
    if (total === 0) return null;
    const days = { from: this.firstDay, to: asOf };
    const settingsVersion = scoringVersion(options.rulebook);
    const runId = await beginRun(writer, { asOf, now: options.now, settingsVersion });
    this.surroundings = await TerritorySurroundings.load(reader, options.rulebook, days);
    this.peers = await samplePeerGroups(reader, this.surroundings, days);
    this.heating = await sampleHeating(reader, this.surroundings, days);
    await this.scoreBlocks(runId, total);
    if (options.asOf === undefined) await clearMarks(reader, asOf);
    const seconds = (performance.now() - startedMs) / 1000;
    const finishedAt = new Date(options.now.getTime() + seconds * 1000);
    await finishRun(writer, { id: runId, points: this.points, finishedAt });
    const { points, withoutReadings, rowsWritten, byKind } = this;
    return { runId, asOf, points, withoutReadings, rowsWritten, byKind, seconds };
  }

  /** Two blocks take turns: while one is scored and written, the other is read. */
  private async scoreBlocks(runId: number, total: number): Promise<void> {
    await prepareScoreWriter(this.writer);
    const capacity = Math.min(BLOCK_POINTS, total);
    const profiles = [0, 1].map(() => new ProfileBlock(capacity, this.firstDay, this.asOf));
    let done = 0;
    let block = await this.readBlock(profiles[0], 0);
    for (let turn = 1; block.points.length > 0; turn++) {
      this.options.signal?.throwIfAborted();
      const last = block.points[block.points.length - 1];
      const [, next] = await Promise.all([
        this.scoreBlock(runId, block),
        this.readBlock(profiles[turn % 2], last.id),
      ]);
      done += block.points.length;
      this.options.onProgress?.({ done, total });
      block = next;
    }
  }

  private async readBlock(profiles: ProfileBlock, afterId: number): Promise<Block> {
    const points = await nextPoints(this.reader, this.selection, afterId, profiles.capacity);
    await readProfiles(
      this.reader,
      profiles,
      points.map(({ id }) => id),
    );
    const sharing = points.filter(({ sharesHousehold }) => sharesHousehold).map(({ id }) => id);
    const from = this.spans[0]?.month ?? this.firstDay;
    const unitKwh = await householdUse(this.reader, sharing, { from, to: this.asOf });
    return { points, profiles, unitKwh };
  }

  private async scoreBlock(runId: number, { points, profiles, unitKwh }: Block): Promise<void> {
    const scored: ScoredPoint[] = [];
    for (let slot = 0; slot < points.length; slot++) {
      const window = profiles.windows[slot];
      if (window.intervalMinutes === 0) this.withoutReadings++;
      else scored.push(this.scorePoint(points[slot], window, unitKwh.get(points[slot].id) ?? null));
      if (slot % POINTS_PER_TURN === POINTS_PER_TURN - 1) await breathe();
    }
    this.points += scored.length;
    this.rowsWritten += await writeScores(this.writer, { id: runId, asOf: this.asOf }, scored);
  }

  private scorePoint(
    point: RegistryPoint,
    window: ProfileWindow,
    unitKwh: ReadonlyMap<DayNumber, number> | null,
  ): ScoredPoint {
    const months = monthUse(window, this.spans, unitKwh);
    const quotaIn = (month: DayNumber) => this.surroundings.legal(point.territoryCode, month).quota;
    const score = assess({
      window,
      facts: point,
      surroundings: {
        asOf: this.asOf,
        temperatureC: this.surroundings.temperatureC(point.territoryCode),
        heating: this.heating.of(point.territoryCode),
        peers: this.peers.of(point),
        legal: this.surroundings.legal(point.territoryCode, this.asOf - 1),
        months,
      },
    });
    this.byKind[score.kind]++;
    return {
      meteringPointId: point.id,
      score,
      judgements: judgeMonths(window, this.spans, months, quotaIn),
    };
  }
}
