import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { blockStart, giveRegion, openDirect, takeRegion } from './direct-io.js';

/** One is looked at, one is being read, and of the one before something may still be wanted. */
const SLABS = 3;

export interface Pieces {
  /** Length of a piece; 1 MiB when not set. */
  readonly bytes?: number;
  /** Free bytes right before each piece, in the same memory. */
  readonly room?: number;
  readonly offset?: number;
}

/**
 * A file's bytes in pieces; while one is looked at, the next is read. They lie in memory that is used again: **a piece is good
 * until the next but one is asked for**. With memory of their own the collector went over the whole heap for every 12 MB read.
 */
export async function* readAhead(path: string, pieces: Pieces = {}): AsyncGenerator<Buffer> {
  const { bytes = 1 << 20, room = 0, offset = 0 } = pieces;
  const slabs = Array.from({ length: SLABS }, () => Buffer.allocUnsafeSlow(room + bytes));
  const file = await open(path);
  try {
    yield* inTurn(slabs, offset, async (slab, position) => {
      const { bytesRead } = await file.read(slab, room, bytes, position);
      return slab.subarray(room, room + bytesRead);
    });
  } finally {
    await file.close();
  }
}

/**
 * The same of a file that is read once, past the page cache where that can be done. `bytes` and `room` must be whole blocks, and
 * fit together into a third of a region.
 */
export async function* readOnce(
  path: string,
  { bytes, room, offset }: Required<Pieces>,
): AsyncGenerator<Buffer> {
  const file = await openDirect(path, constants.O_RDONLY);
  const region = file === null ? null : takeRegion();
  if (file === null || region === null) {
    await file?.close();
    yield* readAhead(path, { bytes, room, offset });
    return;
  }
  const slabs = Array.from({ length: SLABS }, (_, n) =>
    region.subarray(n * (room + bytes), (n + 1) * (room + bytes)),
  );
  const { size } = await file.stat();
  try {
    yield* inTurn(slabs, offset, (slab, position) => readBlocks(file, { slab, room, position, size }));
  } finally {
    giveRegion(region);
    await file.close();
  }
}

/** The bytes from `position` on, of whole blocks around them. */
async function readBlocks(
  file: FileHandle,
  { slab, room, position, size }: { slab: Buffer; room: number; position: number; size: number },
): Promise<Buffer> {
  // Behind the end there is no block, and a read there is refused.
  if (position >= size) return slab.subarray(0, 0);
  const from = blockStart(position);
  const { bytesRead } = await file.read(slab, room, slab.length - room, from);
  return slab.subarray(room + Math.min(position - from, bytesRead), room + bytesRead);
}

async function* inTurn(
  slabs: readonly Buffer[],
  offset: number,
  read: (slab: Buffer, position: number) => Promise<Buffer>,
): AsyncGenerator<Buffer> {
  let reading = read(slabs[0], offset);
  try {
    for (let position = offset, next = 1; ; next = (next + 1) % slabs.length) {
      const piece = await reading;
      if (piece.length === 0) return;
      position += piece.length;
      reading = read(slabs[next], position);
      // Awaited in its turn; until then a failure must not count as unhandled.
      reading.catch(() => undefined);
      yield piece;
    }
  } finally {
    await reading.catch(() => undefined);
  }
}
