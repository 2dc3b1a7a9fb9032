import { dateSerial, xmlText } from './spreadsheet-xml.js';

describe('text in a sheet', () => {
  it.each([
    ['plain', 'Ровно, "как" стол', 'Ровно, "как" стол'],
    ['markup', '<a> & b', '&lt;a&gt; &amp; b'],
    ['lines and tabs stay', 'a\n\tb', 'a\n\tb'],
    ['a carriage return, which XML would lose', 'a\r\nb', 'a_x000D_\nb'],
    ['an escape', '\u001b[31m', '_x001B_[31m'],
    ['what looks like one of ours', '_x001B_', '_x005F_x001B_'],
    ['no character', '\uffff', '_xFFFF_'],
    ['half a character, cut off', '😀'.slice(0, 1), '_xD83D_'],
    ['a whole one', '😀', '😀'],
    ['nothing', '', ''],
  ])('%s', (_, text, xml) => expect(xmlText(text)).toBe(xml));
});

// As LibreOffice's DATEVALUE has them.
it.each([
  ['1900-03-01T00:00:00Z', 61],
  ['2026-02-09T00:00:00Z', 46_062],
  ['2026-02-09T18:00:00Z', 46_062.75],
])('%s is %d', (instant, serial) => expect(dateSerial(new Date(instant))).toBe(serial));
