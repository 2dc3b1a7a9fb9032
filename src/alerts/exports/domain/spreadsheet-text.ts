/**
 * What a spreadsheet takes for the beginning of a formula. ASVS 5.0, 1.2.10: `= + - @ TAB NUL`; besides them line breaks,
 * which some strip first, and the full-width forms, which some normalise first.
 */
const FORMULA_START = /^[\s\0]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n\0]/;

/**
 * Text from outside that no spreadsheet runs: with `'` in front where it would begin a formula. For text only: a number
 * stays a number, minus sign and all.
 */
export function inertText(text: string): string {
  return FORMULA_START.test(text) ? `'${text}` : text;
}
