import type { Client } from 'pg';
import type { Database } from '../../database/open-database.js';
import { inTransaction } from '../../database/transaction.js';
import { digestText, type DigestLine } from './domain/digest-text.js';
import { activeSubscriptions, type Subscription } from './subscriptions.js';

/** Changes that one mail covers; the next digest has the rest. */
const MOST_CHANGES = 5_000;

export interface DigestMail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
}

/** Hands a mail to the server; throws when it did not take it. */
export type SendMail = (mail: DigestMail) => Promise<void>;

export type DigestResult =
  | 'sent'
  | 'connection_refused'
  | 'timed_out'
  | 'login_refused'
  | 'address_refused'
  | 'message_refused'
  | 'failed';

export interface DigestOptions {
  readonly from: string;
  readonly publicUrl: string | null;
  readonly send: SendMail;
}

/** One mail to each inspector for whom something changed; what could not be sent is in the next one. */
export async function sendDigests(
  db: Pick<Database, 'connect' | 'dataSource'>,
  options: DigestOptions,
): Promise<DigestResult[]> {
  const client = await db.connect();
  try {
    const results: DigestResult[] = [];
    for (const subscription of await activeSubscriptions(db.dataSource, 'mail')) {
      const result = await inTransaction(client, () => sendDigest(client, subscription, options));
      if (result !== null) results.push(result);
    }
    return results;
  } finally {
    await client.end();
  }
}

/**
 * Null: nothing changed, or another process has it. The mail goes before the commit: a kill in between sends it again,
 * under the same Message-ID, and never loses it.
 */
async function sendDigest(
  client: Client,
  { id, target, language }: Subscription,
  { from, publicUrl, send }: DigestOptions,
): Promise<DigestResult | null> {
  const changes = await takeChanges(client, id);
  if (changes.length === 0) return null;
  const lines = lastOfEachAlert(changes);
  const messageId = `<digest-${id}-${changes[changes.length - 1].messageId}@gridwarden>`;
  const mail = { from, to: target, messageId, ...digestText(lines, language, publicUrl) };
  const result = await send(mail).then(() => 'sent' as const, resultOf);
  await client.query(
    `insert into digest_mail (subscription_id, at, alerts, message_id, result) values ($1, now(), $2, $3, $4)`,
    [id, lines.length, messageId, result],
  );
  if (result === 'sent')
    await client.query(
      `update alert_delivery set state = 'delivered', attempts = attempts + 1, ended_at = now() where id = any ($1)`,
      [changes.map(({ deliveryId }) => deliveryId)],
    );
  return result;
}

type Change = DigestLine & { readonly deliveryId: number; readonly messageId: string };

async function takeChanges(client: Client, subscription: number): Promise<Change[]> {
  const { rows } = await client.query<Change>(
    `select d.id as "deliveryId", d.message_id as "messageId", a.id as "alertId", a.kind, e.to_state as state,
       p.territory_code as territory
     from alert_delivery d
     join alert_event e on e.id = d.event_id
     join alert a on a.id = e.alert_id
     join metering_point p on p.id = a.metering_point_id
     where d.subscription_id = $1 and d.state = 'waiting'
     order by d.id limit ${MOST_CHANGES} for update of d skip locked`,
    [subscription],
  );
  return rows;
}

/** Of an alert that fired and resolved since, only that it resolved is news. */
function lastOfEachAlert(changes: readonly Change[]): DigestLine[] {
  return [...new Map(changes.map((change) => [change.alertId, change])).values()];
}

const RESULTS: Readonly<Record<string, DigestResult>> = {
  EAUTH: 'login_refused',
  EENVELOPE: 'address_refused',
  EMESSAGE: 'message_refused',
  ETIMEDOUT: 'timed_out',
  ECONNECTION: 'connection_refused',
  ESOCKET: 'connection_refused',
  ECONNREFUSED: 'connection_refused',
  EDNS: 'connection_refused',
};

function resultOf(error: NodeJS.ErrnoException): DigestResult {
  return RESULTS[error.code ?? ''] ?? 'failed';
}
