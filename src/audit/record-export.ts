import { userInfo } from 'node:os';
import type { ClientBase } from 'pg';
import type { Database } from '../database/open-database.js';
import { inTransaction } from '../database/transaction.js';
import { appendAudit, systemActor, type Actor, type AuditEntry } from './append-audit.js';

export interface Export {
  readonly by: Actor;
  /** `alerts`, `rejects`, `audit`. */
  readonly what: string;
  readonly subject: string;
  /** What it was narrowed down to. */
  readonly details: AuditEntry['body'];
}

/** Records that something is handed out, before the first byte leaves. */
export async function recordExport(db: Pick<Database, 'connect'>, one: Export): Promise<void> {
  const client = await db.connect();
  try {
    await recordExportWith(client, one);
  } finally {
    await client.end();
  }
}

/** As {@link recordExport}, on a connection that is there already. */
export async function recordExportWith(
  client: ClientBase,
  { by, what, subject, details }: Export,
): Promise<void> {
  await inTransaction(client, () =>
    appendAudit(client, [{ actor: by, kind: `export.${what}`, subject, body: details }]),
  );
}

/** Whoever types on this machine: the operating system's word for them, which nobody here has checked. */
export function commandLineActor(): Actor {
  return systemActor(`command-line ${userInfo().username}`);
}
