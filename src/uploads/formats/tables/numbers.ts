export type DecimalMark = '.' | ',';

/** What stands where there is no value. */
const MISSING = new Set([
  '',
  '-',
  '--',
  '---',
  '----',
  '–',
  'n/a',
  'na',
  'nan',
  'null',
  'none',
  'н/д',
  'нд',
  '#n/a',
  '#н/д',
  'x',
]);
const NUMBER = /^[+\-−]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d{1,3})?$/i;

export function isMissing(text: string): boolean {
  return text.length <= 5 && MISSING.has(text.toLowerCase());
}

/** Whether the text could be a number in some notation. */
export function looksNumeric(text: string): boolean {
  return /\d/.test(text) && NUMBER.test(ungrouped(text).replace(/[.,](?=\d{3}(?:[.,]|$))/g, ''));
}

/**
 * How a column writes its decimals, told by its own cells: both marks in one number (the last is the decimal), a mark not
 * followed by three digits, a leading zero. Null when every cell would read either way («1,234»).
 */
export function decimalMarkOf(cells: Iterable<string>): DecimalMark | null | 'none' {
  let isUnclear = false;
  for (const cell of cells) {
    const text = ungrouped(cell).replace(/^[+\-−]/, '');
    const comma = text.lastIndexOf(',');
    const point = text.lastIndexOf('.');
    if (comma < 0 && point < 0) continue;
    if (comma >= 0 && point >= 0) return comma > point ? ',' : '.';
    const mark = comma >= 0 ? ',' : '.';
    const parts = text.split(mark);
    if (parts.length > 2) return mark === ',' ? '.' : ',';
    if (parts[1].length !== 3 || parts[0] === '' || parts[0].startsWith('0') || parts[0].length > 3)
      return mark;
    isUnclear = true;
  }
  return isUnclear ? null : 'none';
}

/** NaN where there is no value, null when it is no number. */
export function numberFrom(text: string, mark: DecimalMark): number | null {
  const plainDigits = digitsIn(text, mark);
  if (plainDigits >= 0) return plainDigits;
  if (isMissing(text)) return NaN;
  let plain = ungrouped(text);
  if (mark === ',')
    plain = plain.includes('.') ? plain.replaceAll('.', '').replace(',', '.') : plain.replace(',', '.');
  else if (plain.includes(',')) {
    if (!/^[+\-−]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/.test(plain)) return null;
    plain = plain.replaceAll(',', '');
  }
  return NUMBER.test(plain) ? Number(plain.replace('−', '-')) : null;
}

/** So many digits are exact in a double. */
const MOST_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power);

/** Of digits with at most one decimal mark, as nearly every cell is written; −1: anything else. */
function digitsIn(text: string, mark: DecimalMark): number {
  const { length } = text;
  if (length === 0 || length > MOST_DIGITS) return -1;
  const markCode = mark.charCodeAt(0);
  let value = 0;
  let decimalsFrom = -1;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    const digit = code - 0x30;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (code === markCode && decimalsFrom < 0 && at > 0) decimalsFrom = at + 1;
    else return -1;
  }
  return decimalsFrom < 0 ? value : value / POWERS_OF_TEN[length - decimalsFrom];
}

/** Without the blanks (plain, no-break, narrow) and apostrophes that group thousands. */
function ungrouped(text: string): string {
  return /[\s\u00a0\u202f'’]/.test(text)
    ? text.replace(/(?<=\d)[\s\u00a0\u202f'’](?=\d{3})/g, '').trim()
    : text;
}
