import type { ClientBase } from 'pg';
import { systemActor, type Actor } from '../../audit/append-audit.js';
import { inAuditedTransaction, recordAtEnd } from '../../audit/audited-transaction.js';

/** Messages, or mails, that one transaction drops: after years without retention it is not one of hours. */
const BATCH = 20_000;

export interface DroppedHistory {
  /** Messages that ended, each with its attempts. */
  readonly deliveries: number;
  readonly mails: number;
}

/**
 * Drops the history of what ended before the day: messages that were delivered or are dead, with their attempts, and digests
 * that were tried. What is still owed stays, however old. Each batch is recorded in the transaction that drops it.
 */
export async function dropDeliveryHistory(
  client: ClientBase,
  before: Date,
  { actor = systemActor('retention'), batch = BATCH }: { actor?: Actor; batch?: number } = {},
): Promise<DroppedHistory> {
  const dropped = { deliveries: 0, mails: 0 };
  for (;;) {
    const { deliveries, mails } = await inAuditedTransaction(client, () =>
      dropBatch(client, { before, actor, batch }),
    );
    dropped.deliveries += deliveries;
    dropped.mails += mails;
    if (deliveries < batch && mails < batch) return dropped;
  }
}

async function dropBatch(
  client: ClientBase,
  { before, actor, batch }: { before: Date; actor: Actor; batch: number },
): Promise<DroppedHistory> {
  // Whoever replays one of them meanwhile has it: it is owed again.
  const { rows } = await client.query<{ id: number }>(
    `select id from alert_delivery where state <> 'waiting' and ended_at < $1
     order by id limit $2 for update skip locked`,
    [before, batch],
  );
  const ids = rows.map(({ id }) => id);
  await client.query('delete from delivery_attempt where delivery_id = any ($1)', [ids]);
  await client.query('delete from alert_delivery where id = any ($1)', [ids]);
  const { rowCount: mails } = await client.query(
    `delete from digest_mail where id in (select id from digest_mail where at < $1 order by id limit $2)`,
    [before, batch],
  );
  const counts = { deliveries: ids.length, mails: mails! };
  if (counts.deliveries + counts.mails > 0)
    recordAtEnd(client, {
      actor,
      kind: 'deliveries.dropped',
      subject: `deliveries:${before.toISOString().slice(0, 10)}`,
      body: { before: before.toISOString(), ...counts },
    });
  return counts;
}
