import { isUtf8 } from 'node:buffer';

/** A line longer than this is dropped and reported; the widest honest row (288 columns) is about 6 kB. */
export const MAX_LINE_BYTES = 65_536;
const KEPT_OF_LONG_LINE = 4_000;
const LF = 0x0a;

/** Whole lines, each ended by a line feed; or one line too long to be taken. */
export type LineBlock =
  | {
      readonly kind: 'lines';
      readonly bytes: Buffer;
      /** Where `bytes[0]` lies in the unpacked file. */
      readonly offset: number;
      /** False: some line is not UTF-8 / has a NUL byte, and each must be looked at. */
      readonly clean: boolean;
    }
  | { readonly kind: 'long-line'; readonly head: Buffer; readonly endOffset: number };

/**
 * Cuts a byte stream at line ends. Memory is bounded by a chunk plus one line: of a longer line only its head is kept.
 * A last line without a line feed is given one. `join` puts what a line began with, {@link MAX_LINE_BYTES} at the most, before
 * the chunk that it goes on in.
 */
export async function* lineBlocks(
  input: AsyncIterable<Buffer>,
  startOffset: number,
  join: (begun: Buffer, chunk: Buffer) => Buffer = (begun, chunk) => Buffer.concat([begun, chunk]),
): AsyncGenerator<LineBlock> {
  let rest: Buffer = Buffer.alloc(0);
  /** Offset of `rest[0]`. */
  let offset = startOffset;
  /** Head of the long line being skipped, else null. */
  let skipping: Buffer | null = null;
  for await (const chunk of input) {
    let piece = chunk;
    if (skipping !== null) {
      const end = piece.indexOf(LF);
      if (end < 0) {
        offset += piece.length;
        continue;
      }
      offset += end + 1;
      yield { kind: 'long-line', head: skipping, endOffset: offset };
      skipping = null;
      piece = piece.subarray(end + 1);
    }
    const bytes: Buffer = rest.length === 0 ? piece : join(rest, piece);
    const lastLineEnd = bytes.lastIndexOf(LF);
    if (lastLineEnd >= 0) yield block(bytes.subarray(0, lastLineEnd + 1), offset);
    rest = bytes.subarray(lastLineEnd + 1);
    offset += lastLineEnd + 1;
    if (rest.length > MAX_LINE_BYTES) {
      skipping = Buffer.from(rest.subarray(0, KEPT_OF_LONG_LINE));
      offset += rest.length;
      rest = Buffer.alloc(0);
    }
  }
  if (skipping !== null) yield { kind: 'long-line', head: skipping, endOffset: offset };
  else if (rest.length > 0) yield block(Buffer.concat([rest, Buffer.from([LF])]), offset);
}

function block(bytes: Buffer, offset: number): LineBlock {
  return { kind: 'lines', bytes, offset, clean: bytes.indexOf(0) < 0 && isUtf8(bytes) };
}
