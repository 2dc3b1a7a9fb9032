import { giveRegion, takeRegion } from './direct-io.js';
import { lineBlocks, MAX_LINE_BYTES, type LineBlock } from './line-blocks.js';
import { readOnce } from './read-ahead.js';
import { CHUNK_BYTES, unpacked, type Packing } from './unpack.js';

/**
 * The lines of a file from `offset` on, as {@link lineBlocks} cuts them. Of a plain file they lie where {@link readOnce} reads:
 * **a block's bytes are good until the next is asked for**.
 */
export async function* fileLines(path: string, packing: Packing, offset: number): AsyncGenerator<LineBlock> {
  if (packing !== 'plain') {
    yield* lineBlocks(unpacked(path, packing, offset), offset);
    return;
  }
  // Here, because what the last line began with lies in it until that line is given.
  const region = takeRegion();
  try {
    const pieces = readOnce(path, region, { bytes: CHUNK_BYTES, room: MAX_LINE_BYTES, offset });
    yield* lineBlocks(pieces, offset, inFront);
  } finally {
    if (region !== null) giveRegion(region);
  }
}

/** Puts what a line began with right before the piece that it goes on in. */
function inFront(begun: Buffer, piece: Buffer): Buffer {
  const whole = Buffer.from(piece.buffer, piece.byteOffset - begun.length, begun.length + piece.length);
  whole.set(begun);
  return whole;
}
