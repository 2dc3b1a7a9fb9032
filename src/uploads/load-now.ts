import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Config } from '../config/config.js';
import type { Connections } from '../database/open-connections.js';
import type { LoadProgress } from './load-options.js';
import { loadUpload } from './load-upload.js';
import type { Receipt } from './receipt.js';
import { receiptOfUpload, rememberFile, type FileAsRead } from './received-before.js';
import { spoolIn } from './spool.js';
import { claimUpload, releaseUpload, uploadRow } from './upload.repository.js';

export type LoadConfig = Pick<Config, 'dataDir' | 'rejectedRowsKept'> & Partial<Pick<Config, 'checks'>>;

export interface LoadNowOptions {
  readonly onProgress?: (progress: LoadProgress) => void;
  /** The local file that it came from. */
  readonly from?: FileAsRead;
}

/** Loads a received upload in this process; when a running service takes it first, waits for it. */
export async function loadNow(
  database: Pick<Connections, 'connect'>,
  config: LoadConfig,
  id: number,
  { onProgress, from }: LoadNowOptions = {},
): Promise<Receipt> {
  const client = await database.connect();
  try {
    if (from !== undefined) await rememberFile(client, id, from);
    await load(client, config, id, onProgress);
    return await receiptOfUpload(client, id);
  } finally {
    await client.end();
  }
}

async function load(
  client: Client,
  config: LoadConfig,
  id: number,
  onProgress: LoadNowOptions['onProgress'],
): Promise<void> {
  const { rejectedRowsKept, checks } = config;
  const spool = spoolIn(config);
  for (;;) {
    const { status, committedBytes, totalBytes, counts } = await uploadRow(client, id);
    if (status !== 'received' && status !== 'loading') return;
    if (await claimUpload(client, id)) {
      await loadUpload(client, id, { spool, rejectedRowsKept, checks, now: () => new Date(), onProgress });
      await releaseUpload(client, id);
      return;
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
}
