import type { Client } from 'pg';
import { appendAudit } from '../audit/append-audit.js';
import { storedDaysEntry } from '../audit/domain/day-seal.js';
import { USUAL_CHECKS, type CheckName } from '../config/domain/checks.js';
import { inTransaction } from '../database/transaction.js';
import { ProfileBatch } from '../readings/domain/profile-batch.js';
import { EncodingThread } from '../readings/encoding-thread.js';
import { encodeAhead, storeProfiles, type RowsAhead } from '../readings/load-profile.repository.js';
import { ensureMonths, OpenMonths } from '../readings/profile-months.js';
import { noCounts, takeBack, type IntakeCounts } from './domain/intake-counts.js';
import type { PointIndex } from './domain/point-index.js';
import { countRejects, type RejectedRow, type RejectReason } from './domain/rejected-row.js';
import type { ReadingsDecoder } from './formats/readings-decoder.js';
import type { Survey } from './formats/survey.js';
import { BATCH_BYTES, type LoadOptions } from './load-options.js';
import { pointKind } from './load-point-index.js';
import type { CheckedBatch } from './validation/domain/day-checks.js';
import { addCount, type CheckCounts } from './validation/domain/finding.js';
import { keepFindings } from './validation/findings.repository.js';
import { ReadingsValidator, type Validated } from './validation/readings-validator.js';
import {
  keepRejectedRows,
  recordHeldPoints,
  recordCounts,
  recordProgress,
  takeHeldPoints,
  uploadRow,
  type UploadRow,
} from './upload.repository.js';

/** Where batches have so many rows, the first has a sixteenth of them and the next a quarter. */
const LARGE_BATCH_ROWS = 1 << 14;
/** How many times the rows of the batch before. */
const BATCH_GROWTH = 4;
/** For smaller files a thread is not worth its start. */
const LARGE_FILE_BYTES = 8 << 20;

/** What the writer needs to know of the file that is decoded. */
interface DecodedFile {
  readonly points: PointIndex;
  readonly survey: Pick<Survey, 'intervalMinutes'>;
}

/** What was read up to a place in the file, beside the batch itself. */
interface Decoded extends ReturnType<ReadingsDecoder['takeWaiting']> {
  readonly offset: number;
  readonly counts: IntakeCounts;
}

interface Checked extends Validated {
  /** None of the batch's days is stored. */
  readonly isNew: boolean;
  readonly ahead?: RowsAhead;
}

/** Stores batches one behind the decoder. */
export class BatchWriter {
  filling: ProfileBatch;
  private storing: ProfileBatch;
  /** Rows of a batch; the first have fewer, so that the database does not wait for all of a large one. */
  private readonly capacity: number;
  private readonly intervalOfPoint: Uint8Array;
  private inFlight: Promise<void> = Promise.resolve();
  /** Of the batch in flight: what the checks made of it. */
  private checked: Promise<unknown> = Promise.resolve();
  private readonly days = { created: 0, changed: 0, unchanged: 0, passedOver: 0 };
  private readonly duplicates = { equal: 0, different: 0 };
  private readonly counts: IntakeCounts;
  private readonly validator: ReadingsValidator;
  /** What checks had found before this run. */
  private readonly checksBefore: CheckCounts;
  private readonly encoder: EncodingThread | undefined;
  /** False: there are as many as are kept. */
  private keepsFindings = true;
  /** Null: the file is not worth it, or is loaded to its end. */
  private months: OpenMonths | null;
  /** Rejected in a run for held points, and only there. */
  private readonly late: { readonly reason: RejectReason }[] = [];

  constructor(
    private readonly client: Client,
    private readonly upload: UploadRow,
    private readonly options: LoadOptions,
    private readonly file: DecodedFile,
    counts: IntakeCounts,
    private readonly heldRun = false,
  ) {
    const { intervalMinutes } = file.survey;
    // As hourly days at the most: a row of one interval is small, what finds it again is not.
    const slots = Math.max(24, 1440 / intervalMinutes);
    this.capacity = Math.floor((options.batchBytes ?? BATCH_BYTES) / 4 / slots);
    this.intervalOfPoint = new Uint8Array(file.points.size);
    const first =
      this.capacity < LARGE_BATCH_ROWS ? this.capacity : Math.ceil(this.capacity / BATCH_GROWTH ** 2);
    this.filling = this.newBatch(first);
    this.storing = this.newBatch(first);
    this.counts = counts;
    const { created, changed, unchanged, passedOver } = counts;
    this.days = { created, changed, unchanged, passedOver };
    this.duplicates = { equal: counts.duplicatesEqual, different: counts.duplicatesDifferent };
    this.checksBefore = { ...counts.checks };
    const asks = !heldRun && upload.committedBytes === 0;
    const checks = options.checks ?? USUAL_CHECKS;
    const isLarge = upload.bytes >= (options.largeFileBytes ?? LARGE_FILE_BYTES);
    this.encoder = isLarge && !heldRun ? new EncodingThread() : undefined;
    this.months = isLarge && !heldRun ? new OpenMonths() : null;
    this.validator = new ReadingsValidator(client, upload, checks, file.points, asks, this.months?.months);
  }

  /** Hands over what was decoded up to `offset` once the batch before it is stored; meanwhile it is looked through. */
  async write(decoder: ReadingsDecoder, offset: number): Promise<void> {
    const batch = this.filling;
    await this.checked;
    const looked = this.validator.look(batch);
    const ahead = this.encodeAhead(batch);
    await this.inFlight;
    this.filling = this.emptied(this.storing);
    this.storing = batch;
    this.duplicates.equal += batch.duplicates.equal;
    this.duplicates.different += batch.duplicates.different;
    const { rejected: wrong, held } = decoder.takeWaiting();
    const rejected = this.heldRun ? wrong.filter(isLateReject) : wrong;
    if (this.heldRun) for (const { reason } of rejected) this.late.push({ reason });
    const counts = structuredClone(this.counts);
    counts.duplicatesEqual = this.duplicates.equal;
    counts.duplicatesDifferent = this.duplicates.different;
    const checked = this.check(batch, looked, ahead);
    this.checked = checked;
    this.inFlight = this.store(batch, checked, { offset, counts, rejected, held });
    // Awaited at the next hand-over; until then a failure must not count as unhandled.
    this.inFlight.catch(() => undefined);
  }

  private newBatch(rows: number): ProfileBatch {
    return new ProfileBatch(this.file.survey.intervalMinutes, rows, this.intervalOfPoint);
  }

  private emptied(stored: ProfileBatch): ProfileBatch {
    const capacity = Math.min(this.capacity, this.filling.capacity * BATCH_GROWTH);
    if (stored.capacity < capacity) return this.newBatch(capacity);
    stored.clear();
    return stored;
  }

  throwIfStopped(): void {
    this.options.signal?.throwIfAborted();
  }

  /** Waits for the last batch, and gives the months that were filled their key; throws what went wrong. */
  async settled(): Promise<void> {
    await this.inFlight;
    await this.keyMonths();
  }

  /** Waits for the last batch, whatever became of it. */
  async close(): Promise<void> {
    await this.inFlight.catch(() => undefined);
    // Who is stopping has no time for it: the run that goes on with the file will do it.
    if (!this.options.signal?.aborted) await this.keyMonths().catch(() => undefined);
    await this.encoder?.close();
  }

  private async keyMonths(): Promise<void> {
    const { months } = this;
    this.months = null;
    await months?.end(this.client);
  }

  /** Where the months are the upload's own, its rows are as good as stored once they are looked through. */
  private encodeAhead(batch: ProfileBatch): RowsAhead | undefined {
    const { encoder, months, file, upload } = this;
    if (encoder === undefined || !months?.areOpenFor(batch)) return undefined;
    return encodeAhead({ batch, pointIds: file.points.pointIds, uploadId: upload.id }, encoder);
  }

  /** Makes the batch's months ready, and holds its readings against what is stored. */
  private async check(batch: ProfileBatch, looked: CheckedBatch, ahead?: RowsAhead): Promise<Checked> {
    const { client, months, file } = this;
    const { pointIds } = file.points;
    const isNew = months === null ? false : await months.makeReady(client, { batch, pointIds });
    if (months === null) await ensureMonths(client, batch);
    const validated = await this.validator.confirm(batch, looked);
    if (!validated.hasChanged) return { ...validated, isNew, ahead };
    ahead?.encoded.release();
    return { ...validated, isNew };
  }

  private async store(
    batch: ProfileBatch,
    checked: Promise<Checked>,
    { offset, counts, rejected, held }: Decoded,
  ): Promise<void> {
    const { client, upload, options } = this;
    const { findings, rejected: takenBack, counts: found, isNew, ahead } = await checked;
    this.rejectedByChecks = takenBack;
    this.found = found;
    takeBack(counts, takenBack);
    const work = async () => {
      const now = options.now();
      const { pointIds } = this.file.points;
      const { encoder } = this;
      const source = { batch, pointIds, uploadId: upload.id, now, encoder, isNew, ahead };
      const stored = await storeProfiles(client, source);
      this.days.created += stored.created;
      this.days.changed += stored.changed;
      this.days.unchanged += stored.unchanged;
      this.days.passedOver += stored.passedOver;
      Object.assign(counts, this.days);
      this.validator.countOtherLength(stored.otherLength);
      counts.checks = addedUp(this.checksBefore, { ...found, ...this.validator.ofStore });
      if (this.keepsFindings)
        this.keepsFindings = await keepFindings(
          client,
          upload.id,
          findings,
          pointIds,
          options.rejectedRowsKept,
        );
      await keepRejectedRows(client, upload.id, rejected, options.rejectedRowsKept);
      if (!this.heldRun) {
        await recordHeldPoints(client, upload.id, held);
        await recordProgress(client, upload.id, offset, counts);
      }
      if (stored.seals.length > 0)
        await appendAudit(client, [storedDaysEntry(upload.id, upload.utility, stored)]);
    };
    // Nobody is told of a batch as such; what ends the load waits for the disk.
    await inTransaction(client, work, { waitsForDisk: false });
    options.onProgress?.({ bytesDone: offset, bytesTotal: upload.totalBytes, counts });
  }

  private rejectedByChecks: CheckCounts = {};
  private found: CheckCounts = {};

  /** Accepted and rejected values of the receipt with those of a run for held points. */
  private takenLate(before: IntakeCounts): Pick<IntakeCounts, 'accepted' | 'rejected' | 'rejectedByReason'> {
    const counts = {
      ...before,
      accepted: before.accepted + this.counts.accepted,
      rejected: before.rejected + this.late.length,
      rejectedByReason: countRejects({ ...before.rejectedByReason }, this.late),
    };
    takeBack(counts, this.rejectedByChecks);
    const { accepted, rejected, rejectedByReason } = counts;
    return { accepted, rejected, rejectedByReason };
  }

  /** After a run for held points: they wait no longer, and the receipt counts their readings as taken. */
  async endHeld(): Promise<void> {
    await this.settled();
    const { client, upload } = this;
    await inTransaction(client, async () => {
      const taken = await takeHeldPoints(client, upload, pointKind(upload), this.options.now());
      const before = { ...noCounts(), ...(await uploadRow(client, upload.id)).counts };
      await recordCounts(client, upload.id, {
        ...before,
        held: before.held - taken,
        ...this.takenLate(before),
        checks: addedUp(before.checks, { ...this.found, ...this.validator.ofStore }),
        created: before.created + this.days.created,
        changed: before.changed + this.days.changed,
        unchanged: before.unchanged + this.days.unchanged,
        passedOver: before.passedOver + this.days.passedOver,
      });
    });
  }
}

function addedUp(before: CheckCounts, more: CheckCounts): CheckCounts {
  const sum = { ...before };
  for (const [check, count] of Object.entries(more) as [CheckName, number][]) addCount(sum, check, count);
  return sum;
}

/** Reasons that only show once a point's territory is known: a held row had not been rejected for them before. */
function isLateReject({ reason }: RejectedRow): boolean {
  return reason === 'no_such_local_time' || reason === 'in_future' || reason === 'off_interval';
}
