import type { Client } from 'pg';
import { RefusedError } from '../config/errors.js';
import { applyHeldReadings, loadReadings } from './load-readings.js';
import { loadRegistry } from './load-registry.js';
import { loadWeather } from './load-weather.js';
import type { LoadOptions } from './load-options.js';
import {
  beginLoading,
  claimUpload,
  endUpload,
  releaseUpload,
  uploadRow,
  uploadsToApply,
  type UploadRow,
} from './upload.repository.js';

/**
 * Loads a claimed upload to its end: loaded, refused with a sentence, or failed. When the database goes away the
 * upload stays open and is taken up again from its last committed batch.
 */
export async function loadUpload(client: Client, id: number, options: LoadOptions): Promise<void> {
  const upload = await uploadRow(client, id);
  await beginLoading(client, id, options.now());
  try {
    await loadByKind(client, upload, options);
    await endUpload(client, id, 'loaded', null, options.now());
  } catch (error) {
    if (error instanceof RefusedError) {
      await endUpload(client, id, 'refused', error.message, options.now());
      return;
    }
    if (options.signal?.aborted) throw error;
    await endUpload(
      client,
      id,
      'failed',
      `The service failed on this file: ${(error as Error).message}`,
      options.now(),
    );
    throw error;
  }
  // Also after readings: a registry may have named their points while they were being loaded.
  await applyAllHeld(client, upload.utilityId, options);
}

async function loadByKind(client: Client, upload: UploadRow, options: LoadOptions): Promise<void> {
  switch (upload.kind) {
    case 'registry':
      return loadRegistry(client, upload, options);
    case 'weather':
      return loadWeather(client, upload, options);
    case 'readings':
    case 'transformer-readings':
      return loadReadings(client, upload, options);
  }
}

/** In the order of receipt. An upload whose held readings another process is applying is left to it. */
async function applyAllHeld(client: Client, utilityId: number, options: LoadOptions): Promise<void> {
  for (const id of await uploadsToApply(client, utilityId)) {
    if (!(await claimUpload(client, id))) continue;
    try {
      await applyHeldReadings(client, await uploadRow(client, id), { ...options, onProgress: undefined });
    } finally {
      await releaseUpload(client, id);
    }
  }
}
