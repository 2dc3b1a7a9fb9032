import { systemActor, type Actor } from '../audit/append-audit.js';
import type { Config } from '../config/config.js';
import { RefusedError, UsageError } from '../config/errors.js';
import type { Connections } from '../database/open-connections.js';
import { ensureUtility } from '../grid/registry.repository.js';
import { optionsFault, type UploadOptions } from './domain/upload-options.js';
import { EMPTY_FILE } from './formats/format.js';
import { recogniseKind } from './formats/recognise-kind.js';
import type { Spool } from './spool.js';
import { findOrCreateUpload } from './upload.repository.js';
import type { UploadKind } from './upload.entity.js';
import { zoneName } from './zone-name.js';

export interface UploadRequest {
  /** Null: what the file's first line says. */
  readonly kind: UploadKind | null;
  /** The utility's code. */
  readonly utility: string;
  readonly filename: string;
  /** IANA zone or offset of times that state none; null: each metering point's territory decides. */
  readonly zone: string | null;
  /** How it is to be read where the file does not say. */
  readonly options?: UploadOptions;
  /** The sender's name for this request: with the same file it has the same answer, with another file none. */
  readonly idempotencyKey?: string | null;
  /** By which it must arrive; null or not set: its sender named none. */
  readonly sha256?: string | null;
  /** Who sends it, where keys and people are known; it stands in the audit log. */
  readonly sender?: Actor;
}

export interface ReceivedUpload {
  readonly id: number;
  /** These bytes had been received before: the id is the first upload's. */
  readonly repeated: boolean;
}

/** Limits of a received file. */
export type UploadLimits = Pick<Config, 'uploadMaxBytes' | 'unpackedMaxBytes'>;

/**
 * Takes a file: spooled, hashed, looked through, registered. When this returns, the file survives a power cut, and a
 * worker will load it; a file that can't be unpacked is registered as refused, so that its receipt says why.
 * @throws UsageError unknown zone; TooLargeError larger than allowed; RefusedError the idempotency key came with another file.
 */
export async function receiveUpload(
  database: Pick<Connections, 'connect'>,
  spool: Spool,
  limits: UploadLimits,
  request: UploadRequest,
  input: AsyncIterable<Buffer>,
  now: Date,
): Promise<ReceivedUpload> {
  const zone = zoneName(request.zone);
  const fault = optionsFault(request.options ?? {});
  if (fault !== null) throw new UsageError(fault);
  const file = await spool.receive(input, limits.uploadMaxBytes, request.sha256);
  const { totalBytes, refusal } = await lookThrough(spool, file, limits);
  const client = await database.connect();
  try {
    const utilityId = await ensureUtility(client, request.utility);
    const kind =
      request.kind ??
      (refusal === null ? await recogniseKind(spool.path(file.sha256), request.options) : 'readings');
    const { filename } = request;
    return await findOrCreateUpload(client, {
      utilityId,
      sender: request.sender ?? systemActor('intake', request.utility),
      kind,
      filename,
      zone,
      options: request.options ?? {},
      idempotencyKey: request.idempotencyKey ?? null,
      ...file,
      totalBytes,
      refusal,
      now,
    });
  } finally {
    await client.end();
  }
}

async function lookThrough(
  spool: Spool,
  file: { sha256: string; bytes: number },
  limits: UploadLimits,
): Promise<{ totalBytes: number | null; refusal: string | null }> {
  if (file.bytes === 0) return { totalBytes: 0, refusal: EMPTY_FILE };
  try {
    return { totalBytes: await spool.check(file, limits.unpackedMaxBytes), refusal: null };
  } catch (error) {
    if (error instanceof RefusedError) return { totalBytes: null, refusal: error.message };
    throw error;
  }
}
