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
    const una = /^\s*UNA(.)(.).{4}/.exec(text);
    const [component, element] = [una?.[1] ?? ':', una?.[2] ?? '+'].map((sign) => `\\x${hex(sign)}`);
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

function hex(sign: string): string {
  return sign.charCodeAt(0).toString(16).padStart(2, '0');
}

/** The text in pieces that end with a segment: the tokenizer forgets an escape (`?+`) that a piece cuts in two. */
async function* wholeSegments(source: Source): AsyncGenerator<string> {
  const decoder = new TextDecoder('latin1');
  let rest = '';
  let terminator = '';
  let escape = '?';
  for await (const chunk of source.chunks()) {
    rest += decoder.decode(chunk, { stream: true });
    if (terminator === '' && rest.length < 9) continue;
    if (terminator === '') {
      const hasUna = rest.startsWith('UNA');
      terminator = hasUna ? rest[8] : "'";
      escape = hasUna ? rest[6] : escape;
    }
    let end = rest.lastIndexOf(terminator);
    while (end > 0 && rest[end - 1] === escape) end = rest.lastIndexOf(terminator, end - 1);
    if (end >= 0) yield rest.slice(0, end + 1);
    rest = rest.slice(end + 1);
    if (rest.length > MOST_SEGMENT)
      throw new RefusedError(
        `After ${MOST_SEGMENT} characters no segment has ended: the file is no EDIFACT.`,
      );
  }
  if (rest !== '') yield rest;
}
