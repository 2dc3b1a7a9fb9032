import { z } from 'zod';
import type { Actor } from '../audit/append-audit.js';
import { ChecksumError, RefusedError, TooLargeError, UsageError } from '../config/errors.js';
import type { Database } from '../database/open-database.js';
import { readAhead } from './formats/read-ahead.js';
import { DISK_FULL } from './piece-store.js';
import { receiveUpload, type UploadLimits } from './receive-upload.js';
import type { Spool } from './spool.js';
import { readingOf } from './upload-request.js';
import { IdempotencyKey, ReceiveQuery } from './uploads.schemas.js';

/** What a client says of a file when it begins: as with a one-shot upload, and the hash by which it is to arrive. */
const Metadata = ReceiveQuery.omit({ utility: true }).extend({
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal')
    .optional(),
  'idempotency-key': IdempotencyKey.optional(),
  // As tus clients call them.
  name: z.string().optional(),
  type: z.string().optional(),
  filetype: z.string().optional(),
});

export interface FinishedFile {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string | null>>;
}

/** The protocol's own answer to a checksum that does not match. */
const CHECKSUM_MISMATCH = 460;

/** Hands a file that has arrived whole to the spool; answers the id of its upload. */
export async function finishResumable(
  database: Database,
  spool: Spool,
  limits: UploadLimits,
  { path, metadata, utility, sender }: FinishedFile & { readonly utility: string; readonly sender: Actor },
): Promise<number> {
  const said = Metadata.safeParse(metadata);
  if (!said.success) throw new UsageError(`Upload-Metadata: ${z.prettifyError(said.error)}`);
  const { sha256, filename, 'idempotency-key': idempotencyKey = null, ...query } = said.data;
  const reading = await readingOf(database.dataSource.manager, { ...query, utility });
  const request = { ...reading, filename, utility, sender, idempotencyKey, sha256 };
  const { id } = await receiveUpload(database, spool, limits, request, readAhead(path), new Date());
  return id;
}

/** Our errors as tus answers them; none for those of the protocol itself. */
export function tusError(
  error: Error | { status_code: number; body: string },
): { status_code: number; body: string } | undefined {
  if (error instanceof ChecksumError) return { status_code: CHECKSUM_MISMATCH, body: `${error.message}\n` };
  if (error instanceof TooLargeError) return { status_code: 413, body: `${error.message}\n` };
  if (error instanceof RefusedError) return { status_code: 422, body: `${error.message}\n` };
  if (error instanceof UsageError) return { status_code: 400, body: `${error.message}\n` };
  // All of it has arrived, and there is no room to keep it as an upload: the next question how far it is tries again.
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return DISK_FULL;
  return undefined;
}
