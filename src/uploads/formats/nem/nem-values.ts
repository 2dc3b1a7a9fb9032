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

  scan(bytes: Uint8Array, from: number, into: Float64Array, whPerUnit: number): ScanEnd {
    let at = from;
    this.negative = 0;
    for (let slot = 0; slot < into.length; slot++) {
      const start = at;
      let value = 0;
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
        const decimals = at - point;
        if (decimals > 15 || at - start === 1) return this.stop(start, slot, 'no number');
        value /= POWERS[decimals];
      }
      if (code === COMMA) {
        into[slot] = at === start ? NaN : value * whPerUnit;
        at++;
        continue;
      }
      if (code === CR || code === LF) {
        if (at > start && slot === into.length - 1) {
          into[slot] = value * whPerUnit;
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

  private stop(at: number, count: number, how: ScanEnd): ScanEnd {
    this.at = at;
    this.count = count;
    return how;
  }
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
