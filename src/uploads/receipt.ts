import type { Upload } from './upload.entity.js';
import type { Question, UploadOptions } from './domain/upload-options.js';
import { noCounts } from './domain/intake-counts.js';

/** What the sender of a file is told; field names as in the API. */
export interface Receipt {
  readonly id: number;
  readonly kind: string;
  readonly filename: string;
  readonly zone: string | null;
  readonly options: UploadOptions;
  readonly sha256: string;
  readonly bytes: number;
  readonly status: string;
  /** Why the file was refused or failed, in one sentence; null otherwise. */
  readonly refusal: string | null;
  /** What its sender is asked while it is held, and the option that answers it; null otherwise. */
  readonly question: Question | null;
  readonly received_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly progress: { readonly bytes_done: number; readonly bytes_total: number | null };
  readonly layout: Upload['layout'];
  readonly counts: {
    readonly rows: number;
    /** Values taken (readings, temperatures), or metering points of a registry. */
    readonly accepted: number;
    readonly blank: number;
    readonly rejected: number;
    readonly held: number;
    readonly rejected_by_reason: Readonly<Record<string, number>>;
    readonly duplicates: { readonly equal: number; readonly different: number };
    /** Days of readings, metering points of a registry, register readings or meter events. */
    readonly stored: { readonly created: number; readonly changed: number; readonly unchanged: number };
    /** Days' energies not taken, because finer readings of the day are stored. */
    readonly passed_over: number;
    /** Energies given to the grid: read, and not stored. */
    readonly exported?: number;
    /** Values of a message that a newer one of its sender had replaced. */
    readonly superseded?: number;
    /** Metering points of a registry that it would change, once a second person agrees. */
    readonly awaiting_agreement: number;
    /** Values that each check found; the ones that found nothing are not named. */
    readonly checks: Readonly<Record<string, number>>;
  };
}

/** What a receipt says of an upload. */
export type ReceiptRow = Pick<
  Upload,
  | 'id'
  | 'kind'
  | 'filename'
  | 'zone'
  | 'options'
  | 'sha256'
  | 'bytes'
  | 'status'
  | 'refusal'
  | 'question'
  | 'receivedAt'
  | 'startedAt'
  | 'finishedAt'
  | 'committedBytes'
  | 'totalBytes'
  | 'layout'
  | 'counts'
>;

export function receiptOf(upload: ReceiptRow): Receipt {
  const counts = { ...noCounts(), ...upload.counts };
  return {
    id: upload.id,
    kind: upload.kind,
    filename: upload.filename,
    zone: upload.zone,
    options: upload.options,
    sha256: upload.sha256,
    bytes: upload.bytes,
    status: upload.status,
    refusal: upload.refusal,
    question: upload.question,
    received_at: upload.receivedAt.toISOString(),
    started_at: upload.startedAt?.toISOString() ?? null,
    finished_at: upload.finishedAt?.toISOString() ?? null,
    progress: { bytes_done: upload.committedBytes, bytes_total: upload.totalBytes },
    layout: upload.layout,
    counts: {
      rows: counts.rows,
      accepted: counts.accepted,
      blank: counts.blank,
      rejected: counts.rejected,
      held: counts.held,
      rejected_by_reason: counts.rejectedByReason,
      duplicates: { equal: counts.duplicatesEqual, different: counts.duplicatesDifferent },
      stored: { created: counts.created, changed: counts.changed, unchanged: counts.unchanged },
      passed_over: counts.passedOver,
      ...(counts.exported === undefined ? {} : { exported: counts.exported }),
      ...(counts.superseded === undefined ? {} : { superseded: counts.superseded }),
      awaiting_agreement: counts.awaiting,
      checks: counts.checks,
    },
  };
}
