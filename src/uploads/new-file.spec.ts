import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { giveRegion, takeRegion } from './formats/direct-io.js';
import { readOnce } from './formats/read-ahead.js';
import { NewFile } from './new-file.js';

/** TypeScript's libraries know it for browsers only. */
declare const WebAssembly: { Memory: new (size: { initial: number }) => object };

const MB = 1 << 20;
const content = randomBytes(5 * MB + 7);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gridwarden-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The first `bytes` of the content, sent in pieces of `piece`, and the memory of each used for something else afterwards. */
async function writeOut(bytes: number, piece: number): Promise<string> {
  const path = join(folder, randomUUID());
  const file = await NewFile.create(path, 0o600);
  const sent = Buffer.alloc(piece);
  try {
    for (let at = 0; at < bytes; at += piece) {
      const taken = content.copy(sent, 0, at, Math.min(at + piece, bytes));
      await file.write(sent.subarray(0, taken));
      sent.fill(0x2a);
    }
    await file.end();
  } finally {
    await file.close();
  }
  return path;
}

async function readFrom(path: string, offset: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const region = takeRegion();
  try {
    for await (const piece of readOnce(path, region, { bytes: 1 << 18, room: 1 << 16, offset }))
      pieces.push(Buffer.from(piece));
  } finally {
    if (region !== null) giveRegion(region);
  }
  return Buffer.concat(pieces);
}

const lengths = [0, 1, 4095, MB - 1, MB, MB + 1, 2 * MB, 2 * MB + 4096, 3 * MB + 4097, content.length];
const behaves = (): void => {
  it.each(lengths)('writes a file of %d bytes as it was sent, whatever its pieces', async (bytes) => {
    for (const piece of [65_537, 3 * MB]) {
      const path = await writeOut(bytes, piece);
      expect((await stat(path)).size).toBe(bytes);
      expect(hashOf(await readFile(path))).toBe(hashOf(content.subarray(0, bytes)));
    }
  });

  it('reads it from any place on', async () => {
    const path = await writeOut(content.length, MB);
    for (const offset of [0, 1, 4096, 262_143, 3 * MB + 11, content.length - 1, content.length])
      expect(hashOf(await readFrom(path, offset))).toBe(hashOf(content.subarray(offset)));
  });
};

describe('a file written and read past the page cache', () => {
  behaves();
});

describe('the same where there is no such memory', () => {
  const { Memory } = WebAssembly;
  const taken: Buffer[] = [];
  beforeEach(() => {
    // What is kept for the next file first, so that there is none.
    for (let n = 0; n < 4; n++) taken.push(takeRegion() as Buffer);
    WebAssembly.Memory = class {
      constructor() {
        throw new RangeError('out of memory');
      }
    };
    expect(takeRegion()).toBeNull();
  });
  afterEach(() => {
    WebAssembly.Memory = Memory;
    for (const region of taken.splice(0)) giveRegion(region);
  });
  behaves();
});
