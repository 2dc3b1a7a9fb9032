import { QUALITY } from '../../../readings/domain/quality.js';

const ZERO = 0x30;
const NINE = 0x39;
const COMMA = 0x2c;
const POINT = 0x2e;
const CR = 0x0d;
const LF = 0x0a;

/** 10^0 … 10^22 are exact in a double; values have few decimals, so a table costs less than a power. */
const POWERS = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/** Where {@link ValueScanner} stopped, and why. */
export type ScanEnd =
  /** All values are read; `at` is where the field after them begins. */
  | 'complete'
  /** The line ended in the middle of the values. */
  | 'cut'
  /** The field at `at` is no number. */
  | 'no number';

/**
 * Reads the values of a 300 record: as many numbers as the output holds, each followed by a comma. The bytes must be
 * followed by a line end within the buffer, so that no bound is checked per digit.
 */
export class ValueScanner {
  at = 0;
  /** How many values were read. */
  count = 0;
  /** Values below zero; they are read as they stand. */
  negative = 0;
  private whPerUnit = NaN;
  private factors: readonly number[] = [];

  scan(bytes: Uint8Array, from: number, into: Float64Array, whPerUnit: number): ScanEnd {
    let at = from;
    this.negative = 0;
    const factors = this.factorsOf(whPerUnit);
    for (let slot = 0; slot < into.length; slot++) {
      const start = at;
      const thousandths = thousandthsAt(bytes, at);
      if (thousandths >= 0) {
        into[slot] = factors.length > 3 ? thousandths * factors[3] : (thousandths / 1000) * whPerUnit;
        at += 6;
        continue;
      }
      let value = 0;
      let decimals = 0;
      let code = bytes[at];
      while (code >= ZERO && code <= NINE) {
        value = value * 10 + code - ZERO;
        code = bytes[++at];
      }
      if (code === POINT) {
        const point = ++at;
        code = bytes[at];
        while (code >= ZERO && code <= NINE) {
          value = value * 10 + code - ZERO;
          code = bytes[++at];
        }
        decimals = at - point;
        if (decimals > 15 || at - start === 1) return this.stop(start, slot, 'no number');
      }
      const wh =
        decimals < factors.length ? value * factors[decimals] : (value / POWERS[decimals]) * whPerUnit;
      if (code === COMMA) {
        into[slot] = at === start ? NaN : wh;
        at++;
        continue;
      }
      if (code === CR || code === LF) {
        if (at > start && slot === into.length - 1) {
          into[slot] = wh;
          this.stop(at, slot + 1, 'complete');
          return 'complete';
        }
        return this.stop(start, slot, 'cut');
      }
      const end = fieldEnd(bytes, start);
      const slow = slowValue(bytes, start, end);
      if (slow === null) return this.stop(start, slot, 'no number');
      if (slow < 0) this.negative++;
      into[slot] = slow * whPerUnit;
      if (bytes[end] !== COMMA)
        return this.stop(end, slot + 1, slot + 1 === into.length ? 'complete' : 'cut');
      at = end + 1;
    }
    return this.stop(at, into.length, 'complete');
  }

  /** Wh of one in the last decimal, where that is a whole number: to multiply costs a quarter of a division. */
  private factorsOf(whPerUnit: number): readonly number[] {
    if (whPerUnit === this.whPerUnit) return this.factors;
    this.whPerUnit = whPerUnit;
    this.factors = POWERS.map((power) => whPerUnit / power).filter(Number.isInteger);
    return this.factors;
  }

  private stop(at: number, count: number, how: ScanEnd): ScanEnd {
    this.at = at;
    this.count = count;
    return how;
  }
}

/** `0.851,` as 851, without a loop: nearly all half hours of homes are written so. −1: anything else. */
function thousandthsAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== POINT || bytes[at + 5] !== COMMA) return -1;
  const ones = bytes[at] - ZERO;
  const tenths = bytes[at + 2] - ZERO;
  const hundredths = bytes[at + 3] - ZERO;
  const last = bytes[at + 4] - ZERO;
  const areDigits = isDigit(ones) && isDigit(tenths) && isDigit(hundredths) && isDigit(last);
  return areDigits ? ones * 1000 + tenths * 100 + hundredths * 10 + last : -1;
}

function isDigit(digit: number): boolean {
  return digit >= 0 && digit <= 9;
}

export function fieldEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  while (bytes[end] !== COMMA && bytes[end] !== LF && bytes[end] !== CR) end++;
  return end;
}

/** Signs, blanks, exponents; null when it is no number. */
function slowValue(bytes: Uint8Array, start: number, end: number): number | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  const trimmed = text.trim().replace(/^"(.*)"$/, '$1');
  if (trimmed === '') return NaN;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(trimmed) ? Number(trimmed) : null;
}

/** Whether the field at `at` is the flag of actual values, `A`. */
export function isActual(bytes: Uint8Array, at: number): boolean {
  const after = bytes[at + 1];
  return bytes[at] === 0x41 && (after === COMMA || after === CR || after === LF);
}

/** Quality code of a method flag (`A`, `E52`, `S14`); NaN for N = no value; null when it is none, or V = see the 400 records. */
export function qualityOfFlag(flag: string): number | null {
  const letter = /^([AEFNSV])\d{0,2}$/i.exec(flag)?.[1].toUpperCase();
  switch (letter) {
    case 'A':
      return QUALITY.actual;
    case 'E':
      return QUALITY.estimated;
    case 'F':
    case 'S':
      return QUALITY.substituted;
    case 'N':
      return NaN;
    default:
      return null;
  }
}

/** Wh per unit: energy; average power is `perHour`. Null for what is neither (reactive, apparent, volts). */
export function unitOf(text: string): { readonly whPerUnit: number; readonly perHour: boolean } | null {
  const match = /^([kmg]?)w(h?)$/i.exec(text.trim());
  if (!match) return null;
  const whPerUnit = { '': 1, k: 1_000, m: 1_000_000, g: 1_000_000_000 }[match[1].toLowerCase()] ?? 1;
  return { whPerUnit, perHour: match[2] === '' };
}
