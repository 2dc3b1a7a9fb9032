import type { Zone } from '../../../grid/domain/time-zone.js';
import type { FoundIntervals, Place } from '../format.js';
import { Slab } from '../slab.js';
import { Column, DayStore, NO_RECORD, type Again } from './day-store.js';
import { DayTable, DONE } from './day-table.js';
import type { Channel } from './layout.js';

/** Values held before days are handed on, five bytes each: a million points' half hours of a day. */
const MOST_VALUES = 48_000_000;
/** A day so far from the row in hand, and so many rows ago, is over in a file that is sorted by time or by point. */
const FAR_MINUTES = 2 * 1440;
const QUIET_ROWS = 50_000;

/** One value of a table, on its way into a day. */
export interface TableValue {
  readonly point: string;
  readonly channel: Channel;
  /** Part of a report that begins its table anew: parts say the same intervals in other ways, and the largest stands. */
  readonly section: number;
  /** Which of the registers that are added: `Afname Dag`. */
  readonly register: string;
  /** Minutes since 1970 of the instant, or of the wall clock. */
  readonly minutes: number;
  readonly isInstant: boolean;
  readonly wh: number;
  readonly quality: number;
  readonly line: number;
}

/** The record that was written to last: nearly always the next value's too. */
interface Last {
  readonly point: string;
  readonly channel: Channel;
  readonly isInstant: boolean;
  readonly section: number;
  readonly register: string;
  readonly base: number;
  readonly record: number;
  readonly head: number;
}

const EXPORT = 1;
const INSTANT = 2;

/**
 * Gathers the readings of a table into days of one point, adding the registers of an interval. An interval that a register
 * states twice is the hour that comes twice: the second time is passed on as such, and where nothing of the kind happened
 * the loader counts it as the repetition it is.
 *
 * A day is a record of each of its registers; the first is the head of their list.
 */
export class PointDays {
  private readonly store: DayStore;
  private readonly table = new DayTable();
  private readonly slab = new Slab();
  private readonly points = new Map<string, number>();
  private readonly pointNames: string[] = [];
  /** Numbers of registers by section and name, and the section of each. */
  private readonly registers: Map<string, number>[] = [];
  private readonly sectionOf: number[] = [];
  /** Of heads: whose (point, channel, kind of time), where the day begins, its line, and the row that wrote to it last; −1: no head. */
  private readonly whose = new Column();
  private readonly base = new Column();
  private readonly line = new Column();
  private readonly lastRow = new Column();
  private readonly register = new Column();
  private readonly next = new Column();
  private rows = 0;
  private last: Last | null = null;

  constructor(
    private readonly intervalMinutes: number,
    private readonly isNewestFirst: boolean,
    private readonly zone: Zone | null = null,
    private readonly mostValues = MOST_VALUES,
  ) {
    this.store = new DayStore(Math.max(1, Math.ceil(1440 / intervalMinutes)));
  }

  /** False: the day of this register was handed on without it, and can't be added to any more. */
  add(value: TableValue): boolean {
    const { intervalMinutes } = this;
    // From an offset of half an hour, hours begin at half past: a day's block begins where its intervals do.
    const phase = modulo(value.minutes, intervalMinutes >= 1440 ? 1440 : intervalMinutes);
    const base = Math.floor((value.minutes - phase) / 1440) * 1440 + phase;
    if (this.last === null || !isOf(this.last, value, base)) this.last = this.find(value, base);
    if (this.last === null) return false;
    const { record, head } = this.last;
    this.lastRow.set(head, ++this.rows);
    this.store.put(record, Math.round((value.minutes - base) / intervalMinutes), value.wh, value.quality);
    return true;
  }

  /** Days to hand on now: all of them at the end, those that are over when there are too many. */
  *take(isEnd: boolean): Generator<FoundIntervals> {
    const { store } = this;
    const most = this.mostValues / store.slots;
    if (isEnd) yield* this.handOn(() => true);
    if (store.count < most) return;
    const now = this.last?.base ?? 0;
    yield* this.handOn(
      (head) =>
        Math.abs(this.base.get(head) - now) > FAR_MINUTES && this.rows - this.lastRow.get(head) >= QUIET_ROWS,
    );
    if (store.count < most / 2) return;
    const middle = this.middleRow();
    yield* this.handOn((head) => this.lastRow.get(head) < middle);
  }

  private find(value: TableValue, base: number): Last | null {
    const { point, channel, isInstant, section, register, line } = value;
    const kind = (channel === 'export' ? EXPORT : 0) | (isInstant ? INSTANT : 0);
    const whose = this.pointOf(point) * 4 + kind;
    const of = this.registerOf(section, register);
    let head = this.table.get(whose, base);
    if (head === DONE) return null;
    let record = head;
    while (record >= 0 && this.register.get(record) !== of) record = this.next.get(record);
    if (record < 0) {
      record = this.store.take();
      this.register.set(record, of);
      this.next.set(record, NO_RECORD);
      if (head < 0) {
        head = record;
        this.table.set(whose, base, head);
        this.whose.set(head, whose);
        this.base.set(head, base);
        this.line.set(head, line);
      } else {
        this.lastRow.set(record, NO_RECORD);
        this.append(head, record);
      }
    }
    return { point, channel, isInstant, section, register, base, record, head };
  }

  private append(head: number, record: number): void {
    let end = head;
    while (this.next.get(end) !== NO_RECORD) end = this.next.get(end);
    this.next.set(end, record);
  }

  private pointOf(point: string): number {
    const known = this.points.get(point);
    if (known !== undefined) return known;
    // A piece of a text keeps all of it: a copy of its own.
    const own = Buffer.from(point).toString();
    this.points.set(own, this.pointNames.length);
    return this.pointNames.push(own) - 1;
  }

  private registerOf(section: number, register: string): number {
    const ofSection = (this.registers[section] ??= new Map<string, number>());
    const known = ofSection.get(register);
    if (known !== undefined) return known;
    ofSection.set(register, this.sectionOf.length);
    return this.sectionOf.push(section) - 1;
  }

  /** The row by which half of the days were written to for the last time. */
  private middleRow(): number {
    const rows = new Int32Array(this.store.count);
    let count = 0;
    for (const head of this.heads()) rows[count++] = this.lastRow.get(head);
    return rows.subarray(0, count).sort()[count >> 1];
  }

  private *heads(): Generator<number> {
    for (let record = 0; record < this.store.length; record++)
      if (this.lastRow.get(record) !== NO_RECORD) yield record;
  }

  private *handOn(isOver: (head: number) => boolean): Generator<FoundIntervals> {
    for (const head of this.heads()) {
      if (!isOver(head)) continue;
      yield* this.blocks(head);
      this.table.set(this.whose.get(head), this.base.get(head), DONE);
      this.lastRow.set(head, NO_RECORD);
      for (let record = head; record !== NO_RECORD; record = this.next.get(record)) this.store.give(record);
    }
    this.last = null;
  }

  private *blocks(head: number): Generator<FoundIntervals> {
    const bySection = new Map<number, DayValues>();
    for (let record = head; record !== NO_RECORD; record = this.next.get(record)) {
      const section = this.sectionOf[this.register.get(record)];
      const before = bySection.get(section);
      const values = this.valuesOf(record);
      bySection.set(section, before === undefined ? values : merged(before, values, sum));
    }
    const { wh, quality, again } = [...bySection.values()].reduce((all, each) => merged(all, each, largest));
    // Newest first, what is seen first is the second of the two hours.
    if (this.isNewestFirst && (this.whose.get(head) & INSTANT) === 0)
      for (const [slot, more] of again) {
        const before = { wh: wh[slot], quality: quality[slot] };
        wh[slot] = more.wh;
        quality[slot] = more.quality;
        again.set(slot, before);
      }
    yield this.block(head, 0, wh, quality);
    for (const [slot, more] of [...again].sort(([a], [b]) => a - b))
      yield this.block(head, slot, Float64Array.of(more.wh), Uint8Array.of(more.quality), 'second');
  }

  private valuesOf(record: number): DayValues {
    const { store } = this;
    const wh = this.slab.take(store.slots);
    const quality = new Uint8Array(store.slots);
    for (let slot = 0; slot < wh.length; slot++) {
      wh[slot] = store.whOf(record, slot);
      quality[slot] = store.qualityOf(record, slot);
    }
    return { wh, quality, again: store.againOf(record) };
  }

  private block(
    head: number,
    slot: number,
    wh: Float64Array,
    quality: Uint8Array,
    pass?: 'second',
  ): FoundIntervals {
    const minutes = this.base.get(head) + slot * this.intervalMinutes;
    const whose = this.whose.get(head);
    const place: Place = { line: this.line.get(head), path: '' };
    return {
      kind: 'intervals',
      point: this.pointNames[whose >> 2],
      channel: (whose & EXPORT) === 0 ? 'import' : 'export',
      start:
        (whose & INSTANT) !== 0
          ? { utcMs: minutes * 60_000 }
          : { localMinutes: minutes, zone: this.zone, ...(pass === undefined ? {} : { pass }) },
      intervalMinutes: this.intervalMinutes,
      wh,
      quality: quality.some((code) => code !== 0) ? quality : null,
      place,
    };
  }
}

function isOf(
  last: Last,
  { point, channel, isInstant, section, register }: TableValue,
  base: number,
): boolean {
  return (
    last.base === base &&
    last.channel === channel &&
    last.isInstant === isInstant &&
    last.section === section &&
    last.register === register &&
    last.point === point
  );
}

/** A day's values, and those of the hour that comes again. */
interface DayValues {
  readonly wh: Float64Array;
  readonly quality: Uint8Array;
  readonly again: Map<number, Again>;
}

function merged(into: DayValues, more: DayValues, how: (a: number, b: number) => number): DayValues {
  const { wh, quality, again } = into;
  for (let slot = 0; slot < wh.length; slot++) {
    wh[slot] = how(wh[slot], more.wh[slot]);
    quality[slot] = Math.max(quality[slot], more.quality[slot]);
  }
  for (const [slot, each] of more.again) {
    const before = again.get(slot) ?? { wh: NaN, quality: 0 };
    again.set(slot, { wh: how(before.wh, each.wh), quality: Math.max(before.quality, each.quality) });
  }
  return into;
}

/** Tariff registers stand still while another counts, and some senders leave them blank then: a blank adds nothing. */
function sum(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : a + b;
}

function largest(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
