import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Database } from '../database/open-database.js';
import type { ClassOutcome, FlaggedPoint, FlagKind, HiddenLoad } from './demo-summary.js';
import type { Evidence, Finding } from '../detection/domain/types.js';

const MONTH_DAYS = 30;

interface FlaggedRow {
  readonly external_id: string;
  readonly kind: FlagKind;
  readonly score: number;
  readonly since: string | null;
  readonly kwh: number;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Evidence[];
}

/**
 * Households with an open alert that the newest scoring still supports, highest score first, each with the strongest
 * reason for it.
 */
export async function readFlagged({ dataSource }: Database, asOf: string): Promise<FlaggedPoint[]> {
  const rows: FlaggedRow[] = await dataSource.query(
    `select point.external_id, score.kind, score.score, score.since, score.findings, score.evidence,
            coalesce((select sum(total_wh) from load_profile
                      where metering_point_id = point.id and day >= $1::date - ${MONTH_DAYS} and day < $1::date), 0)
              / 1000.0::double precision as kwh
     from score join metering_point point on point.id = score.metering_point_id
     where point.kind = 'household' and score.case_worthy
       and exists (select from alert where metering_point_id = point.id and state <> 'resolved')
     order by score.score desc, point.external_id`,
    [asOf],
  );
  return rows.map((row) => ({
    meteringPoint: row.external_id,
    kind: row.kind,
    score: row.score,
    kwhPerMonth: row.kwh,
    since: row.since,
    suspectedKw: suspectedKw(row.findings),
    reason: mainReason(row.evidence),
  }));
}

/** Transformers whose balance says that load hangs on them past the meters, with the households under each. */
export async function readHidden({ dataSource }: Database): Promise<HiddenLoad[]> {
  const rows: (Omit<HiddenLoad, 'reason'> & { evidence: readonly Evidence[] })[] = await dataSource.query(
    `select t.code as transformer, score.score, score.since, score.evidence,
            array(select external_id from metering_point
                  where transformer_id = t.id and kind = 'household') as households
     from score
     join metering_point point on point.id = score.metering_point_id and point.kind = 'transformer'
     join transformer t on t.id = point.transformer_id
     where score.case_worthy order by score.score desc, t.code`,
  );
  return rows.map(({ evidence, ...row }) => ({ ...row, reason: mainReason(evidence) }));
}

/** The most direct measure there is: the step itself, else what the weather leaves, else the floor of the load. */
export function suspectedKw(findings: readonly Finding[]): number | null {
  const measures = [
    ['step-up', 'stepKw'],
    ['temperature-remainder', 'remainderKw'],
    ['base-load', 'floorKw'],
  ] as const;
  for (const [detector, name] of measures) {
    const value = findings.find((finding) => finding.detector === detector)?.observed[name];
    if (typeof value === 'number') return value;
  }
  return null;
}

/** The English sentence of the evidence that speaks most for mining. */
export function mainReason(evidence: readonly Evidence[]): string {
  const strongest = evidence.reduce<Evidence | null>(
    (best, one) => (one.logOdds > (best?.logOdds ?? 0) ? one : best),
    null,
  );
  return strongest?.sentence.en ?? '';
}

/** A row of a region's truth.csv. */
const TruthRow = z.object({
  metering_point: z.string(),
  class: z.string(),
  is_miner: z.enum(['true', 'false']).transform((text) => text === 'true'),
});

const NOT_FLAGGED = { suspected: 0, overQuota: 0, throughTransformer: 0 };
/** Classes of which a transformer's balance can tell. */
const PAST_THE_METER = new Set(['full_bypass', 'partial_bypass']);

/** How each class of the truth fared, miners first, then the larger classes. */
export async function compareWithTruth(
  file: string,
  flagged: readonly FlaggedPoint[],
  hidden: readonly HiddenLoad[],
): Promise<ClassOutcome[]> {
  const rows = z.array(TruthRow).parse(parse(await readFile(file), { columns: true }));
  const kinds = new Map(flagged.map(({ meteringPoint, kind }) => [meteringPoint, kind]));
  const underHidden = new Set(hidden.flatMap(({ households }) => households));
  const outcomes = new Map<string, { -readonly [Field in keyof ClassOutcome]: ClassOutcome[Field] }>();
  for (const row of rows) {
    // A miner's class that stays within the law (below the quota, where no ban holds) is innocent.
    const key = `${row.is_miner} ${row.class}`;
    const none = { name: row.class, isMiner: row.is_miner, points: 0, ...NOT_FLAGGED };
    const outcome = outcomes.get(key) ?? none;
    outcome.points += 1;
    const kind = kinds.get(row.metering_point);
    if (kind === 'mining_suspected') outcome.suspected += 1;
    else if (kind !== undefined) outcome.overQuota += 1;
    else if (PAST_THE_METER.has(row.class) && underHidden.has(row.metering_point))
      outcome.throughTransformer += 1;
    outcomes.set(key, outcome);
  }
  return [...outcomes.values()].sort((a, b) => Number(b.isMiner) - Number(a.isMiner) || b.points - a.points);
}
