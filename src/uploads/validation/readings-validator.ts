import type { Client } from 'pg';
import type { CheckSettings } from '../../config/domain/checks.js';
import { isoFromDay, type DayNumber } from '../../grid/domain/calendar.js';
import type { ProfileBatch } from '../../readings/domain/profile-batch.js';
import { HeldError } from '../held-error.js';
import type { PointIndex } from '../domain/point-index.js';
import { RAW_REASONS } from '../domain/rejected-row.js';
import type { UploadRow } from '../upload.repository.js';
import { DayChecks, type CheckedBatch } from './domain/day-checks.js';
import { addCount, type CheckCounts, type Finding } from './domain/finding.js';
import { scaleQuestion } from './domain/scale-question.js';
import { peaksBefore } from './peak-history.js';

/** Days looked up in the store for a batch; more spikes than this are one mistake of the sender. */
const MOST_LOOKED_UP = 200;

/** What the checks did with a batch. */
export interface Validated {
  readonly findings: readonly Finding[];
  /** Values taken back since the upload's first batch in this run, and by which check. */
  readonly rejected: CheckCounts;
  /** Of the whole upload in this run. */
  readonly counts: CheckCounts;
  /** Whether the batch says something else than after {@link ReadingsValidator.look}. */
  readonly hasChanged: boolean;
}

/**
 * Puts the batches of one upload through the checks, whatever format they were decoded from. Call {@link look} and
 * {@link confirm} once for each batch, in order, before the batch is stored.
 */
export class ReadingsValidator {
  private readonly days: DayChecks;
  /** What only the merge into the store shows, in this run. */
  readonly ofStore: CheckCounts = {};
  private isFirst: boolean;

  /**
   * @param asks false: nobody is asked any more (a run for held points, or one that goes on from its middle).
   * @param ownMonths first days of the months that the upload makes and fills; ready for a batch before it is confirmed.
   */
  constructor(
    private readonly client: Client,
    private readonly upload: UploadRow,
    private readonly settings: CheckSettings,
    private readonly points: PointIndex,
    asks: boolean,
    private readonly ownMonths: ReadonlySet<DayNumber> = new Set(),
  ) {
    this.days = new DayChecks(settings, points, Math.floor(upload.receivedAt.getTime() / 86_400_000));
    this.isFirst = asks;
  }

  /**
   * What the batch itself shows; nothing is asked of the database, so that the batch before may be on its way there. That
   * one's {@link confirm} must have ended.
   * @throws HeldError the file's beginning does not fit what is known of its points: its sender has to say.
   */
  look(batch: ProfileBatch): CheckedBatch {
    if (this.isFirst) this.ask(batch);
    this.isFirst = false;
    return this.days.check(batch);
  }

  /** Holds against the store what only that can tell; afterwards the batch may be stored. */
  async confirm(batch: ProfileBatch, { findings, spikes }: CheckedBatch): Promise<Validated> {
    const { rows } = batch;
    const confirmed =
      spikes.length > 0 ? await this.confirmSpikes(batch, spikes.slice(0, MOST_LOOKED_UP)) : 0;
    const counts = { ...this.days.counts };
    const rejected: CheckCounts = {};
    for (const check of RAW_REASONS)
      if (this.settings[check].severity === 'reject' && counts[check]) rejected[check] = counts[check];
    if (Object.keys(rejected).length > 0) batch.dropEmptyRows();
    return { findings, rejected, counts, hasChanged: confirmed > 0 || batch.rows !== rows };
  }

  /** Days that were stored in intervals of another length; only the merge knows. */
  countOtherLength(days: number): void {
    if (days > 0 && this.settings.interval_length.severity !== 'off')
      addCount(this.ofStore, 'interval_length', days);
  }

  private ask(batch: ProfileBatch): void {
    const question = scaleQuestion(batch, this.points, this.settings);
    if (question !== null && this.upload.options[question.about] === undefined) throw new HeldError(question);
  }

  /** Returns how many of them stand out against what is stored. */
  private async confirmSpikes(batch: ProfileBatch, spikes: CheckedBatch['spikes']): Promise<number> {
    const days = spikes.map(({ row }) => ({
      id: this.points.pointIds[batch.points[row]],
      day: isoFromDay(batch.days[row]),
    }));
    // What this run has put into months of its own, it knows without the store; and they have no key to look it up by.
    const peaks = await peaksBefore(this.client, days, this.ownMonths);
    let confirmed = 0;
    spikes.forEach((spike, at) => {
      const peakKw = peaks[at];
      if (peakKw <= 0 || spike.kw <= peakKw * this.settings.spike.limit) return;
      this.days.spike(batch, spike, peakKw);
      confirmed++;
    });
    return confirmed;
  }
}
