import { basename } from 'node:path';
import type { Config } from '../config/config.js';
import type { Connections } from '../database/open-connections.js';
import { readAhead } from './formats/read-ahead.js';
import type { LoadProgress } from './load-options.js';
import type { LoadConfig } from './load-now.js';
import { fileIdentity, statFile } from './local-file.js';
import type { Receipt } from './receipt.js';
import { receivedBefore } from './received-before.js';
import type { UploadRequest } from './receive-upload.js';
import { zoneName } from './zone-name.js';

export interface IngestRequest extends Omit<UploadRequest, 'filename'> {
  readonly path: string;
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface IngestResult {
  readonly receipt: Receipt;
  /** The same bytes had been received before; nothing was written. */
  readonly repeated: boolean;
}

export type IngestConfig = LoadConfig & Pick<Config, 'uploadMaxBytes' | 'unpackedMaxBytes'>;

/**
 * Receives a local file and loads it in this process; when a running service takes it first, waits for it.
 * @throws UsageError when there is no such file.
 */
export async function ingestFile(
  database: Pick<Connections, 'connect'>,
  config: IngestConfig,
  { path, onProgress, ...request }: IngestRequest,
): Promise<IngestResult> {
  await statFile(path);
  const before = await receiptBefore(database, path, request);
  if (before !== null) return { receipt: before, repeated: true };
  // Not needed to say of a file that it is known, which takes hardly longer than to read this code.
  const { receiveUpload } = await import('./receive-upload.js');
  const { spoolIn } = await import('./spool.js');
  const loader = import('./load-now.js');
  // Awaited in its turn; until then a failure must not count as unhandled.
  loader.catch(() => undefined);
  const identity = await fileIdentity(path);
  const { id, repeated } = await receiveUpload(
    database,
    spoolIn(config),
    config,
    { ...request, filename: basename(path) },
    readAhead(path),
    new Date(),
  );
  const { loadNow } = await loader;
  const receipt = await loadNow(database, config, id, { onProgress, from: { path, identity } });
  return { receipt, repeated };
}

/** Of a file that was loaded before: copying it to the spool would only show that it is there. */
async function receiptBefore(
  database: Pick<Connections, 'connect'>,
  path: string,
  { utility, kind, zone, options, idempotencyKey }: Omit<IngestRequest, 'path'>,
): Promise<Receipt | null> {
  if (idempotencyKey) return null;
  const client = await database.connect();
  try {
    return await receivedBefore(client, { path, utility, kind, zone: zoneName(zone), options });
  } finally {
    await client.end();
  }
}
