import { fieldEnd } from './nem-values.js';

const LF = 0x0a;
const CR = 0x0d;
const COMMA = 0x2c;
const ZERO = 0x30;
const FIVE = 0x35;
const RECORDS = new Set([100, 200, 250, 300, 400, 500, 550, 900]);
/** A wrapped record of 288 values in eight characters each, and what follows them. */
export const MOST_OF_RECORD = 16_384;

/** The record's number, or 0 when the line begins with none. */
export function recordKind(bytes: Uint8Array, at: number): number {
  const after = bytes[at + 3];
  if (bytes[at + 1] !== ZERO && bytes[at + 1] !== FIVE) return 0;
  if (bytes[at + 2] !== ZERO || (after !== COMMA && after !== CR && after !== LF)) return 0;
  const kind = (bytes[at] - ZERO) * 100 + (bytes[at + 1] - ZERO) * 10;
  return RECORDS.has(kind) ? kind : 0;
}

/** Whether a line beginning with `300,` goes on with a date: else it is the rest of a wrapped record. */
export function startsDay(bytes: Uint8Array, at: number): boolean {
  return fieldEnd(bytes, at + 4) - (at + 4) === 8 && bytes[at + 4] === 0x32;
}

export function bomLength(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

export function text(bytes: Buffer, at: number, end: number): string {
  return bytes.toString('latin1', at, end > at && bytes[end - 1] === CR ? end - 1 : end);
}

export function fields(bytes: Buffer, at: number, end: number): string[] {
  return text(bytes, at, Math.min(end, at + MOST_OF_RECORD))
    .split(',')
    .map((cell) => cell.trim());
}

export function blankLine(bytes: Buffer, at: number, end: number): boolean {
  return (
    text(bytes, at, Math.min(end, at + MOST_OF_RECORD))
      .replaceAll(',', '')
      .trim() === ''
  );
}

export function countNumbers(csv: string): number {
  let count = 0;
  for (const cell of csv.split(',')) {
    if (!/^\s*[+-]?[\d.]+\s*$/.test(cell)) break;
    count++;
  }
  return count;
}
