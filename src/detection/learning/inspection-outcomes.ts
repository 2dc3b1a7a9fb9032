import type { ClientBase } from 'pg';
import { logOdds } from '../../readings/domain/numeric.js';
import type { Decision } from './domain/learn-weights.js';
import type { WeighedEvidence } from './domain/reweigh.js';
import { STRATUM_BOUNDS, type SamplingArm } from './domain/sampling.js';

export const OUTCOMES = ['confirmed', 'dismissed'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export const ARMS: readonly SamplingArm[] = ['targeted', 'random_audit'];

/** What an inspection found, and what was known before it. */
export interface InspectionOutcome {
  readonly meteringPointId: number;
  readonly alertId: number | null;
  readonly arm: SamplingArm;
  /** Of an audited point: the probability with which it was drawn, above 0; else null. */
  readonly inclusionProbability: number | null;
  readonly outcome: Outcome;
  readonly decidedAt: Date;
  /**
   * Score and evidence that led there (not those of today), and the version of the weights that made them. Null: the load
   * had nothing in it to explain, and the score is all there is.
   */
  readonly score: number;
  readonly evidence: readonly WeighedEvidence[] | null;
  readonly weightsVersion: string;
  /** Who says so: `cases`, or the file it was imported from. */
  readonly source: string;
}

/**
 * Records what inspections found; answers whether each is new. One that was recorded before (same metering point, arm and
 * moment) is left as it stands.
 */
export async function recordOutcomes(
  client: ClientBase,
  outcomes: readonly InspectionOutcome[],
  now: Date,
): Promise<boolean[]> {
  const fresh: boolean[] = [];
  for (const each of outcomes) {
    const evidence = (each.evidence ?? [priorAlone(each.score)]).map(({ detector, kind, logOdds }) => ({
      detector,
      kind,
      logOdds,
    }));
    const { rowCount } = await client.query(
      `insert into inspection_outcome (metering_point_id, alert_id, arm, inclusion_probability, outcome, decided_at,
         score, evidence, weights_version, source, recorded_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       on conflict on constraint inspection_outcome_key do nothing`,
      [
        each.meteringPointId,
        each.alertId,
        each.arm,
        each.inclusionProbability,
        each.outcome,
        each.decidedAt,
        each.score,
        JSON.stringify(evidence),
        each.weightsVersion,
        each.source,
        now,
      ],
    );
    fresh.push(rowCount === 1);
  }
  return fresh;
}

/** What a score without evidence says, as the prior of its place: no weight made it. */
function priorAlone(score: number): WeighedEvidence {
  const probability = Math.min(Math.max(score, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY);
  return { detector: 'place', kind: 'context', logOdds: logOdds(probability) };
}

const LEAST_PROBABILITY = 1e-6;

/** The newest decision about each metering point, and how it could have come to be decided at all. */
export async function readDecisions(client: ClientBase): Promise<Decision[]> {
  const { rows } = await client.query<Decision>(
    `select distinct on (metering_point_id) metering_point_id as "meteringPointId", score,
       outcome = 'confirmed' as confirmed, arm, evidence, weights_version as "weightsVersion",
       bool_or(arm = 'targeted') over point as "everTargeted",
       max(inclusion_probability) over point as "auditProbability"
     from inspection_outcome
     window point as (partition by metering_point_id)
     order by metering_point_id, decided_at desc, id desc`,
  );
  return rows;
}

/** How many households have a score in each stratum of {@link STRATUM_BOUNDS}. */
export async function countHouseholds(client: ClientBase): Promise<number[]> {
  const { rows } = await client.query<{ stratum: number; households: number }>(
    `select width_bucket(s.score, $1::float8[]) as stratum, count(*)::int as households
     from score s join metering_point p on p.id = s.metering_point_id and p.kind = 'household'
     group by 1`,
    [STRATUM_BOUNDS],
  );
  const households = new Array<number>(STRATUM_BOUNDS.length + 1).fill(0);
  for (const row of rows) households[row.stratum] = row.households;
  return households;
}
