import { RefusedError } from '../../../config/errors.js';
import type { FoundItem, Head, Source } from '../format.js';
import { XmlScanner, type XmlHandler } from './xml-scanner.js';

/** What makes items of a format's elements. */
export interface XmlDecoder extends XmlHandler {
  /** Hands over what was decoded since the last call. */
  take(): FoundItem[];
}

/**
 * Runs a decoder over a document. What breaks off or is broken further in costs the rest of the file and not what was
 * read before it.
 * @throws RefusedError broken before anything was decoded.
 */
export async function* decodeXml(source: Source, decoder: XmlDecoder): AsyncGenerator<FoundItem[]> {
  const scanner = new XmlScanner(decoder);
  let hasValues = false;
  try {
    for await (const chunk of source.chunks()) {
      scanner.write(chunk);
      const items = decoder.take();
      hasValues ||= items.some(isValue);
      if (items.length > 0) yield items;
    }
    scanner.end();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const items = decoder.take();
    if (!hasValues && !items.some(isValue)) throw error;
    const line = Number(/^Line (\d+):/.exec(error.message)?.[1] ?? 1);
    const detail = `What follows is not read. ${error.message}`;
    yield [
      ...items,
      { kind: 'problem', place: { line, path: '' }, field: '', reason: 'bad_xml', detail, raw: '' },
    ];
    return;
  }
  const items = decoder.take();
  if (items.length > 0) yield items;
}

function isValue({ kind }: FoundItem): boolean {
  return kind === 'intervals' || kind === 'register' || kind === 'event';
}

/** The names of the first elements of a document, outermost first, and the root's attributes; null: no XML. */
export interface XmlStart {
  readonly names: readonly string[];
  readonly root: string;
  /** Attributes of the root by local name; of namespaces `xmlns` and `xmlns:p` as they stand. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The head as text, for what a format looks for in it. */
  readonly text: string;
}

const ROOT_ATTRIBUTE = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** How an XML document begins. Not read strictly: the decoder refuses what is broken. */
export function xmlStart({ bytes, container }: Head): XmlStart | null {
  if (container !== 'plain') return null;
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0x3c && bytes[1] === 0);
  const text = bytes.toString(isUtf16 ? 'utf16le' : 'latin1').replace(/^(\xef\xbb\xbf|\ufeff)/, '');
  if (!/^\s*</.test(text)) return null;
  const plain = text.replaceAll(/<!--[^]*?(-->|$)/g, '').replaceAll(/<\?[^]*?(\?>|$)/g, '');
  const tags = [...plain.matchAll(/<([A-Za-z_\u0080-\uffff][\w.:\u0080-\uffff-]*)([^<>]*)>/g)].slice(0, 400);
  if (tags.length === 0) return null;
  const attributes = new Map(
    [...tags[0][2].matchAll(ROOT_ATTRIBUTE)].map(([, name, double, single]) => [
      (name.startsWith('xmlns') ? name : name.replace(/^.*:/, '')).toLowerCase(),
      double ?? single,
    ]),
  );
  const names = tags.map(([, name]) => name.replace(/^.*:/, '').toLowerCase());
  return { names, root: names[0], attributes, text: plain };
}
