import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RefusedError } from '../../config/errors.js';
import { ZipArchive } from './zip.js';

export type Packing = 'plain' | 'gzip' | 'zip';

/** A chunk is walked in two milliseconds: who waits for the database beside it is not kept waiting longer. */
export const CHUNK_BYTES = 1 << 18;

/**
 * Deflate packs at most 1032:1; honest readings, even zeros with timestamps, stay below 100:1. What unpacks further is
 * a bomb, once it is larger than {@link BOMB_FLOOR_BYTES}.
 */
const HONEST_RATIO = 300;
const BOMB_FLOOR_BYTES = 64 * 1024 * 1024;

/** How far a file of `packedBytes` may unpack. */
export function unpackedLimit(packedBytes: number, budgetBytes: number): number {
  return Math.min(budgetBytes, Math.max(BOMB_FLOOR_BYTES, packedBytes * HONEST_RATIO));
}

/** What the first bytes say. */
export async function packingOf(path: string): Promise<Packing> {
  const head = Buffer.alloc(8);
  const file = await open(path);
  try {
    await file.read(head, 0, head.length, 0);
  } finally {
    await file.close();
  }
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (['PK\x03\x04', 'PK\x05\x06'].includes(head.toString('latin1', 0, 4))) return 'zip';
  return 'plain';
}

/**
 * The unpacked bytes from `offset` on, in chunks of about 256 KiB; plain files are positioned, gzip and zip are read up to
 * there. Of a zip archive, its only file.
 * @throws RefusedError an archive of several files, or of none.
 */
export async function* unpacked(path: string, packing: Packing, offset = 0): AsyncGenerator<Buffer> {
  if (packing === 'plain') {
    yield* createReadStream(path, { start: offset, highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>;
    return;
  }
  yield* skipping(packing === 'gzip' ? gunzipped(path) : onlyMember(path), offset);
}

/** The unpacked bytes of a gzip file. */
async function* gunzipped(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  file.on('error', (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } finally {
    file.destroy();
  }
}

async function* onlyMember(path: string): AsyncGenerator<Buffer> {
  const archive = await ZipArchive.open(path);
  try {
    const { members, isWorkbook } = archive;
    if (isWorkbook)
      throw new RefusedError('The file is a spreadsheet, and not one of a layout that is read.');
    if (members.length !== 1) {
      throw new RefusedError(
        `The zip archive holds ${members.length} files of a layout that is sent by itself: send them one by one.`,
      );
    }
    yield* archive.chunks(members[0]);
  } finally {
    archive.close();
  }
}

async function* skipping(chunks: AsyncIterable<Buffer>, offset: number): AsyncGenerator<Buffer> {
  let skip = offset;
  for await (const chunk of chunks) {
    if (skip >= chunk.length) {
      skip -= chunk.length;
      continue;
    }
    yield skip > 0 ? chunk.subarray(skip) : chunk;
    skip = 0;
  }
}

/**
 * Unpacks a gzip file once to the end without keeping anything, so that a damaged or hostile one is refused whole and
 * never half loaded. Returns the unpacked size in bytes.
 * @throws RefusedError truncated, damaged, or larger than the budget allows.
 */
export async function checkGzip(input: Readable, packedBytes: number, budgetBytes: number): Promise<number> {
  const limit = unpackedLimit(packedBytes, budgetBytes);
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  input.on('error', (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  let bytes = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limit) break;
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (!code?.startsWith('Z_')) throw error;
    const what = code === 'Z_BUF_ERROR' ? 'ends in the middle: it was cut off on its way' : 'is damaged';
    throw new RefusedError(`The gzip file ${what} (after ${bytes} unpacked bytes); send it again.`, {
      cause: error,
    });
  } finally {
    input.destroy();
  }
  if (bytes > limit) {
    throw new RefusedError(
      `The gzip file unpacks to more than ${limit} bytes from ${packedBytes}: that is not a file of readings. ` +
        'Split it, or send it unpacked.',
    );
  }
  return bytes;
}
