import { isUtf8 } from 'node:buffer';
import { RefusedError } from '../../../config/errors.js';

export type Encoding =
  'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1251' | 'koi8-r' | 'ibm866' | 'windows-1252';

/** Small letters of Russian by how often they are used; a wrong table turns them into capitals or rare letters. */
const FREQUENT = new Set('оеаинтсрвлкмдпу');
/** A line longer than this has no end. */
const MOST_LINE = 1 << 20;
/** So much text without a line feed has other ends of lines. */
const ENOUGH_FOR_LINES = 4_000;

/** What the first bytes are written in: a byte-order mark, the zeros of UTF-16, valid UTF-8, or the likelier Cyrillic table. */
export function encodingOf(head: Buffer): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  const looked = Math.min(head.length, 4096);
  for (let at = 0; at < looked; at++) if (head[at] === 0) zeros[at % 2]++;
  if (zeros[1] > looked / 8 && zeros[0] < zeros[1] / 8) return 'utf-16le';
  if (zeros[0] > looked / 8 && zeros[1] < zeros[0] / 8) return 'utf-16be';
  // A character may be cut off at the end of the head.
  for (let cut = 0; cut < 4 && cut < head.length; cut++)
    if (isUtf8(head.subarray(0, head.length - cut))) return 'utf-8';
  if (isLatin(head)) return 'windows-1252';
  return CYRILLIC.reduce((best, each) => (likelihood(head, each) > likelihood(head, best) ? each : best));
}

const CYRILLIC: readonly Encoding[] = ['windows-1251', 'koi8-r', 'ibm866'];

/** Accented letters stand by themselves among plain ones («Zählpunkt»), Cyrillic ones beside one another. */
function isLatin(head: Buffer): boolean {
  let alone = 0;
  let together = 0;
  for (let at = 1; at + 1 < head.length; at++) {
    if (head[at] < 0xc0) continue;
    if (head[at - 1] >= 0x80 || head[at + 1] >= 0x80) together++;
    else if (isPlainLetter(head[at - 1]) || isPlainLetter(head[at + 1])) alone++;
  }
  return alone > together;
}

function isPlainLetter(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

function likelihood(head: Buffer, encoding: Encoding): number {
  let frequent = 0;
  let isInWord = false;
  // Inside words only: a no-break space among digits would be a letter of another table.
  for (const letter of new TextDecoder(encoding).decode(head)) {
    if (isInWord && FREQUENT.has(letter)) frequent++;
    isInWord = letter >= 'А' && letter <= 'я';
  }
  return frequent;
}

/** The text in pieces that end at line ends (the last one may not); without the byte-order mark. */
export async function* textOf(chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  let rest = '';
  let isMacintosh = false;
  for await (const chunk of chunks) {
    let text = rest + decoder.decode(chunk, { stream: true });
    // A carriage return at the end of a piece may have its line feed in the next.
    isMacintosh ||= text.length > ENOUGH_FOR_LINES && endsLinesByReturns(text);
    if (isMacintosh) text = text.replaceAll('\r', '\n');
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) yield text.slice(0, end);
    rest = text.slice(end);
    if (rest.length > MOST_LINE)
      throw new RefusedError(`A line has more than ${MOST_LINE} characters: the file is no table.`);
  }
  rest += decoder.decode();
  if (rest !== '') yield withLineFeeds(rest);
}

/** Old Macintosh programs end lines with carriage returns alone. */
export function withLineFeeds(text: string): string {
  return endsLinesByReturns(text) ? text.replaceAll('\r', '\n') : text;
}

function endsLinesByReturns(text: string): boolean {
  return text.includes('\r') && !text.includes('\n');
}
