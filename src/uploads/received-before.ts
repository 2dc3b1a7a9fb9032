import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Client } from 'pg';
import { canonicalOptions, type UploadOptions } from './domain/upload-options.js';
import type { UploadKind } from './domain/upload-kind.js';
import { readAhead } from './formats/read-ahead.js';
import { KNOWN_UPLOAD } from './known-upload.js';
import { fileIdentity } from './local-file.js';
import { receiptOf, type Receipt, type ReceiptRow } from './receipt.js';

/** A local file, and how it is to be read. */
export interface LocalFile {
  readonly path: string;
  readonly utility: string;
  /** Null: what the file's content says. */
  readonly kind: UploadKind | null;
  readonly zone: string | null;
  readonly options?: UploadOptions;
}

/**
 * The receipt of a local file that was loaded before, found by the SHA-256 of its bytes; null: it has to be taken in to know.
 * The file is read only where one of its size was loaded and not this very file ({@link rememberFile}); no more is written than that it
 * was this one.
 */
export async function receivedBefore(client: Client, file: LocalFile): Promise<Receipt | null> {
  const found = await stat(file.path).catch(() => null);
  if (!found?.isFile()) return null;
  const { rows } = await client.query<{ id: number | null }>(
    `select utility_id as id from upload where bytes = $1 and status = 'loaded'
     and utility_id = (select id from utility where code = $2) limit 1`,
    [found.size, file.utility],
  );
  if (rows.length === 0) return null;
  const identity = await fileIdentity(file.path);
  const remembered = await rememberedHash(client, identity);
  const sha256 = remembered ?? (await hashOf(file.path));
  const of = [rows[0].id, file.kind, sha256, file.zone, canonicalOptions(file.options ?? {})];
  const known = await client.query<ReceiptRow>(
    `select ${COLUMNS} from upload u where ${KNOWN_UPLOAD} order by id limit 1`,
    of,
  );
  const upload = known.rows.at(0);
  if (upload?.status !== 'loaded') return null;
  if (remembered === null) await rememberFile(client, upload.id, { path: file.path, identity });
  return file.kind !== null || (await isKindOf(file, upload)) ? receiptOf(upload) : null;
}

/** The upload's receipt. */
export async function receiptOfUpload(client: Client, id: number): Promise<Receipt> {
  const { rows } = await client.query<ReceiptRow>(`select ${COLUMNS} from upload where id = $1`, [id]);
  return receiptOf(rows[0]);
}

const COLUMNS = `id, kind, filename, zone, options, sha256, bytes::float8 as bytes, status, refusal, question, layout, counts,
  received_at as "receivedAt", started_at as "startedAt", finished_at as "finishedAt",
  committed_bytes::float8 as "committedBytes", total_bytes::float8 as "totalBytes"`;

/** Whether the content says this kind; that it was loaded as such says nothing where its first sender named the kind. */
async function isKindOf({ path, options }: LocalFile, { kind, layout }: ReceiptRow): Promise<boolean> {
  // Of our own layouts these columns belong to no other kind, and the many formats need not be loaded to say so.
  const columns = layout?.recognised === undefined ? (layout?.columns ?? []) : [];
  if (kind === 'readings' && columns.some((name) => name.toLowerCase() === 'metering_point')) return true;
  const { recogniseKind } = await import('./formats/recognise-kind.js');
  return (await recogniseKind(path, options)) === kind;
}

/** A local file, and which one it was before its bytes were read ({@link fileIdentity}). */
export interface FileAsRead {
  readonly path: string;
  readonly identity: string | null;
}

/** Notes that the upload came from this file, unless it was changed since: the next time it need not be read. */
export async function rememberFile(
  client: Client,
  id: number,
  { path, identity }: FileAsRead,
): Promise<void> {
  if (identity === null || identity !== (await fileIdentity(path).catch(() => null))) return;
  await client.query('update upload set local_file = $2 where id = $1 and local_file is null', [
    id,
    identity,
  ]);
}

async function rememberedHash(client: Client, identity: string | null): Promise<string | null> {
  if (identity === null) return null;
  const { rows } = await client.query<{ sha256: string }>(
    'select sha256 from upload where local_file = $1 limit 1',
    [identity],
  );
  return rows.at(0)?.sha256 ?? null;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of readAhead(path)) hash.update(piece);
  return hash.digest('hex');
}
