import type { Client } from 'pg';
import { appendAudit, systemActor, type Actor, type AuditEntry } from '../audit/append-audit.js';
import { UPLOAD_LOCK_CLASS } from '../database/advisory-locks.js';
import { RefusedError } from '../config/errors.js';
import { inTransaction } from '../database/transaction.js';
import type { IntakeCounts } from './domain/intake-counts.js';
import { canonicalOptions, type Question, type UploadOptions } from './domain/upload-options.js';
import type { RejectedRow } from './domain/rejected-row.js';
import type { CheckCounts } from './validation/domain/finding.js';
import type { HeldPoint } from './formats/readings-decoder.js';
import { KNOWN_UPLOAD } from './known-upload.js';
import type { UploadKind, UploadLayout, UploadStatus } from './upload.entity.js';

export interface UploadRow {
  readonly id: number;
  readonly utilityId: number;
  /** The utility's code. */
  readonly utility: string;
  readonly kind: UploadKind;
  readonly zone: string | null;
  readonly sha256: string;
  readonly bytes: number;
  readonly status: UploadStatus;
  readonly receivedAt: Date;
  readonly committedBytes: number;
  readonly totalBytes: number | null;
  readonly counts: Partial<IntakeCounts>;
  readonly refusal: string | null;
  readonly options: UploadOptions;
}

const ROW = `id, utility_id as "utilityId", (select code from utility where utility.id = utility_id) as utility, kind, zone, sha256, bytes::float8 as bytes, status,
  received_at as "receivedAt", committed_bytes::float8 as "committedBytes", total_bytes::float8 as "totalBytes",
  counts, refusal, options`;

export async function uploadRow(client: Client, id: number): Promise<UploadRow> {
  const found = await client.query<UploadRow>(`select ${ROW} from upload where id = $1`, [id]);
  return found.rows[0];
}

export interface NewUpload {
  readonly utilityId: number;
  /** Who sends it. */
  readonly sender: Actor;
  readonly kind: UploadKind;
  readonly filename: string;
  readonly zone: string | null;
  readonly options: UploadOptions;
  readonly idempotencyKey: string | null;
  readonly sha256: string;
  readonly bytes: number;
  readonly totalBytes: number | null;
  readonly refusal: string | null;
  readonly now: Date;
}

/**
 * The upload of these bytes: the one that was received before, or a new row; decided under a lock, so that the same
 * file from many clients at once is one upload. A registry counts as received before only while it is the utility's
 * newest: the file of last month, sent again after this month's, is a change. A failed upload is tried anew. Read with
 * other options it is another upload; one whose sender has answered a question has what was asked for and the answer.
 */
export async function findOrCreateUpload(
  client: Client,
  upload: NewUpload,
): Promise<{ id: number; repeated: boolean }> {
  const { utilityId, kind, sha256, zone, options } = upload;
  return inTransaction(client, async () => {
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `gridwarden.upload.${sha256}`,
    ]);
    const answered = await answeredBefore(client, upload);
    if (answered !== null) return { id: answered, repeated: true };
    const known = await client.query<{ id: number }>(
      `select id from upload u where ${KNOWN_UPLOAD} order by id limit 1`,
      [utilityId, kind, sha256, zone, options],
    );
    const id = known.rows[0]?.id ?? (await insertUpload(client, upload));
    await keepKey(client, upload, id);
    return { id, repeated: known.rows.length > 0 };
  });
}

/**
 * The upload that came under the same idempotency key; null when there is no key or it is new.
 * @throws RefusedError it came with another file, or asked for something else.
 */
async function answeredBefore(client: Client, upload: NewUpload): Promise<number | null> {
  const { utilityId, idempotencyKey: key } = upload;
  if (key === null) return null;
  // Always after the lock of the bytes: two requests can't wait for each other.
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `gridwarden.upload-key.${utilityId}.${key}`,
  ]);
  const { rows } = await client.query<{ request: string; id: number }>(
    'select request, upload_id as id from upload_key where utility_id = $1 and key = $2',
    [utilityId, key],
  );
  if (rows.length === 0) return null;
  if (rows[0].request !== requestOf(upload)) {
    throw new RefusedError(
      `The Idempotency-Key ${JSON.stringify(key)} named another request (upload ${rows[0].id}): use a new key for a new file.`,
    );
  }
  return rows[0].id;
}

async function keepKey(client: Client, upload: NewUpload, id: number): Promise<void> {
  const { utilityId, idempotencyKey: key, now } = upload;
  if (key === null) return;
  await client.query(
    'insert into upload_key (utility_id, key, request, upload_id, made_at) values ($1, $2, $3, $4, $5)',
    [utilityId, key, requestOf(upload), id, now],
  );
}

/** What a key stands for: the bytes and how they are to be read; not the name of the file. */
function requestOf({ kind, sha256, zone, options }: NewUpload): string {
  return JSON.stringify([kind, sha256, zone, canonicalOptions(options)]);
}

async function insertUpload(client: Client, upload: NewUpload): Promise<number> {
  const { utilityId, kind, filename, zone, sha256, bytes, totalBytes, refusal, now } = upload;
  const options = canonicalOptions(upload.options);
  const inserted = await client.query<{ id: number }>(
    `insert into upload (utility_id, kind, filename, zone, sha256, bytes, total_bytes, status, refusal, received_at,
                         finished_at, options)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id`,
    [
      utilityId,
      kind,
      filename,
      zone,
      sha256,
      bytes,
      totalBytes,
      refusal === null ? 'received' : 'refused',
      refusal,
      now,
      refusal === null ? null : now,
      options,
    ],
  );
  const { id } = inserted.rows[0];
  const body = { kind, filename, zone, sha256, bytes, refusal, options };
  await appendAudit(client, [entryOf('upload.received', id, upload.sender, body)]);
  return id;
}

/** What the audit log says of an upload. */
function entryOf(kind: string, id: number, actor: Actor, body: AuditEntry['body']): AuditEntry {
  return { actor, kind, subject: `upload:${id}`, body };
}

/** Takes the upload for this connection until it ends or {@link releaseUpload}; a killed process thereby lets go. */
export async function claimUpload(client: Client, id: number): Promise<boolean> {
  const locked = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1, $2) as locked', [
    UPLOAD_LOCK_CLASS,
    id,
  ]);
  return locked.rows[0].locked;
}

export async function releaseUpload(client: Client, id: number): Promise<void> {
  await client.query('select pg_advisory_unlock($1, $2)', [UPLOAD_LOCK_CLASS, id]);
}

/**
 * Claims the oldest upload that waits or whose loader died; null when there is none. A utility's uploads are loaded one
 * after the other, in the order of receipt; those of different utilities side by side.
 */
export async function claimOpenUpload(client: Client): Promise<number | null> {
  const open = await client.query<{ id: number }>(
    `select min(id) as id from upload where status in ('received', 'loading') group by utility_id order by 1 limit 100`,
  );
  for (const { id } of open.rows) {
    if (!(await claimUpload(client, id))) continue;
    const { status } = await uploadRow(client, id);
    if (status === 'received' || status === 'loading') return id;
    await releaseUpload(client, id);
  }
  return null;
}

/** Marks the upload as being loaded; returns how often that was begun without any progress since, this time included. */
export async function beginLoading(client: Client, id: number, now: Date): Promise<number> {
  const begun = await client.query<{ attempts: number }>(
    `update upload set status = 'loading', started_at = coalesce(started_at, $2), attempts = attempts + 1
     where id = $1 returning attempts`,
    [id, now],
  );
  return begun.rows[0].attempts;
}

export async function recordLayout(
  client: Client,
  id: number,
  layout: UploadLayout,
  totalBytes: number | null,
): Promise<void> {
  await client.query('update upload set layout = $2, total_bytes = coalesce($3, total_bytes) where id = $1', [
    id,
    layout,
    totalBytes,
  ]);
}

export async function recordProgress(
  client: Client,
  id: number,
  committedBytes: number,
  counts: IntakeCounts,
): Promise<void> {
  await client.query('update upload set committed_bytes = $2, counts = $3, attempts = 0 where id = $1', [
    id,
    committedBytes,
    counts,
  ]);
}

/** Corrects the counts after the load; the receipt is another one now, and recorded as such. */
export async function recordCounts(client: Client, id: number, counts: IntakeCounts): Promise<void> {
  await client.query('update upload set counts = $2 where id = $1', [id, counts]);
  await recordReceipt(client, id, 'upload.held_applied');
}

/** Adds what checks found once everything was stored. */
export async function recordChecks(client: Client, id: number, found: CheckCounts): Promise<void> {
  await client.query(
    `update upload set counts = jsonb_set(counts, '{checks}', coalesce(counts -> 'checks', '{}') || $2::jsonb) where id = $1`,
    [id, found],
  );
}

/** Lets a stop, or a database that went away, not count as a death of the loader. */
export async function forgiveAttempt(client: Client, id: number): Promise<void> {
  await client.query('update upload set attempts = 0 where id = $1', [id]);
}

export async function endUpload(
  client: Client,
  id: number,
  status: 'loaded' | 'refused' | 'failed',
  refusal: string | null,
  now: Date,
): Promise<void> {
  await inTransaction(client, async () => {
    await client.query('update upload set status = $2, refusal = $3, finished_at = $4 where id = $1', [
      id,
      status,
      refusal,
      now,
    ]);
    await recordReceipt(client, id, `upload.${status}`);
  });
}

/** Puts the upload aside until its sender has answered; what was begun of it is forgotten. */
export async function holdUpload(client: Client, id: number, question: Question): Promise<void> {
  await inTransaction(client, async () => {
    await restartLoading(client, id);
    await client.query(`update upload set status = 'held', question = $2, attempts = 0 where id = $1`, [
      id,
      question,
    ]);
    const { utility } = await uploadRow(client, id);
    await appendAudit(client, [entryOf('upload.held', id, systemActor('uploads', utility), { ...question })]);
  });
}

/** Records in the audit log what the sender is told now. */
async function recordReceipt(client: Client, id: number, kind: string): Promise<void> {
  const { utility, sha256, bytes, counts, refusal } = await uploadRow(client, id);
  const body = { sha256, bytes, counts, refusal };
  await appendAudit(client, [entryOf(kind, id, systemActor('uploads', utility), body)]);
}

/** Forgets what an interrupted load wrote beside the readings, before it is begun from the start again. */
export async function restartLoading(client: Client, id: number): Promise<void> {
  await client.query('delete from rejected_row where upload_id = $1', [id]);
  await client.query('delete from held_point where upload_id = $1', [id]);
  await client.query('delete from validation_finding where upload_id = $1', [id]);
  await client.query(`update upload set committed_bytes = 0, counts = '{}' where id = $1`, [id]);
}

/** Keeps rejected rows up to `most` of this upload; the receipt counts them all, the file itself keeps every byte. */
export async function keepRejectedRows(
  client: Client,
  uploadId: number,
  rows: readonly RejectedRow[],
  most: number,
): Promise<void> {
  if (rows.length === 0) return;
  const kept = await client.query<{ count: number }>(
    'select count(*)::int as count from rejected_row where upload_id = $1',
    [uploadId],
  );
  const taken = rows.slice(0, Math.max(0, most - kept.rows[0].count));
  await client.query(
    `insert into rejected_row (upload_id, line, field, reason, detail, raw)
     select $1, line, field, reason, detail, raw
     from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) as r (line, field, reason, detail, raw)
     on conflict do nothing`,
    [
      uploadId,
      taken.map((row) => row.line),
      taken.map((row) => row.field),
      taken.map((row) => row.reason),
      taken.map((row) => row.detail),
      taken.map((row) => row.raw),
    ],
  );
}

export async function recordHeldPoints(
  client: Client,
  uploadId: number,
  held: ReadonlyMap<string, HeldPoint>,
): Promise<void> {
  if (held.size === 0) return;
  await client.query(
    `insert into held_point as h (upload_id, external_id, readings, first_line)
     select $1, id, readings, line from unnest($2::text[], $3::bigint[], $4::bigint[]) as t (id, readings, line)
     on conflict (upload_id, external_id) do update set readings = h.readings + excluded.readings`,
    [
      uploadId,
      [...held.keys()],
      [...held.values()].map((point) => point.readings),
      [...held.values()].map((point) => point.firstLine),
    ],
  );
}

/** Lets the upload's held points that the registry names by now wait no longer; returns how many values they held. */
export async function takeHeldPoints(
  client: Client,
  { id, utilityId }: UploadRow,
  pointKind: 'household' | 'transformer',
  now: Date,
): Promise<number> {
  const applied = await client.query<{ readings: number }>(
    `with applied as (
       update held_point h set applied_at = $2
       where h.upload_id = $1 and h.applied_at is null
         and (exists (select from metering_point p
                      where p.utility_id = $3 and p.external_id = h.external_id and p.kind = $4)
              or exists (${pointOfCode('$3')}))
       returning h.readings)
     select coalesce(sum(readings), 0)::float8 as readings from applied`,
    [id, now, utilityId, pointKind],
  );
  return applied.rows[0].readings;
}

/** Uploads with held readings of points that the registry knows by now, oldest first; of one utility, or of all (null). */
export async function uploadsToApply(client: Client, utilityId: number | null): Promise<number[]> {
  const found = await client.query<{ id: number }>(
    `select distinct u.id from held_point h join upload u on u.id = h.upload_id
     where h.applied_at is null and ($1::integer is null or u.utility_id = $1) and u.status = 'loaded'
       and (exists (select from metering_point p
                    where p.utility_id = u.utility_id and p.external_id = h.external_id
                      and p.kind = case u.kind when 'transformer-readings' then 'transformer' else 'household' end)
            or exists (${pointOfCode('u.utility_id')}))
     order by u.id`,
    [utilityId],
  );
  return found.rows.map((row) => row.id);
}

/** The metering point that a code names to which the held readings of `h` were sent. */
function pointOfCode(utilityId: string): string {
  return `select from point_code c join metering_point p using (utility_id, kind, external_id)
          where c.utility_id = ${utilityId} and c.code = h.external_id`;
}
