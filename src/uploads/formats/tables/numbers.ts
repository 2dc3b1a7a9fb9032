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

/** Without the blanks (plain, no-break, narrow) and apostrophes that group thousands. */
function ungrouped(text: string): string {
  return /[\s\u00a0\u202f'’]/.test(text)
    ? text.replace(/(?<=\d)[\s\u00a0\u202f'’](?=\d{3})/g, '').trim()
    : text;
}
