import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ClientBase } from 'pg';
import { RefusedError } from '../../config/errors.js';
import type { Database } from '../../database/open-database.js';
import { dayFromIso, type DayNumber } from '../../grid/domain/calendar.js';
import type { Rulebook } from '../../rulebook/domain/rule.js';
import { ingestFile, type IngestConfig, type IngestRequest } from '../../uploads/ingest-file.js';
import { scorePoints, type ScoringSummary } from '../score-points.js';
import { baselineScores } from './domain/baselines.js';
import { replayReport, type ReplayReport } from './domain/detection-delay.js';
import {
  evaluationReport,
  halfOf,
  isMetered,
  type EvaluationReport,
  type Half,
  type JudgedPoint,
} from './domain/evaluation-report.js';
import { rankingFigures, type RankingFigures } from './domain/ranking-figures.js';
import { transformerReport, type TransformerReport } from './domain/transformer-report.js';
import { oldestDay, readBaselineFeatures } from './read-baselines.js';
import { readTransformers } from './read-transformers.js';
import { localHour, readTruth, type Truth } from './truth-file.js';

export interface Evaluation extends EvaluationReport {
  readonly scoring: ScoringSummary;
  /** Null where no balance meter has readings. */
  readonly transformers: TransformerReport | null;
  /** Null unless asked for. */
  readonly split: Split | null;
  readonly replay: ReplayReport | null;
}

/** Metered points by half of the households, now and as of an earlier day. */
export interface Split {
  readonly earlier: DayNumber;
  readonly halves: readonly {
    readonly half: Half;
    readonly asOf: DayNumber;
    readonly figures: RankingFigures;
    readonly recall: number;
    readonly falseAlarmRate: number;
  }[];
}

export interface EvaluationOptions {
  readonly region: LabelledRegion;
  readonly rulebook: Rulebook;
  readonly say: (step: string) => void;
  /** Look back every so many days, to tell how many days pass until a miner is found. */
  readonly replayStepDays?: number;
  readonly split?: boolean;
}

/** A region's files, in the order they go in: the registry first, or every reading would be held. */
const FILES: readonly {
  readonly kind: IngestRequest['kind'];
  readonly names: readonly string[];
  readonly needed: boolean;
}[] = [
  { kind: 'registry', names: ['registry.csv'], needed: true },
  { kind: 'weather', names: ['weather.csv'], needed: false },
  {
    kind: 'readings',
    names: ['readings.csv', 'readings.csv.gz', 'readings_wide.csv', 'readings_wide.csv.gz'],
    needed: true,
  },
  {
    kind: 'transformer-readings',
    names: ['transformer_readings.csv', 'transformer_readings.csv.gz'],
    needed: false,
  },
];

/** Readings needed before the first look back says anything, days. */
const LEAST_DAYS = 14;

/** A region folder found whole: what is to be loaded, and the truth. */
export interface LabelledRegion {
  readonly truths: readonly Truth[];
  readonly files: readonly Pick<IngestRequest, 'kind' | 'path'>[];
}

/** @throws RefusedError when the folder lacks a file, or the truth can't be read. */
export async function openRegion(folder: string): Promise<LabelledRegion> {
  const truths = await readTruth(path.join(folder, 'truth.csv'));
  const files = FILES.flatMap(({ kind, names, needed }) => {
    const name = names.find((each) => existsSync(path.join(folder, each)));
    if (name === undefined && needed) throw new RefusedError(`There is no ${names[0]} in ${folder}.`);
    return name === undefined ? [] : [{ kind, path: path.join(folder, name) }];
  });
  return { truths, files };
}

/**
 * Loads a labelled region into an empty database, scores it as any region is scored, and holds the scores against the
 * truth. Flagged is what is worthy of a case; a metering point without a score (no readings) ranks last.
 *
 * @throws RefusedError when a file can't be loaded.
 */
export async function evaluateRegion(
  database: Database,
  config: IngestConfig,
  options: EvaluationOptions,
): Promise<Evaluation> {
  const { region, say } = options;
  for (const file of region.files) {
    say(`loading ${path.basename(file.path)}`);
    await load(database, config, { ...file, utility: 'evaluation', zone: null });
  }
  const client = await database.connect();
  try {
    return await new RegionEvaluation(database, client, options).run();
  } finally {
    await client.end();
  }
}

async function load(database: Database, config: IngestConfig, request: IngestRequest): Promise<void> {
  const { receipt } = await ingestFile(database, config, request);
  if (receipt.status !== 'loaded') {
    throw new RefusedError(`${request.path} could not be loaded: ${receipt.refusal ?? receipt.status}`);
  }
}

/** One loaded region, scored as of its end and, where asked, of days before. */
class RegionEvaluation {
  constructor(
    private readonly database: Database,
    private readonly client: ClientBase,
    private readonly options: EvaluationOptions,
  ) {}

  async run(): Promise<Evaluation> {
    const { region, rulebook, say, replayStepDays, split } = this.options;
    say('scoring');
    const scoring = await scorePoints(this.database, { rulebook, now: new Date() });
    if (scoring === null) throw new RefusedError('None of the readings could be scored.');
    const firstDay = await oldestDay(this.client);
    const points = await this.judged(firstDay);
    const transformers = await readTransformers(this.client, region.truths);
    say('comparing with simple methods');
    const features = await readBaselineFeatures(this.client, rulebook, scoring.asOf);
    const baselines = baselineScores(
      region.truths.map(({ meteringPoint }) => features.get(meteringPoint) ?? null),
    );
    return {
      ...evaluationReport(points, baselines),
      scoring,
      transformers: transformers && transformerReport(transformers.judged, transformers.bypassed),
      split: split ? await this.split(points, firstDay, scoring.asOf) : null,
      replay:
        replayStepDays === undefined
          ? null
          : await this.replay(points, { firstDay, asOf: scoring.asOf, stepDays: replayStepDays }),
    };
  }

  /** As of the end, and as of two thirds of the way through the readings. */
  private async split(points: readonly JudgedPoint[], firstDay: DayNumber, asOf: DayNumber): Promise<Split> {
    const earlier = asOf - Math.round((asOf - firstDay) / 3);
    const before = (await this.lookBack(earlier, firstDay)).map((point) => minesBy(point, earlier));
    const halves = [
      { asOf, points },
      { asOf: earlier, points: before },
    ].flatMap((moment) =>
      (['tune', 'test'] as const).map((half) => {
        const members = moment.points.filter((point) => isMetered(point) && halfOf(point.cluster) === half);
        const { recall, falseAlarmRate } = flaggedShares(members);
        return { half, asOf: moment.asOf, figures: rankingFigures(members), recall, falseAlarmRate };
      }),
    );
    return { earlier, halves };
  }

  /**
   * All points are scored again on each day, not the miners alone: what they are compared with must be as of that day too,
   * and innocents may be flagged on the way.
   */
  private async replay(
    points: readonly JudgedPoint[],
    { firstDay, asOf, stepDays }: { firstDay: DayNumber; asOf: DayNumber; stepDays: number },
  ): Promise<ReplayReport> {
    const looks = [];
    const days = Math.max(0, Math.floor((asOf - firstDay - LEAST_DAYS) / stepDays)) * stepDays;
    for (let day = asOf - days; day < asOf; day += stepDays) {
      const seen = await this.lookBack(day, firstDay);
      looks.push({ asOf: day, flagged: seen.map(({ flagged }) => flagged) });
    }
    looks.push({ asOf, flagged: points.map(({ flagged }) => flagged) });
    return replayReport(points, looks, { firstDay, stepDays });
  }

  private async lookBack(asOf: DayNumber, firstDay: DayNumber): Promise<JudgedPoint[]> {
    const { rulebook, say } = this.options;
    say(`scoring as of ${asOf - firstDay} days after the first reading`);
    // Who had no readings by then has no score of then; one of later must not stand in for it.
    await this.client.query('delete from score');
    await scorePoints(this.database, { rulebook, now: new Date(), asOf });
    return this.judged(firstDay);
  }

  /** In the order of the truths. */
  private async judged(firstDay: DayNumber): Promise<JudgedPoint[]> {
    const { rows } = await this.client.query<StoredScore>(
      `select p.external_id as id, p.household, p.electric_heating as "electricHeating", s.score,
         s.case_worthy as flagged, s.since::text as since,
         (select found -> 'observed' ->> 'onset'
          from jsonb_array_elements(s.evidence) with ordinality as said (item, place)
          join jsonb_array_elements(s.findings) as found on found ->> 'detector' = item ->> 'detector'
          where starts_with(found -> 'observed' ->> 'onset', s.since::text)
          order by place limit 1) as onset
       from metering_point p left join score s on s.metering_point_id = p.id where p.kind = 'household'`,
    );
    const stored = new Map(rows.map((row) => [row.id, row]));
    return this.options.region.truths.map((truth) => judge(truth, stored.get(truth.meteringPoint), firstDay));
  }
}

interface StoredScore {
  readonly id: string;
  readonly household: string | null;
  readonly electricHeating: boolean | null;
  readonly score: number | null;
  readonly flagged: boolean | null;
  readonly since: string | null;
  /** The hour in that day that the weightiest finding begins with. */
  readonly onset: string | null;
}

function judge(truth: Truth, found: StoredScore | undefined, firstDay: DayNumber): JudgedPoint {
  const { meteringPoint, className, isMiner } = truth;
  // Who began before the readings do can't be dated by them.
  const isWithin = truth.onset !== null && truth.onset > firstDay;
  const since = found?.since ?? null;
  return {
    className,
    isMiner,
    cluster: truth.home ?? found?.household ?? meteringPoint,
    electricHeating: found?.electricHeating ?? null,
    onset: isWithin ? truth.onset : null,
    onsetHour: isWithin ? truth.onsetHour : null,
    score: found?.score ?? 0,
    flagged: found?.flagged ?? false,
    since: since === null ? null : dayFromIso(since),
    sinceHour: found?.onset ? localHour(found.onset) : null,
  };
}

/** Who had not begun by then was no miner yet. */
function minesBy(point: JudgedPoint, day: DayNumber): JudgedPoint {
  const isMiner = point.isMiner && (point.onset === null || point.onset < day);
  return { ...point, isMiner, className: point.isMiner && !isMiner ? 'not_yet_mining' : point.className };
}

function flaggedShares(points: readonly JudgedPoint[]): { recall: number; falseAlarmRate: number } {
  const share = (some: readonly JudgedPoint[]) => some.filter(({ flagged }) => flagged).length / some.length;
  return {
    recall: share(points.filter(({ isMiner }) => isMiner)),
    falseAlarmRate: share(points.filter(({ isMiner }) => !isMiner)),
  };
}
