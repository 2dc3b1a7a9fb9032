import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Utility } from '../grid/utility.entity.js';
import type { IntakeCounts } from './domain/intake-counts.js';
import { UPLOAD_KINDS, type UploadKind } from './domain/upload-kind.js';
import type { Question, UploadOptions } from './domain/upload-options.js';

export { UPLOAD_KINDS, type UploadKind };

export const UPLOAD_STATUSES = ['received', 'loading', 'held', 'loaded', 'refused', 'failed'] as const;
export type UploadStatus = (typeof UPLOAD_STATUSES)[number];

const bigintAsNumber = {
  to: (value: number | null) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

/** What was recognised in the file, for the receipt. */
export interface UploadLayout {
  readonly layout: string;
  readonly delimiter: string;
  readonly columns: readonly string[];
  readonly ignored_columns: readonly string[];
  readonly interval_minutes?: number;
  /** How times without an offset were read. */
  readonly clock?: string;
  /** Of a format that is not one of our own layouts: what was recognised, in a sentence, and what was assumed. */
  readonly recognised?: string;
  readonly assumed?: readonly string[];
  /** What the sender of numbered messages is answered, in the codes of its own field. */
  readonly messages?: readonly MessageReceipt[];
}

/** The answer to one message of a file. */
export interface MessageReceipt {
  readonly family: string;
  readonly sender: string;
  readonly number: string;
  readonly period: string;
  /** As in the exchange of АСКУЭ files: 0 taken, 1 taken with non-commercial values, 2 unknown channels, 3 errors of format. */
  readonly code: number;
  readonly text: string;
}

/** One received file, how it was read, and how far it is loaded. */
@Entity('upload')
@Check(
  'upload_kind_check',
  `kind in ('registry', 'readings', 'transformer-readings', 'weather', 'registers', 'events', 'point-codes')`,
)
@Check('upload_status_check', `status in ('received', 'loading', 'held', 'loaded', 'refused', 'failed')`)
@Index('upload_sha256_idx', ['utilityId', 'kind', 'sha256'])
@Index('upload_local_file_idx', ['localFile'], { where: 'local_file is not null' })
@Index('upload_open_idx', ['id'], { where: `status in ('received', 'loading')` })
export class Upload {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'upload_pkey',
  })
  id: number;

  @Column('integer', { name: 'utility_id' })
  @ForeignKey(() => Utility, { name: 'upload_utility_fkey' })
  utilityId: number;

  @Column('text')
  kind: UploadKind;

  @Column('text')
  filename: string;

  @Column('text', { nullable: true })
  zone: string | null;

  @Column('text')
  sha256: string;

  @Column('bigint', { transformer: bigintAsNumber })
  bytes: number;

  @Column('text')
  status: UploadStatus;

  @Column('text', { nullable: true })
  refusal: string | null;

  @Column('timestamptz', { name: 'received_at' })
  receivedAt: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;

  /** How often loading was begun without any progress since. */
  @Column('smallint', { default: 0 })
  attempts: number;

  @Column('bigint', { name: 'committed_bytes', default: 0, transformer: bigintAsNumber })
  committedBytes: number;

  @Column('bigint', { name: 'total_bytes', nullable: true, transformer: bigintAsNumber })
  totalBytes: number | null;

  @Column('jsonb', { default: {} })
  counts: Partial<IntakeCounts>;

  @Column('jsonb', { nullable: true })
  layout: UploadLayout | null;

  /** How it is to be read where the file does not say. */
  @Column('jsonb', { default: {} })
  options: UploadOptions;

  /** When retention dropped the file itself; null: it is kept. */
  @Column('timestamptz', { name: 'file_dropped_at', nullable: true })
  fileDroppedAt: Date | null;

  /** The file on this machine that it came from, and as of when; null: it was sent, or was being changed. */
  @Column('text', { name: 'local_file', nullable: true })
  localFile: string | null;

  /** What its sender is asked while it is held. */
  @Column('jsonb', { nullable: true })
  question: Question | null;
}
