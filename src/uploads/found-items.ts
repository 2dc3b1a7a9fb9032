import type { Zone } from '../grid/domain/time-zone.js';
import type { RegistryRow } from '../grid/domain/registry-row.js';
import { MAX_INTERVAL_WH } from '../readings/domain/energy-codec.js';
import { DAILY_MINUTES, INTERVAL_MINUTES } from '../readings/domain/interval.js';
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
import { IN_FUTURE, NO_MIDNIGHT, PointClock, type Territory } from './formats/point-clock.js';
import type { HeldPoint } from './formats/readings-decoder.js';
import { SENTINELS_WH } from './formats/scan-value.js';
import { MessageAnswers } from './message-answers.js';
import type { Messages } from './received-messages.js';
import type { MessageReceipt } from './upload.entity.js';
import type { UploadRow } from './upload.repository.js';

/** Of one interval length; a file has one or two. */
const BATCH_BYTES = 16 << 20;
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
  private readonly clocks = new Map<Zone | null, PointClock>();
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
    const clock = this.clockOf('utcMs' in item.start ? null : item.start.zone);
    let rejects = 0;
    for (let at = 0; at < summed.wh.length; at++) {
      if (Number.isNaN(summed.wh[at])) continue;
      const wh = Math.round(summed.wh[at]);
      const bad = badEnergy(wh, interval);
      const minutes = bad === null ? this.minutesOf(clock, point, item.start, at, interval) : 0;
      const fault = bad ?? this.badTime(clock, point, minutes, interval);
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

  /** Minutes since 1970 of the point's standard-time calendar, or one of the clock's codes below zero. */
  private minutesOf(
    clock: PointClock,
    point: number,
    start: FoundTime,
    at: number,
    interval: number,
  ): number {
    const isInstant = 'utcMs' in start;
    const from = isInstant ? start.utcMs / 60_000 : start.localMinutes;
    if (interval === DAILY_MINUTES) {
      // A day's energy belongs to its date: from an instant, the day that begins about then.
      const day = isInstant
        ? clock.standardDay(point, from + at * DAILY_MINUTES, 0)
        : clock.dayOfDate(point, Math.floor(from / DAILY_MINUTES) + at);
      return day < 0 ? day : day * DAILY_MINUTES;
    }
    if (isInstant) return clock.standardMinutes(point, from + at * interval, 0);
    const local = from + at * interval;
    return start.pass === 'second'
      ? clock.secondStandardMinutes(point, local)
      : clock.firstStandardMinutes(point, local);
  }

  private badTime(
    clock: PointClock,
    point: number,
    minutes: number,
    interval: number,
  ): { reason: RejectReason; detail: string } | null {
    if (minutes >= 0) {
      if (minutes % interval === 0) return null;
      return {
        reason: 'off_interval',
        detail: `The reading does not begin on a ${interval}-minute interval of its day.`,
      };
    }
    if (minutes === IN_FUTURE) {
      const detail = 'The reading is more than a day later than the moment the file was received.';
      return { reason: 'in_future', detail };
    }
    const { name } = clock.zoneOf(point);
    if (minutes === NO_MIDNIGHT) {
      const detail = `A day's energy begins at midnight of the metering point's place (${name}); this begins at another time.`;
      return { reason: 'off_interval', detail };
    }
    const detail = `The time never came in ${name}: the clock was put forward over it. Is the file in standard time?`;
    return { reason: 'no_such_local_time', detail };
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
    const isInstant = 'utcMs' in at;
    const clock = this.clockOf(isInstant ? null : at.zone);
    // Whole minutes through the calendar; seconds are carried over it.
    const from = isInstant ? at.utcMs / 60_000 : at.localMinutes;
    const whole = Math.floor(from);
    const minutes = isInstant
      ? clock.standardMinutes(point, whole, 0)
      : at.pass === 'second'
        ? clock.secondStandardMinutes(point, whole)
        : clock.firstStandardMinutes(point, whole);
    const fault = this.badTime(clock, point, minutes, 1);
    if (fault !== null) {
      this.reject(item.place, '', fault.reason, fault.detail, item.point);
      return null;
    }
    const standardMinutes = minutes + from - whole;
    const { standardOffsetMinutes } = this.options.territories[this.points.territories[point]];
    return { point, standardMinutes, utcMs: Math.round((standardMinutes - standardOffsetMinutes) * 60_000) };
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

  private clockOf(zone: Zone | null): PointClock {
    let clock = this.clocks.get(zone);
    if (clock === undefined) {
      const { points, territories, upload } = this.options;
      const own = { zone: zone ?? this.options.zone, standardZones: new Set<Zone>() };
      clock = new PointClock({ points, territories, clock: own, receivedAt: upload.receivedAt });
      this.clocks.set(zone, clock);
    }
    return clock;
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

/** The interval length in which it is stored; null: none. */
function storedInterval(minutes: number): number | null {
  if (minutes === DAILY_MINUTES) return DAILY_MINUTES;
  if (!(minutes >= 1) || minutes !== Math.floor(minutes)) return null;
  return [...INTERVAL_MINUTES].reverse().find((stored) => stored % minutes === 0) ?? null;
}

function daysOf(item: FoundIntervals): number {
  return Math.ceil((item.wh.length * item.intervalMinutes) / DAILY_MINUTES) + 2;
}

/** Sums short intervals up to the stored ones; one of which a part is missing is missing. Null: they do not begin together. */
function summedUp(item: FoundIntervals, interval: number): Pick<FoundIntervals, 'wh' | 'quality'> | null {
  const parts = interval / item.intervalMinutes;
  const from = 'utcMs' in item.start ? item.start.utcMs / 60_000 : item.start.localMinutes;
  if (from % interval !== 0) return null;
  const length = Math.floor(item.wh.length / parts);
  const wh = new Float64Array(length);
  const quality = item.quality === null ? null : new Uint8Array(length);
  for (let at = 0; at < length * parts; at++) {
    const to = Math.floor(at / parts);
    wh[to] += item.wh[at];
    if (quality !== null) quality[to] = Math.max(quality[to], item.quality![at]);
  }
  return { wh, quality };
}

function badEnergy(wh: number, interval: number): { reason: RejectReason; detail: string } | null {
  if (wh < 0) {
    return {
      reason: 'negative',
      detail: 'The energy is negative: what is given to the grid is a channel of its own.',
    };
  }
  const most = MAX_INTERVAL_WH * Math.max(1, interval / 60);
  if (wh <= MAX_INTERVAL_WH) return null;
  if (SENTINELS_WH.has(wh))
    return { reason: 'sentinel', detail: 'That is what a meter sends instead of a reading: leave it out.' };
  if (wh <= most) return null;
  const detail = `More than ${(most / 1000).toLocaleString('en-US')} kWh in one interval: is the unit another one?`;
  return { reason: 'out_of_range', detail };
}
