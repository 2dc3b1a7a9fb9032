import type { CheckSettings } from '../config/domain/checks.js';
import type { IntakeCounts } from './domain/intake-counts.js';
import type { Spool } from './spool.js';

export interface LoadProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number | null;
  readonly counts: IntakeCounts;
}

export interface LoadOptions {
  readonly spool: Spool;
  /** Rejected rows kept per upload for download; all are counted. */
  readonly rejectedRowsKept: number;
  /** What each check of readings does; the usual when not set. */
  readonly checks?: CheckSettings;
  readonly now: () => Date;
  /** Size of a batch of readings in memory; 16 MiB when not set. */
  readonly batchBytes?: number;
  /** Files from this size on have their rows encoded in a thread of their own; 8 MiB when not set. */
  readonly largeFileBytes?: number;
  /** Ends the load after the batch in hand; the upload stays open and is taken up again later. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}
