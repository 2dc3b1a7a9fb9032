import type { Zone } from '../../../grid/domain/time-zone.js';
import type { FoundIntervals, Place } from '../format.js';
import { Slab } from '../slab.js';
import type { Channel } from './layout.js';

/** Values held before days that nobody has written to for a while are handed on. */
const MOST_VALUES = 2_000_000;
const QUIET_ROWS = 50_000;
const MOST_REMEMBERED = 2_000_000;

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

interface RegisterDay {
  readonly section: number;
  readonly wh: Float64Array;
  readonly quality: Uint8Array;
  /** What came again for an interval that was there: the hour after the clock was put back. */
  again: Map<number, { readonly wh: number; readonly quality: number }> | null;
}

interface PointDay {
  readonly point: string;
  readonly channel: Channel;
  readonly isInstant: boolean;
  readonly baseMinutes: number;
  readonly line: number;
  lastRow: number;
  readonly registers: Map<string, RegisterDay>;
}

/**
 * Gathers the readings of a table into days of one point, adding the registers of an interval. An interval that a register
 * states twice is the hour that comes twice: the second time is passed on as such, and where nothing of the kind happened
 * the loader counts it as the repetition it is.
 */
export class PointDays {
  private readonly days = new Map<string, PointDay>();
  private readonly done = new Set<string>();
  private readonly slab = new Slab();
  private values = 0;
  private rows = 0;
  private last: { key: string; day: PointDay } | null = null;

  constructor(
    private readonly intervalMinutes: number,
    private readonly isNewestFirst: boolean,
    private readonly zone: Zone | null = null,
  ) {}

  /** False: the day of this register was handed on without it, and can't be added to any more. */
  add(value: TableValue): boolean {
    const { intervalMinutes } = this;
    const slots = Math.max(1, 1440 / intervalMinutes);
    // From an offset of half an hour, hours begin at half past: a day's block begins where its intervals do.
    const phase = modulo(value.minutes, intervalMinutes >= 1440 ? 1440 : intervalMinutes);
    const base = Math.floor((value.minutes - phase) / 1440) * 1440 + phase;
    const key = `${value.point}\0${value.channel}\0${base}\0${value.isInstant ? 'i' : 'l'}`;
    const day = this.last?.key === key ? this.last.day : this.day(key, value, base);
    this.last = { key, day };
    day.lastRow = ++this.rows;
    const name = `${value.section} ${value.register}`;
    let register = day.registers.get(name);
    if (register === undefined) {
      if (day.registers.size === 0 && this.done.has(`${key}\0other`)) {
        this.days.delete(key);
        this.last = null;
        return false;
      }
      register = {
        section: value.section,
        wh: this.slab.take(slots).fill(NaN),
        quality: new Uint8Array(slots),
        again: null,
      };
      day.registers.set(name, register);
      this.values += slots * 2;
    }
    const slot = Math.round((value.minutes - base) / intervalMinutes);
    if (seen(register, slot))
      (register.again ??= new Map()).set(slot, { wh: value.wh, quality: value.quality });
    else {
      register.wh[slot] = value.wh;
      // The bit above the codes marks an interval as stated, also where it is stated to be missing.
      register.quality[slot] = value.quality | STATED;
    }
    return true;
  }

  /** Days to hand on now: all of them at the end, the quiet ones when there are too many. */
  *take(isEnd: boolean): Generator<FoundIntervals> {
    if (!isEnd && this.values < MOST_VALUES) return;
    let kept = 0;
    // Of all there are now: the days being written to stand last, and must not go as the others leave.
    const mostKept = this.days.size / 2;
    for (const [key, day] of this.days) {
      if (!isEnd && this.rows - day.lastRow < QUIET_ROWS && kept < mostKept) {
        kept++;
        continue;
      }
      this.days.delete(key);
      this.values -= day.registers.size * 2 * (1440 / this.intervalMinutes);
      if (!isEnd && this.done.size < MOST_REMEMBERED) this.done.add(`${key}\0other`);
      yield* this.blocks(day);
    }
    this.last = null;
  }

  private day(key: string, { point, channel, isInstant, line }: TableValue, baseMinutes: number): PointDay {
    let day = this.days.get(key);
    if (day === undefined) {
      day = { point, channel, isInstant, baseMinutes, line, lastRow: this.rows, registers: new Map() };
      this.days.set(key, day);
    }
    return day;
  }

  private *blocks(day: PointDay): Generator<FoundIntervals> {
    const bySection = new Map<number, RegisterDay[]>();
    for (const register of day.registers.values()) {
      const section = bySection.get(register.section);
      if (section === undefined) bySection.set(register.section, [register]);
      else section.push(register);
    }
    const [first, ...others] = [...bySection.values()].map((registers) => combined(registers, sum));
    const { wh, quality, again } = others.reduce((all, each) => merged(all, each, largest), first);
    // Newest first, what is seen first is the second of the two hours.
    if (this.isNewestFirst && !day.isInstant)
      for (const [slot, more] of again) {
        const before = { wh: wh[slot], quality: quality[slot] };
        wh[slot] = more.wh;
        quality[slot] = more.quality;
        again.set(slot, before);
      }
    yield this.block(day, 0, wh, quality);
    const slots = [...again.keys()].sort((a, b) => a - b);
    for (const slot of slots) {
      const more = again.get(slot);
      if (more !== undefined)
        yield this.block(day, slot, Float64Array.of(more.wh), Uint8Array.of(more.quality), 'second');
    }
  }

  private block(
    { point, channel, isInstant, baseMinutes, line }: PointDay,
    slot: number,
    wh: Float64Array,
    quality: Uint8Array,
    pass?: 'second',
  ): FoundIntervals {
    const minutes = baseMinutes + slot * this.intervalMinutes;
    const place: Place = { line, path: '' };
    return {
      kind: 'intervals',
      point,
      channel,
      start: isInstant
        ? { utcMs: minutes * 60_000 }
        : { localMinutes: minutes, zone: this.zone, ...(pass === undefined ? {} : { pass }) },
      intervalMinutes: this.intervalMinutes,
      wh,
      quality: quality.some((code) => code !== 0) ? quality : null,
      place,
    };
  }
}

const STATED = 0x80;

function seen({ quality }: RegisterDay, slot: number): boolean {
  return (quality[slot] & STATED) !== 0;
}

/** A day's values, and those of the hour that comes again. */
interface DayValues {
  readonly wh: Float64Array;
  readonly quality: Uint8Array;
  readonly again: Map<number, { readonly wh: number; readonly quality: number }>;
}

function combined(registers: readonly RegisterDay[], how: (a: number, b: number) => number): DayValues {
  const [first, ...more] = registers.map(({ wh, quality, again }): DayValues => ({
    wh,
    quality: quality.map((code) => code & ~STATED),
    again: again ?? new Map<number, { wh: number; quality: number }>(),
  }));
  return more.reduce((all, each) => merged(all, each, how), first);
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
