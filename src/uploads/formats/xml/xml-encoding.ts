const LT = 0x3c;
/** A declaration stands within them. */
export const DECLARATION_BYTES = 256;
/** In these, ASCII stands for itself. */
const READ = /^(utf-8|windows-125\d|windows-874|koi8-[ru]|ibm866|iso-8859-.*|macintosh|x-mac-cyrillic)$/;

/** How a document is written. */
export interface XmlEncoding {
  /** Of its texts. */
  readonly decoder: InstanceType<typeof TextDecoder>;
  /** Of UTF-16: what makes UTF-8 of all of it first. */
  readonly transcoder: InstanceType<typeof TextDecoder> | null;
  /** The byte-order mark of UTF-8. */
  readonly markBytes: number;
}

/** By a byte-order mark, the zeros of UTF-16, else the document's own declaration. */
export function encodingOf(bytes: Buffer, refuse: (what: string) => never): XmlEncoding {
  const isLittle = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === LT && bytes[1] === 0);
  const isBig = (bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0 && bytes[1] === LT);
  const utf8 = { decoder: new TextDecoder('utf-8'), transcoder: null, markBytes: 0 };
  if (isLittle || isBig) return { ...utf8, transcoder: new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be') };
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { ...utf8, markBytes: 3 };
  const start = bytes.toString('latin1', 0, DECLARATION_BYTES);
  const label = /^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/i.exec(start)?.[1];
  if (label === undefined || /^utf-?16/i.test(label)) return utf8;
  return { ...utf8, decoder: decoderOf(label, refuse) };
}

function decoderOf(label: string, refuse: (what: string) => never): InstanceType<typeof TextDecoder> {
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(label);
  } catch {
    refuse(`the encoding ${JSON.stringify(label)} is not known: send the file in UTF-8.`);
  }
  if (!READ.test(decoder.encoding))
    refuse(`the encoding ${JSON.stringify(label)} is not read: send the file in UTF-8.`);
  return decoder;
}
