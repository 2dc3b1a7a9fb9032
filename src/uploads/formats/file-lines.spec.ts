import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { fileLines } from './file-lines.js';
import { lineBlocks, MAX_LINE_BYTES, type LineBlock } from './line-blocks.js';

const LF = 0x0a;

/** Lines of all lengths, many broken by a piece's end (256 KiB), the longest that is taken, one too long, the last without an end. */
function lines(): Buffer {
  const all = Array.from({ length: 30_000 }, (_, n) => `${n} ${'абв,'.repeat((n * 7919) % 23)}`);
  all.splice(20_000, 0, 'y'.repeat(MAX_LINE_BYTES), 'x'.repeat(9 * MAX_LINE_BYTES));
  return Buffer.from(all.join('\n'));
}

/** Every line with its place in the file, copied while its block is good. */
async function collect(blocks: AsyncIterable<LineBlock>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const block of blocks) {
    if (block.kind === 'long-line') {
      found.push([block.endOffset, block.head.toString()]);
      continue;
    }
    const { bytes, offset } = block;
    for (let at = 0, end; at < bytes.length; at = end + 1) {
      end = bytes.indexOf(LF, at);
      found.push([offset + at, bytes.toString('utf8', at, end)]);
    }
  }
  return found;
}

async function* once(block: LineBlock): AsyncGenerator<LineBlock> {
  yield await Promise.resolve(block);
}

describe('fileLines', () => {
  const whole = lines();
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'file-lines-'));
    file = path.join(folder, 'lines.csv');
    await writeFile(file, whole);
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Of other lengths than those that a file is read in. */
  async function* inPieces(offset: number): AsyncGenerator<Buffer> {
    for (let at = offset; at < whole.length; at += 50_000) yield Buffer.from(whole.subarray(at, at + 50_000));
  }

  it('gives every line of a plain file, whatever its pieces cut', async () => {
    const found = await collect(fileLines(file, 'plain', 0));
    expect(found).toHaveLength(30_002);
    expect(found).toEqual(await collect(lineBlocks(inPieces(0), 0)));
  });

  it('goes on from the middle', async () => {
    const offset = whole.indexOf('\n25000 ') + 1;
    const found = await collect(fileLines(file, 'plain', offset));
    expect(found[0]).toEqual([offset, expect.stringMatching(/^25000 /)]);
    expect(found).toEqual(await collect(lineBlocks(inPieces(offset), offset)));
  });

  it('gives the same of a packed one', async () => {
    const packed = `${file}.gz`;
    await writeFile(packed, gzipSync(whole));
    expect(await collect(fileLines(packed, 'gzip', 0))).toEqual(await collect(fileLines(file, 'plain', 0)));
  });

  it('gives each of two files its own lines, the last ones without an end among them', async () => {
    const other = `${file}.other`;
    await writeFile(other, 'z'.repeat(40_000));
    const blocks = fileLines(file, 'plain', 0);
    const found: unknown[] = [];
    const beside: unknown[] = [];
    for await (const block of blocks) {
      // Whole files beside it, between its blocks and before its last line.
      beside.push(...(await collect(fileLines(other, 'plain', 0))));
      found.push(...(await collect(once(block))));
    }
    expect(found).toEqual(await collect(lineBlocks(inPieces(0), 0)));
    expect(new Set(beside.map((line) => JSON.stringify(line)))).toEqual(
      new Set([JSON.stringify([0, 'z'.repeat(40_000)])]),
    );
  });

  it('may be left at any block, and says when there is no file', async () => {
    for await (const block of fileLines(file, 'plain', 0)) {
      expect(block.kind).toBe('lines');
      break;
    }
    await expect(collect(fileLines(`${file}.none`, 'plain', 0))).rejects.toThrow('ENOENT');
  });
});
