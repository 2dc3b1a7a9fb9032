import type { ClientBase } from 'pg';

/** On Citus the coordinator's word must be on the disk before the workers are told, or they keep what it forgets. */
const BEGIN_WITHOUT_WAITING = `begin; select set_config('synchronous_commit', 'off', true)
  where to_regclass('pg_dist_partition') is null`;

/**
 * Runs `work` in a transaction of `client`: committed when it returns, rolled back when it throws. The error that reaches
 * the caller is the one of `work`, also when the connection is gone and nothing is left to roll back.
 *
 * @param waitsForDisk false: where the server dies within a second the transaction may be gone, whole, with all that came after it;
 * until the next one that waits it must not be promised to anybody.
 */
export async function inTransaction<T>(
  client: ClientBase,
  work: () => Promise<T>,
  { waitsForDisk = true } = {},
): Promise<T> {
  await client.query(waitsForDisk ? 'begin' : BEGIN_WITHOUT_WAITING);
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
