import { createRequire } from 'node:module';
import { RefusedError } from '../../../config/errors.js';
import type { Format, FoundItem, Head, Recognised, Source } from '../format.js';
import { MsconsReader } from './mscons-reader.js';

/** The part of the `edifact` package that is used; it has no types of its own. */
interface EdifactParser {
  onopensegment: (name: string) => void;
  onclosesegment: () => void;
  onelement: () => void;
  oncomponent: (value: string) => void;
  encoding(level: string): void;
  write(chunk: string): void;
  end(): void;
}
const { Parser } = createRequire(import.meta.url)('edifact') as { Parser: new () => EdifactParser };

/** A segment longer than this was never closed. */
const MOST_COMPONENTS = 2_000;
const MOST_SEGMENT = 1 << 20;
const BATCH = 500;

/** Meter readings of the German and Swiss markets, EDIFACT MSCONS. */
export const MSCONS: Format = {
  name: 'mscons',
  title: { ru: 'MSCONS (EDIFACT, Германия и Швейцария)', en: 'MSCONS (EDIFACT, Germany and Switzerland)' },

  recognise({ bytes }: Head): Recognised | null {
    const text = bytes.toString('latin1');
    const [component, element] = signsIn(text);
    if (!new RegExp(`^\\s*(UNA.{6}\\s*)?UN[BH]${element}`).test(text)) return null;
    const type = new RegExp(`UNH${element}[^]{0,40}?${element}([A-Z]+)${component}`).exec(text)?.[1];
    if (type !== undefined && type !== 'MSCONS')
      return { declined: `The file is an EDIFACT message ${type}; of EDIFACT, MSCONS is read.` };
    if (type === undefined) return { declined: 'The file is EDIFACT without a message in it.' };
    return {
      kind: 'readings',
      recognised: 'MSCONS: energy by interval and metering point (EDIFACT).',
      assumed: ['Quantities are in kWh, where their segment states no other unit.'],
    };
  },

  async *decode(source: Source): AsyncGenerator<FoundItem[]> {
    const reader = new MsconsReader();
    const parser = new Parser();
    let name = '';
    let elements: string[][] = [];
    let components = 0;
    parser.onopensegment = (segment) => {
      name = segment;
      elements = [];
      components = 0;
    };
    parser.onelement = () => void elements.push([]);
    parser.oncomponent = (value) => {
      if (++components > MOST_COMPONENTS)
        throw new RefusedError(`Segment ${reader.segments + 1} (${name}) does not end.`);
      elements[elements.length - 1].push(value);
      // What the interchange is written in; UNOC is what the samples use.
      if (name === 'UNB' && components === 1 && /^UNO[A-Z]$/.test(value))
        parser.encoding(value === 'UNOC' || value === 'UNOY' ? 'UNOY' : value);
    };
    parser.onclosesegment = () => reader.segment(name, elements);
    try {
      for await (const text of wholeSegments(source)) {
        parser.write(text);
        const found = reader.takeFound();
        for (let at = 0; at < found.length; at += BATCH) yield found.slice(at, at + BATCH);
      }
      parser.end();
    } catch (error) {
      if (error instanceof RefusedError) throw error;
      // The tokenizer stops at what it can't read; what came before it stands.
      reader.fault(
        'wrong_columns',
        `After segment ${reader.segments} the file is no EDIFACT any more: it was cut off or damaged.`,
      );
    }
    reader.end();
    if (reader.quantities === 0) throw new RefusedError('The MSCONS file holds no quantities.');
    yield reader.takeFound();
  },
};

/** Component and element signs as patterns. */
function signsIn(text: string): readonly [string, string] {
  const { component, element } = signsOf(text.trimStart());
  return [`\\x${hex(component)}`, `\\x${hex(element)}`];
}

function hex(sign: string): string {
  return sign.charCodeAt(0).toString(16).padStart(2, '0');
}

/** The signs of an interchange, as its UNA gives them. */
interface Signs {
  readonly component: string;
  readonly element: string;
  readonly escape: string;
  readonly terminator: string;
}

const USUAL: Signs = { component: ':', element: '+', escape: '?', terminator: "'" };

function signsOf(text: string): Signs {
  if (!text.startsWith('UNA')) return USUAL;
  return { component: text[3], element: text[4], escape: text[6], terminator: text[8] };
}

/** The text in pieces that end with a segment: the tokenizer forgets an escape (`?+`) that a piece cuts in two. */
async function* wholeSegments(source: Source): AsyncGenerator<string> {
  const decoder = new TextDecoder('latin1');
  let rest = '';
  let signs: Signs | null = null;
  for await (const chunk of source.chunks()) {
    rest += decoder.decode(chunk, { stream: true });
    if (signs === null) {
      if (rest.length < 9) continue;
      signs = signsOf(rest);
      if (rest.startsWith('UNA')) rest = rest.slice(9);
    }
    const { terminator, escape } = signs;
    let end = rest.lastIndexOf(terminator);
    while (end > 0 && rest[end - 1] === escape) end = rest.lastIndexOf(terminator, end - 1);
    if (end >= 0) yield inUsualSigns(rest.slice(0, end + 1), signs);
    rest = rest.slice(end + 1);
    if (rest.length > MOST_SEGMENT)
      throw new RefusedError(
        `After ${MOST_SEGMENT} characters no segment has ended: the file is no EDIFACT.`,
      );
  }
  if (rest !== '') yield inUsualSigns(rest, signs ?? USUAL);
}

/** The tokenizer knows other signs, and loses them where the character set is told. */
function inUsualSigns(text: string, signs: Signs): string {
  if (Object.entries(USUAL).every(([name, sign]) => signs[name as keyof Signs] === sign)) return text;
  let plain = '';
  for (let at = 0; at < text.length; at++) {
    const isEscaped = text[at] === signs.escape && at + 1 < text.length;
    const char = isEscaped ? text[++at] : text[at];
    const meaning = isEscaped ? undefined : NAMES.find((name) => signs[name] === char);
    if (meaning !== undefined) plain += USUAL[meaning];
    else plain += Object.values(USUAL).includes(char) ? `?${char}` : char;
  }
  return plain;
}

const NAMES = ['component', 'element', 'escape', 'terminator'] as const;
