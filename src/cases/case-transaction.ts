import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { inAuditedTransaction } from '../audit/audited-transaction.js';

/** Runs `work` in a transaction on a connection of the pool. */
export async function inCaseTransaction<T>(
  dataSource: DataSource,
  work: (client: ClientBase) => Promise<T>,
): Promise<T> {
  return onConnection(dataSource, (client) => inAuditedTransaction(client, () => work(client)));
}

/** Runs `work` on a connection of the pool, and gives it back. */
export async function onConnection<T>(
  dataSource: DataSource,
  work: (client: ClientBase) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    return await work((await runner.connect()) as ClientBase);
  } finally {
    await runner.release();
  }
}
