import { MAX_INTERVAL_WH } from '../../readings/domain/energy-codec.js';

/** Results of {@link scanWh} below zero: not an energy. */
export const BLANK = -1;
export const NOT_A_NUMBER = -2;
export const NEGATIVE = -3;
export const SENTINEL = -4;
export const TOO_LARGE = -5;

const ZERO = 0x30;
const NINE = 0x39;
const COMMA = 0x2c;
const POINT = 0x2e;

/** All-ones registers that meters send instead of a reading: 2^24 − 1 and 2^32 − 1 thousandths of a kWh, or whole. */
export const SENTINELS_WH = new Set([16_777_215, 4_294_967_295, 16_777_215_000, 4_294_967_295_000]);

const MISSING_WORDS = new Set(['na', 'n/a', 'nan', 'null', '-', 'н/д']);

/**
 * Energy in whole Wh of a decimal number of kWh in `bytes[start, end)`, decimal comma or point, rounded half up at the
 * fourth decimal; a negative code (above) when it is not one. Plain digits take the fast path; everything else
 * (spaces, quotes, exponents, words for «missing») is read slowly and exactly. Above `maxWh` it is {@link TOO_LARGE}.
 */
export function scanWh(bytes: Uint8Array, start: number, end: number, maxWh = MAX_INTERVAL_WH): number {
  if (start === end) return BLANK;
  let value = 0;
  let at = start;
  let code = bytes[at];
  while (code >= ZERO && code <= NINE) {
    value = value * 10 + code - ZERO;
    code = ++at < end ? bytes[at] : 0;
  }
  if (at === start && code !== POINT && code !== COMMA) return scanSlowly(bytes, start, end, maxWh);
  let decimals = 0;
  if (code === POINT || code === COMMA) {
    const from = ++at;
    // Three decimals are whole watt-hours; the fourth decides the rounding.
    for (; at < end && decimals < 3; at++, decimals++) {
      code = bytes[at];
      if (code < ZERO || code > NINE) return scanSlowly(bytes, start, end, maxWh);
      value = value * 10 + code - ZERO;
    }
    if (at < end && bytes[at] >= ZERO + 5 && bytes[at] <= NINE) value++;
    for (; at < end; at++)
      if (bytes[at] < ZERO || bytes[at] > NINE) return scanSlowly(bytes, start, end, maxWh);
    if (at === from && from === start + 1) return NOT_A_NUMBER;
  }
  if (at !== end) return scanSlowly(bytes, start, end, maxWh);
  while (decimals++ < 3) value *= 10;
  return plausible(value, maxWh);
}

/** The same where a value is not in kWh: `whPerValue` of them. All-ones registers are looked for before the unit is applied. */
export function scanScaledWh(
  bytes: Uint8Array,
  start: number,
  end: number,
  whPerValue: number,
  maxWh = MAX_INTERVAL_WH,
): number {
  const value = numberFrom(bytes, start, end);
  if (value < 0) return value;
  if (SENTINELS_WH.has(Math.round(value * 1000))) return SENTINEL;
  const wh = Math.round(value * whPerValue);
  return wh <= maxWh ? wh : TOO_LARGE;
}

function scanSlowly(bytes: Uint8Array, start: number, end: number, maxWh: number): number {
  const kwh = numberFrom(bytes, start, end);
  return kwh < 0 ? kwh : plausible(Math.round(kwh * 1000), maxWh);
}

/** The number as it stands, or a code below zero. */
function numberFrom(bytes: Uint8Array, start: number, end: number): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    .toString('utf8')
    .trim();
  if (text === '') return BLANK;
  if (MISSING_WORDS.has(text.toLowerCase())) return BLANK;
  if (!/^[+\-\u2212]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d{1,3})?$/i.test(text)) return NOT_A_NUMBER;
  const kwh = Number(text.replace('\u2212', '-').replace(',', '.'));
  return kwh < 0 ? NEGATIVE : kwh;
}

function plausible(wh: number, maxWh: number): number {
  if (wh <= MAX_INTERVAL_WH) return wh;
  if (SENTINELS_WH.has(wh)) return SENTINEL;
  return wh <= maxWh ? wh : TOO_LARGE;
}
