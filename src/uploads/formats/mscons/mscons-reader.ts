import { QUALITY } from '../../../readings/domain/quality.js';
import type { FoundItem, FoundProblem } from '../format.js';
import type { TariffZone } from '../../../readings/domain/register-segments.js';
import { edifactTime } from './edifact-time.js';

const WH_PER_UNIT: Readonly<Record<string, number>> = {
  '': 1000,
  KWH: 1000,
  WHR: 1,
  MWH: 1_000_000,
};
const WATTS_PER_UNIT: Readonly<Record<string, number>> = { WTT: 1, KWT: 1000, P1: 1000, MAW: 1_000_000 };
/** Measured; estimated and replaced values of BDEW's list; «faulty» ones are doubtful. */
const QUALITY_OF_QTY: Readonly<Record<string, number>> = {
  '220': QUALITY.actual,
  '46': QUALITY.actual,
  '79': QUALITY.estimated,
  '67': QUALITY.substituted,
  '187': QUALITY.estimated,
  '201': QUALITY.substituted,
  '20': QUALITY.questionable,
};
/** D of A-B:C.D.E where it is a register that goes on counting; E is its tariff. */
const COUNTS_ON = '8';
const ZONES: readonly TariffZone[] = ['total', 'T1', 'T2', 'T3', 'T4'];
/** D of A-B:C.D.E: demands and their averages. */
const POWERS = new Set(['4', '5', '14', '15', '24', '25']);
/** Beginning and end of an interval, and the moment of a register's reading: used for, and read. */
const TIMES = new Set(['163', '164', '7', '9']);
/** Values of one run of intervals; a longer one is handed on in parts. */
const MOST_VALUES = 35_000;

interface Quantity {
  /** Of average power, what an hour of it makes. */
  readonly wh: number;
  readonly isPower: boolean;
  readonly quality: number;
  startMs: number | null;
  endMs: number | null;
  /** When a register was read. */
  atMs: number | null;
  readonly segment: number;
}

/** Follows the segments of MSCONS: LOC names the point, PIA the register, and each QTY carries its DTM 163 and 164. */
export class MsconsReader {
  segments = 0;
  quantities = 0;
  private found: FoundItem[] = [];
  private point = '';
  private channel: 'import' | 'export' | null = null;
  /** By the OBIS code, values are average power (`1.5.0`). */
  private isPower = false;
  /** By the OBIS code, values are what a register showed (`1.8.0`). */
  private zone: TariffZone | null = null;
  private serial = '';
  private lengthMinutes: number | null = null;
  private position: { startMs: number | null; endMs: number | null } = { startMs: null, endMs: null };
  private quantity: Quantity | null = null;
  private run: Quantity[] = [];
  private readonly noted = new Set<string>();

  segment(name: string, elements: readonly (readonly string[])[]): void {
    this.segments++;
    const at = (element: number, component = 0) => elements[element]?.[component] ?? '';
    switch (name) {
      case 'LOC':
        if (at(0) !== '172' && at(0) !== 'Z17') return;
        this.endRun();
        this.point = at(1);
        this.channel = 'import';
        this.isPower = false;
        this.zone = null;
        this.serial = '';
        this.lengthMinutes = null;
        return;
      case 'RFF':
        if (at(0) === 'MG') this.serial = at(0, 1).slice(0, 64);
        return;
      case 'LIN':
        this.endRun();
        this.position = { startMs: null, endMs: null };
        return;
      case 'PIA':
        this.endRun();
        this.channel = this.channelOf(at(1));
        return;
      case 'QTY':
        this.endQuantity();
        return this.takeQuantity(at(0), at(0, 1) === '' ? at(1) : at(0, 1), at(0, 2));
      case 'DTM':
        return this.takeTime(at(0), at(0, 1), at(0, 2));
      case 'UNT':
      case 'NAD':
        return this.endRun();
    }
  }

  end(): void {
    this.endRun();
  }

  takeFound(): FoundItem[] {
    const { found } = this;
    this.found = [];
    return found;
  }

  fault(reason: FoundProblem['reason'], detail: string): void {
    const place = { line: Math.max(1, this.segments), path: `segment ${this.segments}` };
    this.found.push({ kind: 'problem', place, field: '', reason, detail, raw: this.point });
  }

  /** OBIS: C of A-B:C.D.E tells the direction; null for what is not active energy. */
  private channelOf(obis: string): 'import' | 'export' | null {
    const code = /^(?:(\d+)-\d+:)?(\d+)\.(\d+)(?:\.(\d+))?/.exec(obis);
    this.isPower = code !== null && POWERS.has(code[3]);
    this.zone = code?.[3] === COUNTS_ON ? (ZONES[Number(code[4] ?? 0)] ?? null) : null;
    const isElectricity = code?.[1] === undefined || code[1] === '1';
    if (code === null || (isElectricity && (code[2] === '1' || code[2] === '15'))) return 'import';
    if (isElectricity && code[2] === '2') return 'export';
    this.note(`Passed over: ${obis}, which is no active energy.`);
    return null;
  }

  private takeQuantity(qualifier: string, text: string, unit: string): void {
    if (this.channel === null) return;
    this.quantities++;
    const value = text === '' ? NaN : Number(text.replace(',', '.'));
    const ofPower = WATTS_PER_UNIT[unit.toUpperCase() || (this.isPower ? 'KWT' : '')];
    const perUnit = ofPower ?? WH_PER_UNIT[unit.toUpperCase()];
    if (ofPower !== undefined) this.note('Average power is taken times the interval.');
    if (text !== '' && !Number.isFinite(value))
      return this.fault('bad_number', `${JSON.stringify(text.slice(0, 40))} is no quantity.`);
    if (perUnit === undefined)
      return this.fault('bad_value', `${JSON.stringify(unit.slice(0, 40))} is no unit of energy.`);
    if (value < 0) return this.fault('negative', `${text} is negative.`);
    const quality = QUALITY_OF_QTY[qualifier];
    if (quality === undefined)
      this.note(`Quantities of kind ${qualifier} are not known: they are stored as questionable.`);
    this.quantity = {
      wh: value * perUnit,
      isPower: ofPower !== undefined,
      quality: quality ?? QUALITY.questionable,
      startMs: null,
      endMs: null,
      atMs: null,
      segment: this.segments,
    };
  }

  private takeTime(qualifier: string, text: string, format: string): void {
    if (qualifier === '672') {
      this.lengthMinutes = format === '802' ? null : Number(text) || null;
      return;
    }
    if (!TIMES.has(qualifier)) return;
    const ms = edifactTime(text, format);
    if (ms === null)
      return this.fault('bad_time', `${JSON.stringify(text.slice(0, 40))} is no time of format ${format}.`);
    const into = this.quantity ?? this.position;
    if (qualifier === '163') into.startMs = ms;
    else if (qualifier === '164') into.endMs = ms;
    // When it was used for comes before when somebody read it.
    else if (this.quantity !== null && (qualifier === '7' || this.quantity.atMs === null))
      this.quantity.atMs = ms;
  }

  private endQuantity(): void {
    const { quantity } = this;
    this.quantity = null;
    if (quantity === null) return;
    if (this.zone !== null && isMoment(quantity)) return this.emitRegister(quantity, this.zone);
    const before = this.run[this.run.length - 1];
    // A list with one start and DTM+672: each value follows the one before it.
    if (quantity.startMs === null && this.lengthMinutes !== null) {
      quantity.startMs = before?.endMs ?? this.position.startMs;
      if (quantity.startMs !== null) quantity.endMs = quantity.startMs + this.lengthMinutes * 60_000;
    }
    if (quantity.startMs === null || quantity.endMs === null || quantity.endMs <= quantity.startMs) {
      const place = { line: quantity.segment, path: `segment ${quantity.segment}` };
      const detail =
        'The quantity states no interval: neither DTM 163 and 164 with it, nor a start and DTM 672 before it.';
      this.found.push({ kind: 'problem', place, field: 'DTM', reason: 'bad_time', detail, raw: this.point });
      return;
    }
    if (
      before !== undefined &&
      (before.endMs !== quantity.startMs ||
        lengthOf(before) !== lengthOf(quantity) ||
        this.run.length >= MOST_VALUES)
    )
      this.emit();
    this.run.push(quantity);
  }

  private emitRegister({ wh, quality, segment, ...times }: Quantity, zone: TariffZone): void {
    const { point, channel, serial } = this;
    if (channel === 'export')
      return this.note('Registers of what is given to the grid (OBIS 2.8) are passed over.');
    if (Number.isNaN(wh)) return;
    this.found.push({
      kind: 'register',
      point,
      serial,
      zone,
      at: { utcMs: times.atMs ?? times.endMs ?? times.startMs! },
      kwh: wh / 1000,
      ctRatio: 1,
      quality,
      place: { line: segment, path: `segment ${segment}` },
    });
  }

  private endRun(): void {
    this.endQuantity();
    this.emit();
  }

  private emit(): void {
    const { run, point, channel } = this;
    this.run = [];
    if (run.length === 0 || channel === null) return;
    const [first] = run;
    const intervalMinutes = lengthOf(first) / 60_000;
    const place = { line: first.segment, path: `segment ${first.segment}` };
    const quality = run.some((each) => each.quality !== 0)
      ? Uint8Array.from(run, (each) => each.quality)
      : null;
    // A day of 23 or 25 hours is still a day's energy.
    const isDay = intervalMinutes >= 1380 && intervalMinutes <= 1500;
    this.found.push({
      kind: 'intervals',
      point,
      channel,
      start: { utcMs: first.startMs ?? 0 },
      intervalMinutes: isDay ? 1440 : intervalMinutes,
      wh: Float64Array.from(run, ({ wh, isPower }) => (isPower ? (wh * intervalMinutes) / 60 : wh)),
      quality,
      place,
    });
  }

  private note(sentence: string): void {
    if (this.noted.has(sentence) || this.noted.size > 100) return;
    this.noted.add(sentence);
    this.found.push({ kind: 'assumed', sentence });
  }
}

/** Whether it states one time and no interval. */
function isMoment({ atMs, startMs, endMs }: Quantity): boolean {
  return (startMs === null) !== (endMs === null) || (startMs === null && atMs !== null);
}

function lengthOf({ startMs, endMs }: Quantity): number {
  return (endMs ?? 0) - (startMs ?? 0);
}
