const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const ZERO = 0x30;
const SPACE = 0x20;
const POINT = 0x2e;
const COMMA = 0x2c;
/** So many digits are exact in a double. */
const MOST_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power);

/** A whole number of at most 15 digits; −1 when the bytes are anything else. */
export function wholeNumberIn(bytes: Uint8Array, from: number, to: number): number {
  if (from === to || to - from > MOST_DIGITS) return -1;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Plain digits with a decimal point or comma, blanks around them; null: anything else, which {@link numberFrom} reads. */
export function plainNumberIn(bytes: Uint8Array, start: number, end: number): number | null {
  let from = start;
  let to = end;
  while (from < to && bytes[from] <= SPACE) from++;
  while (to > from && bytes[to - 1] <= SPACE) to--;
  let value = 0;
  let digits = 0;
  let decimals = -1;
  for (let at = from; at < to; at++) {
    const code = bytes[at];
    const digit = code - ZERO;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
      if (decimals >= 0) decimals++;
    } else if (decimals < 0 && (code === POINT || code === COMMA)) decimals = 0;
    else return null;
  }
  if (digits === 0 || digits > MOST_DIGITS) return null;
  return decimals > 0 ? value / POWERS_OF_TEN[decimals] : value;
}

/** Signs, exponents, blanks between thousands; everything that plain digits are not. NaN: no number. */
export function numberFrom(text: string): number {
  const plain = text
    .replaceAll(/[\s\u00a0\u202f]/g, '')
    .replace('\u2212', '-')
    .replace(',', '.');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(plain) ? Number(plain) : NaN;
}

/** Text with its entities resolved: XML's five, and characters by their number. */
export function resolved(text: string, refuse: (what: string) => never): string {
  return text.replace(/&([^;&]{0,12})(;?)/g, (_, name: string, end: string) => {
    const code = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const point = code ? parseInt(code[1] ?? code[2], code[1] === undefined ? 10 : 16) : -1;
    const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (end === ';' && known !== undefined) return known;
    if (end === ';' && point > 0 && point <= 0x10ffff) return String.fromCodePoint(point);
    return refuse(`&${name}${end} is no entity that is read: lt, gt, amp, quot and apos are.`);
  });
}

const MOST_REPEATED_BYTES = 64;

/** What a text that stands alike at many elements means: read once, and again when it changes. */
export class Repeated<Value> {
  private readonly bytes = new Uint8Array(MOST_REPEATED_BYTES);
  private length = -1;
  private value: Value;

  constructor(private readonly read: (text: string) => Value) {}

  /** The value of the bytes in `[from, to)`, whose text is asked for only where they are not those before. */
  of(bytes: Uint8Array, from: number, to: number, text: (from: number, to: number) => string): Value {
    if (to - from === this.length) {
      let i = 0;
      while (i < this.length && bytes[from + i] === this.bytes[i]) i++;
      if (i === this.length) return this.value;
    }
    this.value = this.read(text(from, to));
    this.length = to - from <= MOST_REPEATED_BYTES ? to - from : -1;
    for (let i = 0; i < this.length; i++) this.bytes[i] = bytes[from + i];
    return this.value;
  }
}
