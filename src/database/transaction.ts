import type { ClientBase } from 'pg';

/**
 * Runs `work` in a transaction of `client`: committed when it returns, rolled back when it throws. The error that reaches
 * the caller is the one of `work`, also when the connection is gone and nothing is left to roll back.
 */
export async function inTransaction<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
