/** Days from 1899-12-30, where spreadsheets begin to count, to 1970-01-01; workbooks of old Macintoshes begin 1,462 days later. */
const EPOCH_1900 = 25_569;
const EPOCH_1904 = 24_107;
const MS_PER_DAY = 86_400_000;
const BUILT_IN_DATES = new Set([14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 46, 47]);

/** Whether a number format shows a moment: letters of dates outside quotation marks and brackets. */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return BUILT_IN_DATES.has(id) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
  const bare = code.replace(/\\.|"[^"]*"|\[[^\]]*\]/g, '').toLowerCase();
  return /[dymhs]/.test(bare) && !/[0#?]/.test(bare.replace(/\.0+/g, '').replace(/ss0+/g, ''));
}

/** The text that a serial number stands for: `2025-02-01 00:30:00`, a date alone at midnight, or a clock time below one day. */
export function textOfSerial(serial: number, is1904: boolean): string {
  // A half hour is not a whole number of binary fractions of a day: rounded to the second.
  const ms = Math.round((serial - (is1904 ? EPOCH_1904 : EPOCH_1900)) * 86_400) * 1000;
  if (serial >= 0 && serial < 1)
    return new Date(Math.round(serial * 86_400) * 1000).toISOString().slice(11, 19);
  const day = Math.floor(ms / MS_PER_DAY);
  if (!Number.isFinite(ms) || Math.abs(ms) > 8e15) return String(serial);
  const iso = new Date(ms).toISOString();
  return ms === day * MS_PER_DAY ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

/** Column number from 0 of a reference: `AB12`. −1 for none. */
export function columnIn(bytes: Uint8Array, from: number, to: number): number {
  let column = 0;
  let at = from;
  for (; at < to; at++) {
    const letter = bytes[at] - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return at === from || at > from + 3 ? -1 : column - 1;
}

/** 0.1 + 0.2 is kept as 0.30000000000000004; a spreadsheet shows fifteen digits. Ids of numbers stay whole. */
export function plainNumber(text: string): string {
  if (text.length <= 15 && /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/.test(text)) return text;
  const plain = text.trim();
  const value = Number(plain);
  if (plain === '' || !Number.isFinite(value)) return plain;
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return value.toFixed(0);
  return String(Number(value.toPrecision(15)));
}
