/** What stands in for what was taken out. */
const replacement = (what: string): string => `[${what}]`;

/**
 * Texts that no log may hold, wherever they come from: an error's message, a stack, an address. PostgreSQL quotes the
 * value it could not read, and names the row a constraint refused; both are somebody's data.
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // user:password@ of an address, before the rule for e-mail takes the wrong end of it.
  [/:\/\/[^\s/@]+@/g, `://${replacement('secret')}@`],
  [/\bgw_[0-9A-Za-z]{9}_[0-9A-Za-z]+(_[0-9A-Za-z]+)?/g, replacement('key')],
  [/\bwhsec_[\w+/=-]+/g, replacement('secret')],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${replacement('secret')}`],
  [/\b((?:__Host-)?gridwarden(?:-loopback)?)=[^;\s"']+/g, `$1=${replacement('cookie')}`],
  // A session's and a sign-in's token: 32 bytes in letters and digits.
  [/(?<![0-9A-Za-z])[0-9A-Za-z]{43}(?![0-9A-Za-z])/g, replacement('token')],
  [/[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+/gu, replacement('e-mail')],
  [
    /(?<![\p{L}\p{N}-])(?:\+7|8)[\s(-]{0,2}\d{3}[\s)-]{0,2}\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)/gu,
    replacement('phone'),
  ],
  // The query of an address: what was searched for, tokens of links. The path has ids alone.
  [/(\/[^\s?"'<>]*)\?[^\s"'<>)]+/g, `$1?${replacement('query')}`],
  [
    /\b(invalid (?:input|byte|value)[^:\n]*|value [^:\n]*out of range|malformed [^:\n]*): .*/g,
    `$1: ${replacement('value')}`,
  ],
  [/\bKey \(([^)\n]*)\)=\(.*\)/g, `Key ($1)=(${replacement('value')})`],
  [/\bFailing row contains \(.*/g, `Failing row contains (${replacement('value')})`],
];

/** `text` without e-mail addresses, telephone numbers, keys, tokens, cookies, queries, and values quoted by the database. */
export function scrub(text: string): string {
  return PATTERNS.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), text);
}
