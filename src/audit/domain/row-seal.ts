import { hash } from 'node:crypto';
import { systemActor, type AuditEntry } from './entry.js';

/**
 * How stored rows that are no days of readings are tied to the audit log: a mark says of which metering point a row is, which
 * row it is (8 bytes of a digest over its key) and what it says (12 bytes of a digest over the rest). What was stored together
 * is a seal: its marks lie in `row_seal`, their SHA-256 in the log. A later mark of the same row replaces an earlier one.
 */
export const ROW_KEY_BYTES = 12;
export const ROW_MARK_BYTES = 24;
const CONTENT_BYTES = ROW_MARK_BYTES - ROW_KEY_BYTES;

export const SEALED_KINDS = ['registers', 'events', 'registry'] as const;
export type SealedKind = (typeof SEALED_KINDS)[number];

/** A stored row as PostgreSQL gives it: JSON of its key and of everything else. */
export interface SealedRow {
  readonly meteringPointId: number;
  readonly key: string;
  readonly content: string;
}

export function rowMark({ meteringPointId, key, content }: SealedRow): Buffer {
  const mark = Buffer.allocUnsafe(ROW_MARK_BYTES);
  mark.writeInt32BE(meteringPointId, 0);
  sha256(key).copy(mark, 4, 0, ROW_KEY_BYTES - 4);
  // With the key, so that no content stands under another one.
  sha256(`${meteringPointId} ${key} ${content}`).copy(mark, ROW_KEY_BYTES, 0, CONTENT_BYTES);
  return mark;
}

export const ROWS_STORED = 'rows.stored';

/** What the log says of a seal. */
export interface RowSeal {
  readonly seal: number;
  readonly of: SealedKind;
  readonly rows: number;
  /** SHA-256 of the marks, base64. */
  readonly root: string;
}

/** The log's entry over a seal; `uploadId` null: an edit stored the rows, no upload. */
export function storedRowsEntry(
  uploadId: number | null,
  organisation: string | null,
  seal: RowSeal,
): AuditEntry {
  return {
    actor: systemActor('uploads', organisation),
    kind: ROWS_STORED,
    subject: uploadId === null ? seal.of : `upload:${uploadId}`,
    body: { ...seal },
  };
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
