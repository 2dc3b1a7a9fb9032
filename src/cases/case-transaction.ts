import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { inAuditedTransaction } from '../audit/audited-transaction.js';
import { onConnection } from '../database/on-connection.js';

export { onConnection };

/** Runs `work` in a transaction on a connection of the pool. */
export async function inCaseTransaction<T>(
  dataSource: DataSource,
  work: (client: ClientBase) => Promise<T>,
): Promise<T> {
  return onConnection(dataSource, (client) => inAuditedTransaction(client, () => work(client)));
}
