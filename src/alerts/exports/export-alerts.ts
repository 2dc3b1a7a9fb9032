import { createHash } from 'node:crypto';
import { Transform, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Client } from 'pg';
import { actorNamed, systemActor } from '../../audit/append-audit.js';
import { inAuditedTransaction, recordAtEnd } from '../../audit/audited-transaction.js';
import { RefusedError } from '../../config/errors.js';
import type { Database } from '../../database/open-database.js';
import { countAlerts, listAlerts, type AlertFilter, type AlertView } from '../alert-list.js';
import type { Queryable } from '../../database/queryable.js';
import { requireRoom, writeAlerts, type ExportFormat } from './export-writers.js';

const PAGE_ALERTS = 500;

export interface ExportRequest {
  /** Who asks: `command line as anna`, `key nightly-export`, `schedule`. */
  readonly actor: string;
  readonly reason: string;
  readonly destination: 'download' | 'file' | 'schedule';
  readonly format: ExportFormat;
  readonly filter: AlertFilter;
}

export interface FinishedExport {
  readonly id: number;
  readonly alerts: number;
  readonly bytes: number;
  /** Of the bytes written, in hex. */
  readonly sha256: string;
}

/**
 * Writes the alerts to `output`, newest first, as they all were at one moment, and leaves it open. Recorded before the
 * first byte leaves, so that an export that is broken off is on record too, and completed with count and hash after the
 * last. Forecasts stay out: a file of them would be a list of those who use much.
 * @throws RefusedError forecasts are asked for, or a sheet has no room for so many
 */
export async function exportAlerts(
  db: Pick<Database, 'connect'>,
  request: ExportRequest,
  output: Writable,
): Promise<FinishedExport> {
  if (request.filter.kind === 'quota_forecast')
    throw new RefusedError(
      'Forecasts are not exported: who may cross the quota has broken no rule. Each is shown by itself, and in its case.',
    );
  const filter = { ...request.filter, withoutForecasts: true };
  const client = await db.connect();
  try {
    const id = await recordStart(client, request);
    const measured = measure(output);
    await client.query('begin transaction isolation level repeatable read, read only');
    requireRoom(request.format, await countAlerts(queryable(client), filter));
    const alerts = await writeAlerts(pagesOf(client, filter), request.format, measured.input);
    await client.query('commit');
    const done = { id, alerts, ...(await measured.end()) };
    await recordEnd(client, done);
    return done;
  } finally {
    await client.end();
  }
}

function queryable(client: Client): Queryable {
  return {
    query: async <T>(sql: string, values?: unknown[]) => (await client.query(sql, values)).rows as T,
  };
}

async function* pagesOf(client: Client, filter: AlertFilter): AsyncGenerator<AlertView[]> {
  const db = queryable(client);
  for (let beforeId: number | null = null; ;) {
    const page: AlertView[] = await listAlerts(db, filter, { beforeId, limit: PAGE_ALERTS });
    if (page.length > 0) yield page;
    if (page.length < PAGE_ALERTS) return;
    beforeId = page[page.length - 1].id;
  }
}

/** Passes bytes on to `output`, counting and hashing them; waits where the receiver is slower, fails where it goes away. */
function measure(output: Writable): {
  input: Writable;
  end(): Promise<{ bytes: number; sha256: string }>;
} {
  const hash = createHash('sha256');
  let bytes = 0;
  const input = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const breakOff = () => input.destroy(output.errored ?? new Error('the receiver went away'));
  input.on('error', () => {});
  if (output.destroyed) breakOff();
  else output.once('close', breakOff);
  input.pipe(output, { end: false });
  return {
    input,
    async end() {
      input.end();
      await finished(input);
      output.off('close', breakOff);
      return { bytes, sha256: hash.digest('hex') };
    },
  };
}

async function recordStart(
  client: Client,
  { actor, reason, destination, format, filter }: ExportRequest,
): Promise<number> {
  return inAuditedTransaction(client, async () => {
    const { rows } = await client.query<{ id: number }>(
      `insert into alert_export (actor, reason, destination, format, filter, started_at)
       values ($1, $2, $3, $4, $5, now()) returning id`,
      [actor, reason, destination, format, filter],
    );
    const [{ id }] = rows;
    recordAtEnd(client, {
      actor: actorNamed(actor),
      kind: 'export.alerts',
      subject: `export:${id}`,
      body: { reason, destination, format, filter },
    });
    return id;
  });
}

async function recordEnd(client: Client, { id, alerts, bytes, sha256 }: FinishedExport): Promise<void> {
  await inAuditedTransaction(client, async () => {
    await client.query(
      `update alert_export set finished_at = now(), alerts = $2, bytes = $3, sha256 = $4 where id = $1`,
      [id, alerts, bytes, sha256],
    );
    recordAtEnd(client, {
      actor: systemActor('exports'),
      kind: 'export.finished',
      subject: `export:${id}`,
      body: { alerts, bytes, sha256 },
    });
  });
}
