import type { ClientBase } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { appendAudit, type AuditEntry } from './append-audit.js';

/*
 * The audit log's head is taken last in a transaction ({@link appendAudit}). Who works deep inside one says at once what is to
 * be recorded, and it is appended at the end: with what it records, or not at all.
 */

const waiting = new WeakMap<ClientBase, AuditEntry[]>();

/** Records an entry at the end of the transaction that {@link inAuditedTransaction} runs on this client. */
export function recordAtEnd(client: ClientBase, ...entries: readonly AuditEntry[]): void {
  const collected = waiting.get(client);
  if (collected === undefined) throw new Error('what is to be recorded is done in an audited transaction');
  collected.push(...entries);
}

/** {@link inTransaction}, with the entries that `work` left to be recorded appended before the commit. */
export async function inAuditedTransaction<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  return inTransaction(client, async () => {
    const entries: AuditEntry[] = [];
    waiting.set(client, entries);
    try {
      const result = await work();
      await appendAudit(client, entries);
      return result;
    } finally {
      waiting.delete(client);
    }
  });
}

/** The same through TypeORM. */
export async function auditedTransaction<T>(
  dataSource: DataSource,
  work: (db: EntityManager, record: (entry: AuditEntry) => void) => Promise<T>,
): Promise<T> {
  return dataSource.transaction(async (db) => {
    const entries: AuditEntry[] = [];
    const result = await work(db, (entry) => entries.push(entry));
    await appendAudit((await db.queryRunner!.connect()) as ClientBase, entries);
    return result;
  });
}
