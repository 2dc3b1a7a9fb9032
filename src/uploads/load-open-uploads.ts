import type { Client } from 'pg';
import type { LoadOptions, LoadProgress } from './load-options.js';
import { loadUpload, passes } from './load-upload.js';
import { claimOpenUpload, releaseUpload, uploadRow } from './upload.repository.js';

export interface LoaderEvents {
  readonly onProgress?: (id: number, progress: LoadProgress) => void;
  readonly onEnd?: (id: number, startMs: number) => void;
  readonly onError?: (id: number, error: Error) => void;
}

/**
 * Loads every upload that waits, oldest first, until none is left or `signal` aborts. Any number of
 * processes may do this at once: each upload is claimed by one. An upload that is given up does not hold up those behind it;
 * one on which loading is to be tried again leaves the rest to the next call.
 */
export async function loadOpenUploads(
  client: Client,
  options: Omit<LoadOptions, 'onProgress' | 'signal'>,
  events: LoaderEvents,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const id = await claimOpenUpload(client);
    if (id === null) return;
    const startMs = Date.now();
    try {
      await loadUpload(client, id, {
        ...options,
        signal,
        onProgress: (progress) => events.onProgress?.(id, progress),
      });
    } catch (error) {
      if (signal.aborted) return;
      events.onError?.(id, error as Error);
      // The next look takes up what is still open; at once, the same would go wrong.
      if (passes(error) || (await uploadRow(client, id)).status === 'loading') return;
    } finally {
      await releaseUpload(client, id);
    }
    events.onEnd?.(id, startMs);
  }
}
