import { QUALITY } from '../../../readings/domain/quality.js';
import type { RejectReason } from '../../domain/rejected-row.js';
import type { FoundItem } from '../format.js';
import { registerReads } from './nem13.js';
import { MarketDays, marketDayStart, marketInstant } from './nem-time.js';
import {
  blankLine,
  bomLength,
  countNumbers,
  fields,
  MOST_OF_RECORD,
  recordKind,
  startsDay,
  text,
} from './nem-lines.js';
import { nemRegister, type NemRegister } from './nem-register.js';
import { fieldEnd, isActual, qualityOfFlag, ValueScanner } from './nem-values.js';
import { Slab } from '../slab.js';
import { RegistersOfPoint, type PointDay, type RegisterDay } from './registers-of-point.js';

const LF = 0x0a;
const COMMA = 0x2c;
const MOST_NOTES = 1_000;
const NO_RANGES = new Uint8Array(0);
/** 15 years of three registers in five-minute intervals: no metering point has more, a hostile file may. */
const MOST_VALUES_OF_POINT = 4_000_000;
const MOST_POINTS_REMEMBERED = 1_000_000;

/** The 300 record that 400 records may still qualify. */
interface OpenDay extends RegisterDay {
  readonly ranges: boolean;
  /** Intervals that 400 records have named, where the record's flag is V. */
  readonly named: Uint8Array;
  readonly raw: string;
}

/** Reads records of NEM12 and NEM13, block by block of whole lines; call {@link end} after the last. */
export class NemReader {
  line = 0;
  /** Records of data seen: a file of none holds nothing. */
  records = 0;
  private register: NemRegister | null = null;
  private open: OpenDay | null = null;
  private wrapped: { text: string; line: number } | null = null;
  private group: RegistersOfPoint | null = null;
  /** Registers that were stored of points whose other registers had not come by then. */
  private readonly partial = new Map<string, string>();
  private readonly values = new ValueScanner();
  private readonly days = new MarketDays();
  private readonly slab = new Slab();

  private found: FoundItem[] = [];
  private readonly noted = new Set<string>();

  /** What was found since the last call. */
  takeFound(): FoundItem[] {
    const { found } = this;
    this.found = [];
    return found;
  }

  /** `bytes`: whole lines, the last one ended too. */
  block(bytes: Buffer): void {
    for (let at = this.line === 0 ? bomLength(bytes) : 0; at < bytes.length;) {
      const end = bytes.indexOf(LF, at);
      this.line++;
      this.take(bytes, at, end);
      at = end + 1;
    }
  }

  end(): void {
    this.endWrapped();
    this.closeDay();
    this.closeGroup();
  }

  longLine(): void {
    this.line++;
    this.endWrapped();
    this.fault('line_too_long', '', 'The line is longer than any record; it was passed over.', '');
  }

  private take(bytes: Buffer, at: number, end: number): void {
    const kind = recordKind(bytes, at);
    if (this.wrapped !== null) {
      if (kind === 0 || (kind === 300 && !startsDay(bytes, at))) return this.goOn(bytes, at, end);
      this.endWrapped();
    }
    switch (kind) {
      case 300:
        return this.takeDay(bytes, at, end, this.line);
      case 400:
        return this.takeRange(fields(bytes, at, end));
      case 200:
        return this.takeRegister(fields(bytes, at, end));
      case 500:
        return this.takeEvent(fields(bytes, at, end));
      case 250:
        this.closeDay();
        this.records++;
        this.found.push(...registerReads(fields(bytes, at, end), this.line));
        return;
      case 100:
      case 900:
        this.closeDay();
        this.closeGroup();
        this.register = null;
        return;
      case 550:
        return this.note(
          'NEM13 records 550 (what follows a 250 record) hold no readings and are passed over.',
        );
      default:
        if (blankLine(bytes, at, end)) return;
        this.fault(
          'wrong_columns',
          '',
          'The line begins with none of the record numbers 100, 200, 250, 300, 400, 500, 900.',
          text(bytes, at, end),
        );
    }
  }

  private takeRegister(cells: string[]): void {
    this.closeDay();
    this.register = null;
    const found = nemRegister(cells);
    if ('passedOver' in found) return this.note(found.passedOver);
    if ('detail' in found) return this.fault(found.reason, found.field, found.detail, cells.join(','));
    if (found.assumed !== null) this.note(found.assumed);
    if (this.group?.point !== found.point) this.closeGroup();
    this.register = found;
  }

  private takeDay(bytes: Buffer, at: number, end: number, line: number): void {
    this.closeDay();
    this.records++;
    const { register } = this;
    if (register === null) {
      // What a passed-over 200 record is followed by.
      return;
    }
    const dateEnd = fieldEnd(bytes, at + 4);
    const day = this.days.read(bytes, at + 4, dateEnd);
    if (day === null) {
      const detail = `${JSON.stringify(bytes.toString('latin1', at + 4, dateEnd).slice(0, 40))} is no date; write YYYYMMDD.`;
      return this.fault('bad_time', 'IntervalDate', detail, text(bytes, at, end), line);
    }
    const slots = 1440 / register.intervalMinutes;
    const wh = this.slab.take(slots);
    const how =
      bytes[dateEnd] === COMMA ? this.values.scan(bytes, dateEnd + 1, wh, register.whPerUnit) : 'cut';
    if (how === 'cut') {
      this.wrapped = { text: text(bytes, at, end), line };
      return;
    }
    if (how === 'no number') {
      const found = bytes.toString(
        'latin1',
        this.values.at,
        Math.min(fieldEnd(bytes, this.values.at), this.values.at + 40),
      );
      const lacks = qualityOfFlag(found) !== null || /^V/i.test(found);
      const detail = lacks
        ? wrongCount(this.values.count, register)
        : `Value ${this.values.count + 1} is ${JSON.stringify(found)}, no number.`;
      return this.fault(lacks ? 'wrong_columns' : 'bad_number', '', detail, text(bytes, at, end));
    }
    this.qualify(bytes, register, { day, wh, line, at, end });
  }

  /** The quality flag after the values, and what it says of them. */
  private qualify(
    bytes: Buffer,
    register: NemRegister,
    { day, wh, line, at, end }: { day: number; wh: Float64Array; line: number; at: number; end: number },
  ): void {
    const flagAt = this.values.at;
    const { negative } = this.values;
    if (negative > 0) {
      const detail = `${negative} values are below zero: registers of energy count up.`;
      return this.fault('negative', '', detail, text(bytes, at, end), line);
    }
    let quality: Uint8Array | null = null;
    let isVariable = false;
    // Nearly every record is actual; the others may cost a look.
    if (!isActual(bytes, flagAt)) {
      const flag =
        flagAt >= end ? '' : bytes.toString('latin1', flagAt, Math.min(fieldEnd(bytes, flagAt), end)).trim();
      if (/^[+-]?[\d.]+$/.test(flag)) {
        const found = countNumbers(bytes.toString('latin1', flagAt, end)) + wh.length;
        return this.fault('wrong_columns', '', wrongCount(found, register), text(bytes, at, end), line);
      }
      const code = qualityOfFlag(flag);
      isVariable = /^v/i.test(flag);
      if (code === null && !isVariable) {
        const detail = `${JSON.stringify(flag)} is no quality flag (A, E, F, N, S or V); the day is stored as questionable.`;
        this.fault('bad_quality', 'QualityMethod', detail, text(bytes, at, end), line);
        quality = new Uint8Array(wh.length).fill(QUALITY.questionable);
      } else if (Number.isNaN(code)) wh.fill(NaN);
      else if (code !== null) quality = new Uint8Array(wh.length).fill(code);
    }
    const { suffix, channel, expected, intervalMinutes } = register;
    const named = isVariable ? new Uint8Array(wh.length) : NO_RANGES;
    const raw = isVariable ? text(bytes, at, Math.min(end, at + 4_000)) : '';
    this.open = {
      suffix,
      channel,
      expected,
      day,
      intervalMinutes,
      wh,
      quality,
      line,
      ranges: isVariable,
      named,
      raw,
    };
  }

  /** `400,first,last,flag,reason,description` */
  private takeRange(cells: string[]): void {
    const { open } = this;
    if (open === null) return;
    const [, from = '', to = '', flag = ''] = cells;
    const first = Number(from);
    const last = Number(to);
    const code = qualityOfFlag(flag.trim());
    const fits =
      Number.isInteger(first) &&
      Number.isInteger(last) &&
      first >= 1 &&
      first <= last &&
      last <= open.wh.length;
    if (!fits || code === null) {
      const what = fits
        ? `${JSON.stringify(flag)} is no quality flag`
        : `Intervals ${from}–${to} do not lie in 1–${open.wh.length}`;
      return this.fault('bad_quality', '', `${what}; the 400 record is passed over.`, cells.join(','));
    }
    if (open.ranges) open.named.fill(1, first - 1, last);
    if (Number.isNaN(code)) open.wh.fill(NaN, first - 1, last);
    else {
      if (code !== QUALITY.actual) open.quality ??= new Uint8Array(open.wh.length);
      open.quality?.fill(code, first - 1, last);
    }
  }

  /** `500,transaction,order,time,index`: the index is what the register showed. */
  private takeEvent(cells: string[]): void {
    this.closeDay();
    const { register } = this;
    const [, , , time = '', index = ''] = cells;
    if (register === null || index.trim() === '' || register.channel !== 'import') return;
    const utcMs = marketInstant(time);
    const value = Number(index);
    if (utcMs === null || !Number.isFinite(value) || value < 0)
      return this.fault(
        utcMs === null ? 'bad_time' : 'bad_number',
        '',
        'The 500 record states an index that can’t be read.',
        cells.join(','),
      );
    if (register.expected.length !== 1) {
      this.note(
        'Indexes in 500 records are passed over where a metering point has several registers: none of them is its total.',
      );
      return;
    }
    const { point, serial } = register;
    // The index is in the register's own kWh whatever unit its intervals are in.
    const place = { line: this.line, path: '' };
    const quality = QUALITY.actual;
    this.found.push({
      kind: 'register',
      point,
      serial,
      zone: 'total',
      at: { utcMs },
      kwh: value,
      ctRatio: 1,
      quality,
      place,
    });
  }

  /** A record that goes on in the next line, as one real sender wraps them. */
  private goOn(bytes: Buffer, at: number, end: number): void {
    const { wrapped } = this;
    if (wrapped === null) return;
    const more = text(bytes, at, end);
    if (more.trim() === '') return;
    this.wrapped = null;
    const joined = wrapped.text + (wrapped.text.endsWith(',') ? '' : ',') + more;
    if (joined.length > MOST_OF_RECORD)
      return this.fault(
        'line_too_long',
        '',
        'A record goes on over more lines than any record has.',
        wrapped.text,
      );
    this.note('Records that go on over several lines were put together.');
    const whole = Buffer.from(`${joined}\n`, 'latin1');
    this.records--;
    this.takeDay(whole, 0, whole.length - 1, wrapped.line);
  }

  private endWrapped(): void {
    const { wrapped, register } = this;
    this.wrapped = null;
    if (wrapped === null || register === null) return;
    const detail = wrongCount(countNumbers(wrapped.text.split(',').slice(2).join(',')), register);
    this.fault('wrong_columns', '', detail, wrapped.text, wrapped.line);
  }

  private closeDay(): void {
    const { open } = this;
    if (open === null) return;
    this.open = null;
    if (open.ranges) this.closeRanges(open);
    const { register } = this;
    if (register === null) return;
    if (this.group !== null && (this.group.has(open) || this.group.values > MOST_VALUES_OF_POINT))
      this.closeGroup();
    this.group ??= new RegistersOfPoint(register.point);
    this.group.add(open);
  }

  private closeRanges(open: OpenDay): void {
    const left = open.named.reduce((count, named) => count + 1 - named, 0);
    if (left === 0) return;
    open.quality ??= new Uint8Array(open.wh.length);
    for (let slot = 0; slot < open.named.length; slot++)
      if (open.named[slot] === 0) open.quality[slot] = QUALITY.questionable;
    const detail = `The record's quality is V (see 400 records), and no 400 record names ${left} of its intervals: they are stored as questionable.`;
    this.fault('bad_quality', 'QualityMethod', detail, open.raw, open.line);
  }

  private closeGroup(): void {
    const { group } = this;
    if (group === null) return;
    this.group = null;
    for (const day of group.sums()) this.emit(group.point, day);
  }

  private emit(
    point: string,
    { channel, day, intervalMinutes, wh, quality, line, suffixes, lacking }: PointDay,
  ): void {
    const key = `${point} ${channel}`;
    const before = this.partial.get(key);
    if (before !== undefined && !before.split(' ').some((suffix) => suffixes.includes(suffix))) {
      const detail = `Registers ${suffixes.join(', ')} of ${point} come apart from ${before}: they can’t be added. Send a point's registers next to each other.`;
      return this.fault('wrong_columns', 'NMISuffix', detail, '', line);
    }
    if (lacking.length > 0) {
      if (this.partial.size < MOST_POINTS_REMEMBERED) this.partial.set(key, suffixes.join(' '));
      this.note(
        `Days without all registers of their direction (${point} lacks ${lacking.join(', ')}) are stored as questionable.`,
      );
    }
    const start = { utcMs: marketDayStart(day) };
    this.found.push({
      kind: 'intervals',
      point,
      channel,
      start,
      intervalMinutes,
      wh,
      quality,
      place: { line, path: '' },
    });
  }

  private note(sentence: string): void {
    if (this.noted.has(sentence) || this.noted.size >= MOST_NOTES) return;
    this.noted.add(sentence);
    this.found.push({ kind: 'assumed', sentence });
  }

  private fault(reason: RejectReason, field: string, detail: string, raw: string, line = this.line): void {
    this.found.push({
      kind: 'problem',
      place: { line, path: '' },
      field,
      reason,
      detail,
      raw: raw.slice(0, 4_000),
    });
  }
}

function wrongCount(found: number, { intervalMinutes }: NemRegister): string {
  const hint =
    found > 0 && 1440 % found === 0 && found * intervalMinutes !== 1440
      ? ` (${found} would be intervals of ${1440 / found} minutes)`
      : '';
  return `The record holds ${found} values where the 200 record's ${intervalMinutes} minutes make ${1440 / intervalMinutes}${hint}.`;
}
