import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import type { Connections } from '../database/open-connections.js';
import { readAhead } from './formats/read-ahead.js';
import type { Receipt } from './receipt.js';
import type { LoadProgress } from './load-options.js';
import { fileIdentity, statFile } from './local-file.js';
import { receiptOfUpload, receivedBefore, rememberFile } from './received-before.js';
import type { UploadRequest } from './receive-upload.js';
import { Spool } from './spool.js';
import { claimUpload, releaseUpload, uploadRow } from './upload.repository.js';
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

export type IngestConfig = Pick<
  Config,
  'dataDir' | 'uploadMaxBytes' | 'unpackedMaxBytes' | 'rejectedRowsKept'
> &
  Partial<Pick<Config, 'checks'>>;

/** Folder of received files below the data folder. */
export function spoolIn(config: Pick<Config, 'dataDir'>): Spool {
  return new Spool(join(config.dataDir, 'spool'));
}

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
  // Not needed to say of a file that it is known, which takes hardly longer than to load them.
  const { receiveUpload } = await import('./receive-upload.js');
  const spool = spoolIn(config);
  const identity = await fileIdentity(path);
  const input = readAhead(path);
  const { id, repeated } = await receiveUpload(
    database,
    spool,
    config,
    { ...request, filename: basename(path) },
    input,
    new Date(),
  );
  await remember(database, id, { path, identity });
  return { receipt: await loadNow(database, config, id, onProgress), repeated };
}

async function remember(
  database: Pick<Connections, 'connect'>,
  id: number,
  file: Parameters<typeof rememberFile>[2],
): Promise<void> {
  const client = await database.connect();
  try {
    await rememberFile(client, id, file);
  } finally {
    await client.end();
  }
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

/** Loads a received upload in this process; when a running service takes it first, waits for it. */
export async function loadNow(
  database: Pick<Connections, 'connect'>,
  config: IngestConfig,
  id: number,
  onProgress?: IngestRequest['onProgress'],
): Promise<Receipt> {
  const { loadUpload } = await import('./load-upload.js');
  const spool = spoolIn(config);
  const client = await database.connect();
  try {
    for (;;) {
      const { status, committedBytes, totalBytes, counts } = await uploadRow(client, id);
      if (status !== 'received' && status !== 'loading') break;
      if (await claimUpload(client, id)) {
        const { rejectedRowsKept, checks } = config;
        await loadUpload(client, id, { spool, rejectedRowsKept, checks, now: () => new Date(), onProgress });
        await releaseUpload(client, id);
        break;
      }
      if (counts.rows !== undefined) {
        onProgress?.({
          bytesDone: committedBytes,
          bytesTotal: totalBytes,
          counts: counts as LoadProgress['counts'],
        });
      }
      await sleep(200);
    }
    return await receiptOfUpload(client, id);
  } finally {
    await client.end();
  }
}
