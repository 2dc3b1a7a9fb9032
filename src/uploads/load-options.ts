import type { CheckSettings } from '../config/domain/checks.js';
import type { IntakeCounts } from './domain/intake-counts.js';
import type { Spool } from './spool.js';

export interface LoadProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number | null;
  readonly counts: IntakeCounts;
}

/** Energies of a batch of readings of one interval length, in memory; two are in use, one being filled while the other is stored. */
export const BATCH_BYTES = 8 << 20;

export interface LoadOptions {
  readonly spool: Spool;
  /** Rejected rows kept per upload for download; all are counted. */
  readonly rejectedRowsKept: number;
  /** What each check of readings does; the usual when not set. */
  readonly checks?: CheckSettings;
  readonly now: () => Date;
  /** Another size of a batch than {@link BATCH_BYTES}. */
  readonly batchBytes?: number;
  /** Files from this size on have their rows encoded in a thread of their own, and fill months without a key; 8 MiB when not set. */
  readonly largeFileBytes?: number;
  /** Ends the load after the batch in hand; the upload stays open and is taken up again later. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}
