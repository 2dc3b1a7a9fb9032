import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ChunkWriter } from './chunk-writer.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'gridwarden-chunks-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a file written in chunks', () => {
  it('holds every byte in order, over many chunks of any fill', async () => {
    const file = path.join(scratch, 'long.csv');
    const writer = await ChunkWriter.open(file);
    const expected: Buffer[] = [];
    for (let block = 0; block < 30; block++) {
      const bytes = Buffer.alloc(700_001, block);
      await writer.reserve(bytes.length);
      writer.at += bytes.copy(writer.bytes, writer.at);
      expected.push(bytes);
    }
    await writer.close();
    expect(readFileSync(file).equals(Buffer.concat(expected))).toBe(true);
  });

  it('empties what was there, and writes text as UTF-8', async () => {
    const file = path.join(scratch, 'short.csv');
    for (const text of ['город Иркутск, and more', 'Слюдянский район']) {
      const writer = await ChunkWriter.open(file);
      await writer.text(text);
      await writer.close();
    }
    expect(readFileSync(file, 'utf8')).toBe('Слюдянский район');
  });

  it('has room for a reservation larger than a usual chunk when told at first, and says so when not', async () => {
    const large = 10 * 1024 * 1024;
    const roomy = await ChunkWriter.open(path.join(scratch, 'roomy'), large);
    await roomy.reserve(large);
    await roomy.close();
    const usual = await ChunkWriter.open(path.join(scratch, 'usual'));
    await expect(usual.reserve(large)).rejects.toThrow(RangeError);
    await usual.close();
  });

  it('tells what the disk refused, at the latest when closing', async () => {
    const writer = await ChunkWriter.open('/dev/full');
    await writer.text('a row that has no place\n');
    await expect(writer.close()).rejects.toThrow('ENOSPC');
  });
});
