import type pg from 'pg';
import { RefusedError } from '../config/errors.js';

/**
 * Where each table lies when the database is Citus (`DATABASE_ENGINE=citus`); docs/scale-out.md says why, and
 * test/database/placement.spec.ts holds this list against the schema and the queries.
 */
export const TABLE_PLACEMENT = {
  /** Hash-distributed by metering point, all in one group: what is of one point lies on one worker. */
  distributed: [
    'load_profile',
    'load_profile_history',
    'load_profile_month',
    'load_profile_staging',
    'register_reading',
    'register_reading_history',
    'meter_event',
    'score',
    'quota_judgement',
    'household_identity',
  ],
  /** A copy on every node, so that a join with them stays where the big rows are. In the order of their foreign keys. */
  reference: ['territory', 'utility', 'feeder', 'transformer', 'metering_point', 'weather_day'],
  /** On the coordinator: queues, work, people, the record. */
  local: [
    'alert',
    'alert_delivery',
    'alert_event',
    'alert_export',
    'alert_subscription',
    'api_key',
    'audit_checkpoint',
    'audit_cosignature',
    'audit_entry',
    'audit_subtree',
    'balance_suspect',
    'case_alert',
    'case_comment',
    'case_dealing',
    'case_decision',
    'case_file',
    'case_link',
    'case_photograph',
    'case_step',
    'case_threshold',
    'case_transition',
    'case_view',
    'case_visit',
    'case_worker',
    'complaint',
    'delivery_attempt',
    'digest_mail',
    'disclosure',
    'draw_period',
    'held_point',
    'inspection_draw',
    'inspection_outcome',
    'load_profile_seal',
    'migrations',
    'outside_disclosure',
    'person',
    'person_identity',
    'person_oidc',
    'person_password',
    'point_code',
    'point_whitelist',
    'proposal',
    'proposal_opinion',
    'received_message',
    'registry_change',
    'rejected_row',
    'row_seal',
    'scoring_correction',
    'scoring_mark',
    'scoring_run',
    'session',
    'sign_in_token',
    'transformer_balance',
    'upload',
    'upload_key',
    'upload_profile',
    'validation_finding',
    'webhook_secret',
    'weight_set',
    'weight_set_event',
  ],
} as const;

/** What the distributed tables are distributed by. */
export const DISTRIBUTION_COLUMN = 'metering_point_id';
/** Whose shards the other distributed tables' lie beside. */
const FIRST_DISTRIBUTED = TABLE_PLACEMENT.distributed[0];
/** Called in queries that run on the workers. */
const FUNCTIONS = [
  'load_profile_overlay(bytea, smallint, bytea, bytea, smallint, bytea)',
  'load_profile_mark(integer, date, smallint, smallint, integer, smallint, smallint, smallint, bigint, bytea, bytea)',
];

/**
 * Gives each table that has no place yet the one it is listed with; what is not listed stays on the coordinator. Run
 * after the migrations, under their lock; returns the tables placed now.
 */
export async function placeTables(connection: pg.Client): Promise<string[]> {
  const { rows: found } = await connection.query<{ there: boolean }>(
    `select to_regclass('pg_dist_partition') is not null as there`,
  );
  if (!found[0].there)
    throw new RefusedError(
      'DATABASE_ENGINE is citus, but the database has no extension citus: run "create extension citus" in it as a ' +
        'superuser, on every node, or leave DATABASE_ENGINE out.',
    );
  const { rows } = await connection.query<{ name: string }>(
    'select logicalrelid::regclass::text as name from pg_dist_partition',
  );
  const placed = new Set(rows.map(({ name }) => name));
  const steps = placementSteps().filter(({ table }) => !placed.has(table));
  for (const { call } of steps) await connection.query(call);
  if (steps.length > 0)
    for (const name of FUNCTIONS) await connection.query(`select create_distributed_function('${name}')`);
  return steps.map(({ table }) => table);
}

interface PlacementStep {
  readonly table: string;
  readonly call: string;
}

/** Reference tables first: distributed ones may have foreign keys to them. */
function placementSteps(): PlacementStep[] {
  const references = TABLE_PLACEMENT.reference.map((table) => ({
    table,
    call: `select create_reference_table('${table}')`,
  }));
  const distributed = TABLE_PLACEMENT.distributed.map((table) => {
    const beside = table === FIRST_DISTRIBUTED ? 'none' : FIRST_DISTRIBUTED;
    const call = `select create_distributed_table('${table}', '${DISTRIBUTION_COLUMN}', colocate_with => '${beside}')`;
    return { table, call };
  });
  return [...references, ...distributed];
}
