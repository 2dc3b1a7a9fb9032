/** What a cell counts days from, so that its 29 February 1900, which never was, changes nothing after it. */
const DAY_ZERO = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;

/** A spreadsheet's number for an instant, in UTC: 2026-02-09 is 46062. */
export function dateSerial(instant: Date): number {
  return (instant.getTime() - DAY_ZERO) / DAY_MS;
}

/**
 * Text inside an element of SpreadsheetML. What XML 1.0 can't hold is written as `_x001B_` (ECMA-376, part 1, 22.4.2.4), and text
 * that looks like that has its underscore written so.
 */
export function xmlText(text: string): string {
  return text
    .replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replaceAll(
      // eslint-disable-next-line no-control-regex -- these are what is looked for
      /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
