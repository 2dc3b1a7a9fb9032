const COLON = 0x3a;
const MOST_NAMES = 2_000;
const NAME_SLOTS = 4_096;

/** A name as the file spells it. */
export interface XmlName {
  /** Local and in lower case, one string for all of its elements. */
  readonly text: string;
  /** With its prefix. */
  readonly spelled: Uint8Array;
  readonly opened: Place;
  readonly closed: Place;
}

/** A place between two tags: which element was opened behind it the last time. */
export interface Place {
  next: XmlName | null;
}

/** All names of a file. Readings repeat: what followed a tag once is tried first, and nothing is looked up. */
export class XmlNames {
  private readonly slots = new Array<XmlName | undefined>(NAME_SLOTS);
  private count = 0;

  /**
   * The name in `[from, to)`.
   * @throws what `refuse` throws, when it is none, or the file has more of them than any format.
   */
  find(
    bytes: Uint8Array,
    from: number,
    to: number,
    decode: (from: number, to: number) => string,
    refuse: (what: string) => never,
  ): XmlName {
    let hash = to - from;
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + bytes[at]) | 0;
    let slot = hash & (NAME_SLOTS - 1);
    for (let name = this.slots[slot]; name !== undefined; name = this.slots[slot]) {
      if (name.spelled.length === to - from && stands(name.spelled, bytes, from)) return name;
      slot = (slot + 1) & (NAME_SLOTS - 1);
    }
    if (++this.count > MOST_NAMES) refuse(`the file has more than ${MOST_NAMES} kinds of elements.`);
    const name = {
      text: localName(bytes, from, to, decode, refuse),
      spelled: bytes.slice(from, to),
      opened: { next: null },
      closed: { next: null },
    };
    this.slots[slot] = name;
    return name;
  }
}

/** Whether the name stands at `from`, where the bytes may end. */
export function stands(spelled: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < spelled.length; i++) if (bytes[from + i] !== spelled[i]) return false;
  return true;
}

function localName(
  bytes: Uint8Array,
  from: number,
  to: number,
  decode: (from: number, to: number) => string,
  refuse: (what: string) => never,
): string {
  let local = from;
  for (let at = from; at < to; at++) if (bytes[at] === COLON) local = at + 1;
  const text = decode(local, to).toLowerCase();
  if (text === '') refuse('an element has no name.');
  if (!/^[\p{L}_][\p{L}\p{N}_.·-]*$/u.test(text))
    refuse(`${JSON.stringify(text.slice(0, 60))} is no name of an element.`);
  return internalised(text);
}

/** As a key of an object, V8 keeps one copy of a string, which it compares with a literal by its address. */
function internalised(text: string): string {
  return Object.keys({ [text]: true })[0];
}
