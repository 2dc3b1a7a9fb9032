import type { Zone } from '../grid/domain/time-zone.js';
import type { RegistryRow } from '../grid/domain/registry-row.js';
import { DAILY_MINUTES } from '../readings/domain/interval.js';
import { ProfileBatch } from '../readings/domain/profile-batch.js';
import { QUALITY } from '../readings/domain/quality.js';
import type { MeterEventRow } from '../readings/meter-event.repository.js';
import type { RegisterRow } from '../readings/register.repository.js';
import { GIVEN_NOTE, type IntakeCounts } from './domain/intake-counts.js';
import type { PointIndex } from './domain/point-index.js';
import type { RejectedRow, RejectReason } from './domain/rejected-row.js';
import {
  MOST_BLOCK_DAYS,
  type FoundIntervals,
  type FoundItem,
  type FoundMessage,
  type FoundPointCode,
  type FoundTime,
  type Place,
} from './formats/format.js';
import type { Territory } from './formats/point-clock.js';
import type { HeldPoint } from './formats/readings-decoder.js';
import { badEnergy, daysOf, storedInterval, summedUp } from './found-energies.js';
import { badTime, FoundTimes, minutesOf } from './found-times.js';
import { BATCH_BYTES } from './load-options.js';
import { MessageAnswers } from './message-answers.js';
import type { Messages } from './received-messages.js';
import type { MessageReceipt } from './upload.entity.js';
import type { UploadRow } from './upload.repository.js';

/** A batch also ends when so many rejected rows, held points, registers, events or rows wait to be written. */
const MOST_WAITING = 10_000;
const MOST_NOTES = 50;
/** Of one block: a day of 288 bad values is one mistake. */
const MOST_REJECTS_OF_BLOCK = 10;
const MAX_ID_LENGTH = 128;

export interface FoundItemsOptions {
  readonly upload: UploadRow;
  readonly zone: Zone | null;
  readonly points: PointIndex;
  readonly territories: readonly Territory[];
  readonly counts: IntakeCounts;
  /** This run is for points that were held: others are passed over, and so is what was rejected before. */
  readonly heldOnly: boolean;
  readonly messages: Messages;
}

/** What has been taken from a file since it was last stored. */
export interface Gathered {
  readonly batches: readonly ProfileBatch[];
  readonly registers: readonly RegisterRow[];
  readonly events: readonly MeterEventRow[];
  readonly registryRows: readonly RegistryRow[];
  readonly codes: readonly FoundPointCode[];
  readonly rejected: readonly RejectedRow[];
  readonly held: ReadonlyMap<string, HeldPoint>;
}

/**
 * Puts decoded items where they belong: intervals into day rows of the point's standard-time calendar, the rest into
 * lists; what can't be placed is rejected, and what no registry names is held. Nothing of this waits for the database.
 */
export class FoundItems {
  readonly counts: IntakeCounts;
  readonly points: PointIndex;
  readonly messages: Messages;
  /** Assumptions that showed while decoding. */
  readonly assumed: string[] = [];

  private readonly batches = new Map<number, ProfileBatch>();
  private registers: RegisterRow[] = [];
  private events: MeterEventRow[] = [];
  private registryRows: RegistryRow[] = [];
  private codes: FoundPointCode[] = [];
  private rejected: RejectedRow[] = [];
  private held = new Map<string, HeldPoint>();
  private readonly times: FoundTimes;
  private readonly answersOf = new MessageAnswers();
  private message: FoundMessage | null = null;
  private member = '';
  /** Items that an earlier run has committed are passed over. */
  private passBy: number;
  private items = 0;

  constructor(private readonly options: FoundItemsOptions) {
    this.counts = options.counts;
    this.points = options.points;
    this.messages = options.messages;
    this.times = new FoundTimes(options);
    this.passBy = options.counts.items ?? 0;
  }

  get answers(): readonly MessageReceipt[] {
    return this.answersOf.all();
  }

  get clockName(): string {
    return this.options.zone?.name ?? 'territory';
  }

  /** False: what was gathered must be stored first. */
  hasRoomFor(item: FoundItem): boolean {
    const { registers, events, registryRows, codes, rejected, held } = this;
    const waiting = [
      registers.length,
      events.length,
      registryRows.length,
      codes.length,
      rejected.length,
      held.size,
    ];
    if (waiting.some((count) => count >= MOST_WAITING)) return false;
    if (item.kind !== 'intervals') return true;
    const batch = this.batches.get(storedInterval(item.intervalMinutes) ?? 0);
    return batch?.hasRoomFor(daysOf(item)) ?? true;
  }

  take(item: FoundItem, member: string): void {
    this.items++;
    this.member = member;
    if (item.kind === 'message') {
      this.message = item;
      this.answersOf.begin(item);
    }
    if (this.passBy > 0) {
      this.passBy--;
      return;
    }
    switch (item.kind) {
      case 'intervals':
        return this.takeIntervals(item);
      case 'register': {
        const found = this.placeOne(item, item.at);
        if (found !== null) {
          const { serial, zone, kwh, ctRatio, quality } = item;
          this.registers.push({
            ...found,
            serial,
            zone,
            kwh: Math.round(kwh * 1000) / 1000,
            ctRatio,
            quality,
          });
          this.counts.accepted++;
        }
        return;
      }
      case 'event': {
        const found = this.placeOne(item, item.at);
        if (found !== null) {
          this.events.push({ ...found, journal: item.journal, code: item.code });
          this.counts.accepted++;
        }
        return;
      }
      case 'registry-row':
        this.counts.rows++;
        this.counts.accepted++;
        this.counts.lastLine = Math.max(this.counts.lastLine, item.place.line);
        this.registryRows.push(item.row);
        return;
      case 'point-code':
        this.counts.rows++;
        this.counts.accepted++;
        this.codes.push(item);
        return;
      case 'problem':
        this.counts.rows += item.field === '' ? 1 : 0;
        if (!this.options.heldOnly) this.reject(item.place, item.field, item.reason, item.detail, item.raw);
        return;
      case 'assumed':
        this.note(item.sentence);
        return;
      case 'message':
        return;
    }
  }

  /** Hands over what was gathered; it must be stored before anything else is taken. */
  gathered(): Gathered {
    const { registers, events, registryRows, codes, rejected, held } = this;
    const batches = [...this.batches.values()].filter(({ rows }) => rows > 0);
    for (const { duplicates } of batches) {
      this.counts.duplicatesEqual += duplicates.equal;
      this.counts.duplicatesDifferent += duplicates.different;
    }
    this.counts.items = this.items;
    return { batches, registers, events, registryRows, codes, rejected, held };
  }

  clear(): void {
    for (const batch of this.batches.values()) if (batch.rows > 0) batch.clear();
    this.registers = [];
    this.events = [];
    this.registryRows = [];
    this.codes = [];
    this.rejected = [];
    this.held = new Map();
  }

  private note(sentence: string): void {
    if (!this.assumed.includes(sentence) && this.assumed.length < MOST_NOTES) this.assumed.push(sentence);
  }

  private takeIntervals(item: FoundIntervals): void {
    const { counts } = this;
    counts.rows++;
    counts.lastLine = Math.max(counts.lastLine, item.place.line);
    let present = 0;
    let nonCommercial = 0;
    for (let at = 0; at < item.wh.length; at++) {
      if (Number.isNaN(item.wh[at])) continue;
      present++;
      if (item.quality !== null && item.quality[at] !== QUALITY.actual) nonCommercial++;
    }
    this.answersOf.note(present < item.wh.length || nonCommercial > 0);
    const interval = storedInterval(item.intervalMinutes);
    if (interval === null || daysOf(item) > MOST_BLOCK_DAYS + 2) {
      const detail = `Intervals of ${item.intervalMinutes} minutes are not read: 60, 30, 15 and 5 minutes, what sums up to them, and whole days.`;
      if (!this.options.heldOnly) this.reject(item.place, '', 'bad_interval', detail, '');
      return;
    }
    const point = this.find(item.point, item.place, present);
    if (point < 0) return;
    if (this.isSuperseded(item.point)) {
      counts.superseded = (counts.superseded ?? 0) + present;
      return;
    }
    if (!this.options.heldOnly) counts.blank += item.wh.length - present;
    // Consumption is what is judged; the store has no channel for what a home gives.
    if (item.channel === 'export') {
      counts.exported = (counts.exported ?? 0) + present;
      this.note(GIVEN_NOTE);
      return;
    }
    this.putAll(point, item, interval);
  }

  private putAll(point: number, item: FoundIntervals, interval: number): void {
    const summed = item.intervalMinutes === interval ? item : summedUp(item, interval);
    if (summed === null) {
      const detail = `The ${item.intervalMinutes}-minute intervals do not begin where ${interval}-minute ones do.`;
      this.reject(item.place, '', 'off_interval', detail, '');
      return;
    }
    const batch = this.batchOf(interval);
    const clock = this.times.clockFor(item.start);
    let rejects = 0;
    for (let at = 0; at < summed.wh.length; at++) {
      if (Number.isNaN(summed.wh[at])) continue;
      const wh = Math.round(summed.wh[at]);
      const bad = badEnergy(wh, interval);
      const minutes = bad === null ? minutesOf(clock, point, item.start, at, interval) : 0;
      const fault = bad ?? badTime(clock, point, minutes, interval);
      if (fault !== null) {
        this.countReject(fault.reason);
        if (rejects++ < MOST_REJECTS_OF_BLOCK) {
          const shown = `interval ${at + 1}`;
          this.keepReject(item.place, shown, fault.reason, fault.detail, `${summed.wh[at] / 1000} kWh`);
        }
        continue;
      }
      const day = Math.floor(minutes / DAILY_MINUTES);
      const row = batch.row(point, day);
      batch.put(row, (minutes - day * DAILY_MINUTES) / interval, wh, summed.quality?.[at] ?? QUALITY.actual);
      this.counts.accepted++;
    }
  }

  /** A register's or an event's point and moment; null when it is held, rejected or passed over. */
  private placeOne(
    item: { readonly point: string; readonly place: Place },
    at: FoundTime,
  ): { point: number; utcMs: number; standardMinutes: number } | null {
    const { counts } = this;
    counts.rows++;
    counts.lastLine = Math.max(counts.lastLine, item.place.line);
    const point = this.find(item.point, item.place, 1);
    if (point < 0) return null;
    const moment = this.times.momentOf(point, at);
    if ('reason' in moment) {
      this.reject(item.place, '', moment.reason, moment.detail, item.point);
      return null;
    }
    return { point, ...moment };
  }

  /** Index of the point; −1: held, rejected or passed over. */
  private find(id: string, place: Place, values: number): number {
    const bytes = Buffer.from(id);
    const point = this.points.find(bytes, 0, bytes.length);
    if (point >= 0) return point;
    if (this.options.heldOnly) return -1;
    if (id === '' || id.length > MAX_ID_LENGTH || id.includes('\0')) {
      const detail = id === '' ? 'The metering point is blank.' : 'The metering point is no name of one.';
      this.reject(place, '', 'bad_id', detail, id.slice(0, MAX_ID_LENGTH).replaceAll('\0', '\ufffd'));
      return -1;
    }
    this.answersOf.unknown();
    if (this.message !== null) this.messages.note(this.message, id);
    this.counts.held += values;
    const held = this.held.get(id);
    if (held) held.readings += values;
    else this.held.set(id, { readings: values, firstLine: place.line });
    return -1;
  }

  private isSuperseded(point: string): boolean {
    if (this.message === null) return false;
    if (this.messages.isSuperseded(this.message, point)) return true;
    this.messages.note(this.message, point);
    return false;
  }

  private batchOf(interval: number): ProfileBatch {
    let batch = this.batches.get(interval);
    if (batch === undefined) {
      const slots = Math.max(24, DAILY_MINUTES / interval);
      const capacity = Math.max(2 * MOST_BLOCK_DAYS, Math.floor(BATCH_BYTES / 4 / slots));
      batch = new ProfileBatch(interval, capacity, new Uint8Array(this.points.size));
      this.batches.set(interval, batch);
    }
    return batch;
  }

  private reject(place: Place, field: string, reason: RejectReason, detail: string, raw: string): void {
    this.countReject(reason);
    this.keepReject(place, field, reason, detail, raw);
  }

  private countReject(reason: RejectReason): void {
    this.counts.rejected++;
    this.counts.rejectedByReason[reason] = (this.counts.rejectedByReason[reason] ?? 0) + 1;
    this.answersOf.fault(reason);
  }

  private keepReject(place: Place, field: string, reason: RejectReason, detail: string, raw: string): void {
    const where = [this.member, place.path, field].filter((part) => part !== '').join(': ');
    const { line } = place;
    this.rejected.push({
      line,
      field: where,
      reason,
      detail,
      raw: raw.slice(0, 4_000).replaceAll('\0', '\ufffd'),
    });
  }
}
