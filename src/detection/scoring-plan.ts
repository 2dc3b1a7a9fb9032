import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import { sortTogether, type Together } from './block-order.js';

/** Which metering points a run scores: all, or those in the run's `scoring_target`. */
export type PointSelection = 'all' | 'targets';

/**
 * What a run scores, cut into blocks of whole transformers. Arrays over shared memory, so that threads take block after
 * block from one plan: a million points take 8 MB.
 */
export interface ScoringPlan extends Together {
  /** The next block that nobody has taken yet. */
  readonly cursor: Int32Array;
}

/** One block: metering points, ascending, and the transformers all of whose points are among them. */
export interface Block {
  readonly ids: Int32Array;
  readonly transformerIds: readonly number[];
}

/** Reads which household points there are to score, and under which transformers. */
export async function planScoring(client: ClientBase, selection: PointSelection): Promise<ScoringPlan> {
  const targets = selection === 'targets' ? 'join scoring_target using (id)' : '';
  const { rows } = await client.query<{ points: number }>(
    `select count(*)::int as points from metering_point p ${targets} where p.kind = 'household'`,
  );
  const capacity = rows[0].points;
  const ids = new Int32Array(capacity);
  const transformerIds = new Int32Array(capacity);
  let points = 0;
  const query = `
    select id, coalesce(p.transformer_id, 0) from metering_point p ${targets}
    where p.kind = 'household' order by id limit ${capacity}`;
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 2, (row) => {
    ids[points] = row.int4(0);
    transformerIds[points++] = row.int4(1);
  });
  const together = sortTogether(ids.subarray(0, points), transformerIds.subarray(0, points));
  return {
    ids: shared(together.ids),
    starts: shared(together.starts),
    transformerIds: shared(together.transformerIds),
    transformerStarts: shared(together.transformerStarts),
    cursor: shared(Int32Array.of(0)),
  };
}

export function blockCount(plan: ScoringPlan): number {
  return plan.starts.length - 1;
}

/** Takes the next block; null when there is none left. */
export function takeBlock(plan: ScoringPlan): Block | null {
  const block = Atomics.add(plan.cursor, 0, 1);
  if (block >= blockCount(plan)) return null;
  const { ids, starts, transformerIds, transformerStarts } = plan;
  return {
    ids: ids.subarray(starts[block], starts[block + 1]),
    transformerIds: [...transformerIds.subarray(transformerStarts[block], transformerStarts[block + 1])],
  };
}

/** Leaves nothing for anybody to take. */
export function emptyPlan(plan: ScoringPlan): void {
  Atomics.store(plan.cursor, 0, blockCount(plan));
}

function shared(values: Int32Array): Int32Array {
  const array = new Int32Array(new SharedArrayBuffer(values.byteLength));
  array.set(values);
  return array;
}
