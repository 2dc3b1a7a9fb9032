import { inertText } from './spreadsheet-text.js';

/** OWASP's examples of CSV injection, and ways to hide the sign from who looks at the first character only. */
const LIVE = [
  ...['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '\0=1', ' =1', '\u00a0=1', '\u3000=1'],
  ...['=cmd|" /C calc"!A0', '=HYPERLINK("http://x")', '-2+3+cmd|" /C calc"!A0', '@A1', '+A1', '==1', "=''"],
  ...['\uFF1D1', '\uFF0B1', '\uFF0D1', '\uFF201', '\t', '\0', '\r', '\n'],
];
/** Every sign behind every run of up to two blanks. */
const BLANKS = ['', ' ', '\t', '\r', '\n', '\0', '\v', '\f', '\u00a0', '\u2003', '\ufeff'];
const HIDDEN = ['=', '+', '-', '@', '\uFF1D', '\uFF0B', '\uFF0D', '\uFF20'].flatMap((sign) =>
  BLANKS.flatMap((first) => BLANKS.map((second) => `${first}${second}${sign}1`)),
);

it(`quotes each of ${LIVE.length + HIDDEN.length} beginnings of a formula`, () => {
  const escaped = [...LIVE, ...HIDDEN].filter((text) => inertText(text) !== `'${text}`);
  expect(escaped).toEqual([]);
});

it.each(['', 'P-1', 'дом 5', '1-2', 'a=b', '12', '0,5', "'quoted", 'x\ty', '–5', '—'])(
  'leaves %j as it is',
  (text) => {
    expect(inertText(text)).toBe(text);
  },
);
