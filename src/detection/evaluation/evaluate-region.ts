import { existsSync } from 'node:fs';
import path from 'node:path';
import { RefusedError } from '../../config/errors.js';
import type { Database } from '../../database/open-database.js';
import { dayFromIso } from '../../grid/domain/calendar.js';
import type { Rulebook } from '../../rulebook/domain/rule.js';
import { ingestFile, type IngestConfig, type IngestRequest } from '../../uploads/ingest-file.js';
import { scorePoints, type ScoringSummary } from '../score-points.js';
import { evaluationReport, type EvaluationReport, type JudgedPoint } from './domain/evaluation-report.js';
import { readTruth, type Truth } from './truth-file.js';

export interface Evaluation extends EvaluationReport {
  readonly scoring: ScoringSummary;
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
];

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
  { region, rulebook, say }: { region: LabelledRegion; rulebook: Rulebook; say: (step: string) => void },
): Promise<Evaluation> {
  for (const file of region.files) {
    say(`loading ${path.basename(file.path)}`);
    await load(database, config, { ...file, utility: 'evaluation', zone: null });
  }
  say('scoring');
  const scoring = await scorePoints(database, { rulebook, now: new Date() });
  if (scoring === null) throw new RefusedError('None of the readings could be scored.');
  return { ...evaluationReport(await judged(database, region.truths)), scoring };
}

async function load(database: Database, config: IngestConfig, request: IngestRequest): Promise<void> {
  const { receipt } = await ingestFile(database, config, request);
  if (receipt.status !== 'loaded') {
    throw new RefusedError(`${request.path} could not be loaded: ${receipt.refusal ?? receipt.status}`);
  }
}

async function judged({ dataSource }: Database, truths: readonly Truth[]): Promise<JudgedPoint[]> {
  const rows: { id: string; score: number; flagged: boolean; since: string | null }[] =
    await dataSource.query(
      `select p.external_id as id, s.score, s.case_worthy as flagged, to_char(s.since, 'YYYY-MM-DD') as since
     from score s join metering_point p on p.id = s.metering_point_id`,
    );
  const scores = new Map(rows.map((row) => [row.id, row]));
  const [{ first }] = await dataSource.query<{ first: string }[]>(
    'select min(day) as first from load_profile',
  );
  const firstDay = dayFromIso(first)!;
  return truths.map(({ meteringPoint, className, isMiner, onset: stated }) => {
    // Who began before the readings do can't be dated by them.
    const onset = stated !== null && stated > firstDay ? stated : null;
    const found = scores.get(meteringPoint);
    const since = found?.since ? dayFromIso(found.since) : null;
    return { className, isMiner, onset, score: found?.score ?? 0, flagged: found?.flagged ?? false, since };
  });
}
