import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { blockStart, isRefused, openDirect } from './direct-io.js';

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
export async function* readAhead(
  path: string,
  { bytes = 1 << 20, room = 0, offset = 0 }: Pieces = {},
): AsyncGenerator<Buffer> {
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
 * The same of a file that is read once, past the page cache where that can be done: into `region`, which must hold three times `room`
 * and `bytes`, both of whole blocks. Null: through the cache.
 */
export async function* readOnce(
  path: string,
  region: Buffer | null,
  { bytes, room, offset }: Required<Pieces>,
): AsyncGenerator<Buffer> {
  const direct = region === null ? null : await openDirect(path, constants.O_RDONLY);
  if (region === null || direct === null) {
    yield* readAhead(path, { bytes, room, offset });
    return;
  }
  try {
    const cached = await open(path);
    try {
      const length = room + bytes;
      const slabs = Array.from({ length: SLABS }, (_, n) => region.subarray(n * length, (n + 1) * length));
      yield* inTurn(slabs, offset, (slab, position) =>
        readBlocks({ direct, cached }, slab, { room, position }),
      );
    } finally {
      await cached.close();
    }
  } finally {
    await direct.close();
  }
}

/** The bytes from `position` on, of whole blocks around them; where these give none, as behind the file's end, through the cache. */
async function readBlocks(
  { direct, cached }: { readonly direct: FileHandle; readonly cached: FileHandle },
  slab: Buffer,
  { room, position }: { readonly room: number; readonly position: number },
): Promise<Buffer> {
  const from = blockStart(position);
  const bytes = slab.length - room;
  const blocks = await direct.read(slab, room, bytes, from).catch((error: unknown) => {
    if (isRefused(error)) return { bytesRead: 0 };
    throw error;
  });
  if (blocks.bytesRead > position - from)
    return slab.subarray(room + position - from, room + blocks.bytesRead);
  const { bytesRead } = await cached.read(slab, room, bytes, position);
  return slab.subarray(room, room + bytesRead);
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
