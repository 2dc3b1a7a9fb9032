import { createHash, hash as digest } from 'node:crypto';
import { systemActor, type AuditEntry } from './entry.js';

/**
 * How a stored day of readings is tied to the audit log. A row's mark is its metering point, its revision and the first 12
 * bytes of the SHA-256 over everything the row says (96 bits: nobody finds another day with the same ones); a seal is the
 * marks that one batch of an upload wrote for one day, in the order of metering points. The seal's SHA-256 stands in the
 * log, the marks beside the readings: so a changed row is named even though the log keeps 32 bytes for thousands of rows.
 * PostgreSQL writes the same bytes in `load_profile_mark`.
 */
export const MARK_BYTES = 18;
export const KEY_BYTES = 6;
export const DIGEST_BYTES = 12;
const HEAD_BYTES = 34;

/** A stored row, as far as it is not bytes already. */
export interface MarkedRow {
  readonly meteringPointId: number;
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly channel: number;
  readonly revision: number;
  readonly uploadId: number;
  readonly intervalMinutes: number;
  readonly intervals: number;
  readonly scale: number;
  readonly totalWh: number;
}

/** What a batch wrote of one day and channel. */
export interface DaySeal {
  /** YYYY-MM-DD */
  readonly day: string;
  readonly channel: number;
  readonly rows: number;
  /** SHA-256 of the marks, base64. */
  readonly root: string;
}

const scratch = Buffer.alloc(1 << 13);

/** Writes the row's mark into `target` at `at`. */
export function writeMark(
  row: MarkedRow,
  energy: Uint8Array,
  quality: Uint8Array,
  target: Buffer,
  at: number,
): void {
  scratch.writeInt32BE(row.meteringPointId, 0);
  scratch.writeInt32BE(row.day, 4);
  scratch.writeInt16BE(row.channel, 8);
  scratch.writeInt16BE(row.revision, 10);
  scratch.writeInt32BE(row.uploadId, 12);
  scratch.writeInt16BE(row.intervalMinutes, 16);
  scratch.writeInt16BE(row.intervals, 18);
  scratch.writeInt16BE(row.scale, 20);
  scratch.writeInt32BE(Math.floor(row.totalWh / 4_294_967_296), 22);
  scratch.writeUInt32BE(row.totalWh >>> 0, 26);
  scratch.writeInt32BE(energy.length, 30);
  scratch.set(energy, HEAD_BYTES);
  scratch.set(quality, HEAD_BYTES + energy.length);
  const content = scratch.subarray(0, HEAD_BYTES + energy.length + quality.length);
  target.writeInt32BE(row.meteringPointId, at);
  target.writeInt16BE(row.revision, at + 4);
  // As text and not as a buffer: a quarter of the time with its garbage collection, and there is one for each stored row.
  target.write(digest('sha256', content, 'binary'), at + KEY_BYTES, DIGEST_BYTES, 'latin1');
}

/**
 * {@link writeMark} for rows of one channel, revision and upload that come by the hundred thousand: what they have in common
 * is written once, and nothing is made for a row but the text of its digest. Verification keeps to the plain one.
 */
export class MarkWriter {
  private readonly content = new Uint8Array(1 << 13);
  private readonly view = new DataView(this.content.buffer);
  private readonly energies = new Map<number, Uint8Array>();
  private readonly contents = new Map<number, Uint8Array>();

  constructor({ channel, revision, uploadId }: Pick<MarkedRow, 'channel' | 'revision' | 'uploadId'>) {
    this.view.setInt16(8, channel);
    this.view.setInt16(10, revision);
    this.view.setInt32(12, uploadId);
  }

  /** Where the next row's energies are to be, before {@link write}. */
  energy(slots: number): Uint8Array {
    let energy = this.energies.get(slots);
    if (energy === undefined) {
      energy = this.content.subarray(HEAD_BYTES, HEAD_BYTES + slots * 2);
      this.energies.set(slots, energy);
    }
    return energy;
  }

  write(
    row: Pick<MarkedRow, 'meteringPointId' | 'day' | 'intervalMinutes' | 'intervals' | 'scale' | 'totalWh'>,
    quality: Uint8Array,
    target: Uint8Array,
    at: number,
  ): void {
    const { view, content } = this;
    const energyBytes = (1440 / row.intervalMinutes) * 2;
    view.setInt32(0, row.meteringPointId);
    view.setInt32(4, row.day);
    view.setInt16(16, row.intervalMinutes);
    view.setInt16(18, row.intervals);
    view.setInt16(20, row.scale);
    view.setInt32(22, Math.floor(row.totalWh / 4_294_967_296));
    view.setUint32(26, row.totalWh);
    view.setInt32(30, energyBytes);
    if (quality.length > 0) content.set(quality, HEAD_BYTES + energyBytes);
    // As text: a quarter of the time that a buffer takes.
    const text = digest('sha256', this.contentOf(HEAD_BYTES + energyBytes + quality.length), 'binary');
    target[at] = row.meteringPointId >>> 24;
    target[at + 1] = row.meteringPointId >>> 16;
    target[at + 2] = row.meteringPointId >>> 8;
    target[at + 3] = row.meteringPointId;
    target[at + 4] = content[10];
    target[at + 5] = content[11];
    for (let i = 0; i < DIGEST_BYTES; i++) target[at + KEY_BYTES + i] = text.charCodeAt(i);
  }

  private contentOf(bytes: number): Uint8Array {
    let content = this.contents.get(bytes);
    if (content === undefined) {
      content = this.content.subarray(0, bytes);
      this.contents.set(bytes, content);
    }
    return content;
  }
}

/** SHA-256 of a seal's marks, base64: what the log keeps. */
export function sealRoot(marks: Uint8Array): string {
  return createHash('sha256').update(marks).digest('base64');
}

export const READINGS_STORED = 'readings.stored';

/** The log's entry over a batch of readings: a line of the day, the channel, the rows and the root for each seal. */
export function storedDaysEntry(
  uploadId: number,
  organisation: string | null,
  { batch, seals }: { readonly batch: number; readonly seals: readonly DaySeal[] },
): AuditEntry {
  const days = seals.map(({ day, channel, rows, root }) => [day, channel, rows, root]);
  return {
    actor: systemActor('uploads', organisation),
    kind: READINGS_STORED,
    subject: `upload:${uploadId}`,
    body: { batch, days },
  };
}
