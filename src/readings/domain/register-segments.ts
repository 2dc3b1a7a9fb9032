/** A cumulative reading of one register. Times are minutes since 1970 of the metering point's standard-time calendar. */
export interface RegisterReading {
  readonly atMinutes: number;
  /** Serial number of the meter; empty = not stated. */
  readonly serial: string;
  readonly zone: TariffZone;
  /** What the register shows, before the transformer ratio. */
  readonly kwh: number;
  /** The register's advance times this is the energy; 1 without current transformers, or where the sender multiplied. */
  readonly ctRatio: number;
  /** False when the sender calls the reading estimated, substituted or questionable. */
  readonly isActual: boolean;
}

export const TARIFF_ZONES = ['total', 'T1', 'T2', 'T3', 'T4'] as const;
export type TariffZone = (typeof TARIFF_ZONES)[number];

/** Energy used between two readings. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly kwh: number;
  /** It rests on an estimated reading, or is a share of a longer segment. */
  readonly isEstimated: boolean;
}

/**
 * What is doubtful about readings. `rollover`: the register passed its last digit; `meter_swap`: another serial number;
 * `reset`: it fell to near zero; `falling`: it fell otherwise; `too_fast`: it rose faster than a meter can; `misread`: one
 * reading that the readings before and after contradict; `ct_changed`: the ratio is another at the segment's end;
 * `zones_disagree`: the tariff zones do not add up to the total; `two_meters`: two meters at one time;
 * `intervals_disagree`: the intervals do not add up to the register; `estimated_reading`.
 */
export type RegisterFlag =
  | 'rollover'
  | 'meter_swap'
  | 'reset'
  | 'falling'
  | 'too_fast'
  | 'misread'
  | 'ct_changed'
  | 'zones_disagree'
  | 'two_meters'
  | 'intervals_disagree'
  | 'estimated_reading';

export interface Note {
  readonly from: number;
  readonly to: number;
  readonly flag: RegisterFlag;
}

export interface Segments {
  readonly segments: readonly Segment[];
  readonly notes: readonly Note[];
}

/** The most a direct-connected meter can carry: three phases of 100 A at 230 V, kW. Before the transformer ratio. */
export const MOST_REGISTER_KW = 69;
/** Registers are read in whole kWh, now with decimals and now without: a step back by less is none. */
const ROUNDING_KWH = 1;
/** A register's smallest number of digits before the point. */
const FEWEST_DIGITS = 4;
/** Of the register's capacity: the highest and lowest tenth, between which a rollover is believed. */
const NEAR_END = 0.9;
const NEAR_START = 0.1;
/** The zones' sum may differ from the total by this. */
const ZONES_TOLERATED_KWH = 4;
const ZONES_TOLERATED_SHARE = 0.01;
/** A tariff zone that has not been read for so long is no longer in use. */
const ZONE_FORGOTTEN_MINUTES = 100 * 1440;

/**
 * The energy between readings of a metering point's registers, in time order and without overlaps; never negative. What
 * can't be explained (a fall, a rise no meter can show, the time between an old meter's last reading and a new one's first)
 * has no segment and a note: missing, not zero.
 */
export function registerSegments(readings: readonly RegisterReading[]): Segments {
  const notes: Note[] = [];
  const meters = [...groupBy(withSerials(readings), (reading) => reading.serial).values()].map((ofMeter) =>
    meterSegments(ofMeter, notes),
  );
  noteSwaps(meters, notes);
  // Of two meters at one time the one that measured more counts; added up, a mistyped serial would double the use.
  meters.sort((a, b) => sumKwh(b.segments) - sumKwh(a.segments) || a.from - b.from);
  let taken: readonly Segment[] = [];
  for (const { segments } of meters) {
    const added = outside(segments, taken);
    for (const segment of segments) {
      if (taken.some((other) => overlaps(other, segment)))
        notes.push({ ...span(segment), flag: 'two_meters' });
    }
    taken = [...taken, ...added].sort((a, b) => a.from - b.from);
  }
  return { segments: taken, notes };
}

/** A reading without a serial number is of the meter read before it; the first ones, of the meter read after them. */
function withSerials(readings: readonly RegisterReading[]): RegisterReading[] {
  const sorted = [...readings].sort((a, b) => a.atMinutes - b.atMinutes);
  let serial = sorted.find((reading) => reading.serial !== '')?.serial ?? '';
  return sorted.map((reading) => {
    if (reading.serial === '') return serial === '' ? reading : { ...reading, serial };
    serial = reading.serial;
    return reading;
  });
}

interface MeterSegments {
  readonly from: number;
  readonly to: number;
  readonly segments: readonly Segment[];
}

/** One meter: its total register, and where that has no reading the sum of its tariff zones. */
function meterSegments(readings: readonly RegisterReading[], notes: Note[]): MeterSegments {
  const byZone = groupBy(readings, (reading) => reading.zone);
  const total = chainSegments(byZone.get('total') ?? [], notes);
  const zones = [...byZone]
    .filter(([zone]) => zone !== 'total')
    .map(([, chain]) => ({
      from: chain[0].atMinutes,
      to: chain[chain.length - 1].atMinutes,
      segments: chainSegments(chain, notes),
    }));
  const summed = sumOfZones(zones);
  noteDisagreements(total, summed, notes);
  const segments = [...total, ...outside(summed, total)].sort((a, b) => a.from - b.from);
  return { from: readings[0].atMinutes, to: readings[readings.length - 1].atMinutes, segments };
}

/** Segments of one register, whose readings are in time order. */
function chainSegments(chain: readonly RegisterReading[], notes: Note[]): Segment[] {
  const capacity = capacityOf(chain);
  const kept: RegisterReading[] = [];
  /** `steps[i]` leads to `kept[i]`; null = nothing is known of the time before it. */
  const steps: (Step | null)[] = [];
  chain.forEach((reading, at) => {
    const last = kept.at(-1);
    if (last === undefined || reading.atMinutes === last.atMinutes) {
      if (last !== undefined) kept.pop();
      else steps.push(null);
      kept.push(reading);
      return;
    }
    let step = stepBetween(last, reading, capacity);
    if (step === null) {
      const next = chain[at + 1];
      const isContradicted = reading.kwh < last.kwh || (next !== undefined && next.kwh < reading.kwh);
      if (next !== undefined && isContradicted && stepBetween(last, next, capacity) !== null) {
        notes.push({ ...moment(reading), flag: 'misread' });
        return;
      }
      const before = kept.at(-2);
      const around =
        before !== undefined && steps.at(-1) !== null && reading.kwh < last.kwh
          ? stepBetween(before, reading, capacity)
          : null;
      if (around === null) notes.push({ ...between(last, reading), flag: whyNoStep(last, reading) });
      else {
        notes.push({ ...moment(last), flag: 'misread' });
        kept.pop();
        steps.pop();
        step = around;
      }
    }
    kept.push(reading);
    steps.push(step);
  });
  const segments: Segment[] = [];
  for (let at = 1; at < kept.length; at++) {
    const step = steps[at];
    if (step === null) continue;
    const last = kept[at - 1];
    const reading = kept[at];
    if (step.isRollover) notes.push({ ...between(last, reading), flag: 'rollover' });
    if (last.ctRatio !== reading.ctRatio) notes.push({ ...between(last, reading), flag: 'ct_changed' });
    segments.push({
      from: last.atMinutes,
      to: reading.atMinutes,
      // Of a ratio that changed at an unknown moment in between, the smaller one is sure.
      kwh: step.kwh * Math.min(last.ctRatio, reading.ctRatio),
      isEstimated: !(last.isActual && reading.isActual),
    });
  }
  return segments;
}

interface Step {
  readonly kwh: number;
  readonly isRollover: boolean;
}

/**
 * What the register advanced by; null when it fell, or rose by more than a meter can carry.
 * Worked example: 99,950 then 30 on a register of five digits: 100,000 − 99,950 + 30 = 80 kWh.
 */
function stepBetween(a: RegisterReading, b: RegisterReading, capacity: number): Step | null {
  const most = (MOST_REGISTER_KW * (b.atMinutes - a.atMinutes)) / 60 + ROUNDING_KWH;
  const advance = b.kwh - a.kwh;
  if (advance >= 0) return advance <= most ? { kwh: advance, isRollover: false } : null;
  if (advance > -ROUNDING_KWH) return { kwh: 0, isRollover: false };
  if (a.kwh < capacity * NEAR_END || b.kwh > capacity * NEAR_START) return null;
  return capacity + advance <= most ? { kwh: capacity + advance, isRollover: true } : null;
}

function whyNoStep(a: RegisterReading, b: RegisterReading): RegisterFlag {
  if (b.kwh >= a.kwh) return 'too_fast';
  return b.kwh <= a.kwh * NEAR_START ? 'reset' : 'falling';
}

/** The smallest power of ten that no reading reaches. */
function capacityOf(chain: readonly RegisterReading[]): number {
  const highest = chain.reduce((max, reading) => Math.max(max, reading.kwh), 0);
  let capacity = 10 ** FEWEST_DIGITS;
  while (capacity <= highest) capacity *= 10;
  return capacity;
}

/** The sum over tariff zones, cut at every reading of any of them; where one in use was not read there is none. */
function sumOfZones(zones: readonly MeterSegments[]): readonly Segment[] {
  if (zones.length <= 1) return zones[0]?.segments ?? [];
  const bounds = zones.flatMap(({ segments }) => segments.flatMap(({ from, to }) => [from, to]));
  const cuts = [...new Set(bounds)].sort((a, b) => a - b);
  /** Of each zone, its first segment that does not end before the piece. */
  const next = new Int32Array(zones.length);
  const sums: Segment[] = [];
  for (let at = 1; at < cuts.length; at++) {
    const from = cuts[at - 1];
    const to = cuts[at];
    let kwh = 0;
    let inUse = 0;
    let isEstimated = false;
    let isWhole = true;
    zones.forEach((zone, index) => {
      if (zone.from >= to || from - zone.to >= ZONE_FORGOTTEN_MINUTES) return;
      inUse++;
      while (next[index] < zone.segments.length && zone.segments[next[index]].to <= from) next[index]++;
      const segment = zone.segments[next[index]] as Segment | undefined;
      if (segment === undefined || segment.from >= to) {
        isWhole = false;
        return;
      }
      const share = (to - from) / (segment.to - segment.from);
      kwh += segment.kwh * share;
      if (segment.isEstimated || share < 1) isEstimated = true;
    });
    if (inUse > 0 && isWhole) sums.push({ from, to, kwh, isEstimated });
  }
  return sums;
}

function noteDisagreements(total: readonly Segment[], zones: readonly Segment[], notes: Note[]): void {
  let next = 0;
  for (const segment of total) {
    while (next < zones.length && zones[next].from < segment.from) next++;
    let kwh = 0;
    let minutes = 0;
    for (; next < zones.length && zones[next].to <= segment.to; next++) {
      kwh += zones[next].kwh;
      minutes += lengthOf(zones[next]);
    }
    if (minutes < lengthOf(segment)) continue;
    if (Math.abs(kwh - segment.kwh) > ZONES_TOLERATED_KWH + segment.kwh * ZONES_TOLERATED_SHARE) {
      notes.push({ ...span(segment), flag: 'zones_disagree' });
    }
  }
}

function noteSwaps(meters: readonly MeterSegments[], notes: Note[]): void {
  const inOrder = [...meters].sort((a, b) => a.from - b.from);
  for (let at = 1; at < inOrder.length; at++) {
    const { from } = inOrder[at];
    notes.push({ from: Math.min(inOrder[at - 1].to, from), to: from, flag: 'meter_swap' });
  }
}

/** The parts of `segments` that lie in no segment of `others`. */
function outside(segments: readonly Segment[], others: readonly Segment[]): readonly Segment[] {
  if (segments.length === 0 || others.length === 0) return segments;
  const sorted = [...others].sort((a, b) => a.from - b.from);
  return segments.flatMap((segment) => {
    const parts: Segment[] = [];
    let from = segment.from;
    for (const other of sorted) {
      if (other.to <= from || other.from >= segment.to) continue;
      if (other.from > from) parts.push(partOf(segment, { from, to: other.from }));
      from = Math.max(from, other.to);
    }
    if (from < segment.to) parts.push(partOf(segment, { from, to: segment.to }));
    return parts;
  });
}

function partOf(segment: Segment, piece: { from: number; to: number }): Segment {
  if (piece.from === segment.from && piece.to === segment.to) return segment;
  return { ...piece, kwh: shareOf(segment, piece), isEstimated: true };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function shareOf(segment: Segment, piece: Span): number {
  return (segment.kwh * lengthOf(piece)) / lengthOf(segment);
}

function lengthOf({ from, to }: Span): number {
  return to - from;
}

function overlaps(a: Span, b: Span): boolean {
  return a.from < b.to && b.from < a.to;
}

function span({ from, to }: Span): Span {
  return { from, to };
}

function between(a: RegisterReading, b: RegisterReading): Span {
  return { from: a.atMinutes, to: b.atMinutes };
}

function moment(reading: RegisterReading): Span {
  return { from: reading.atMinutes, to: reading.atMinutes };
}

function sumKwh(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.kwh, 0);
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
