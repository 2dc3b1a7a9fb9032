import { describe, expect, it } from '@jest/globals';
import { lineBlocks, MAX_LINE_BYTES } from './line-blocks.js';

async function* pieces(text: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(text: string | Buffer, size: number) {
  const lines: string[] = [];
  const long: number[] = [];
  let offset = 100;
  for await (const block of lineBlocks(pieces(text, size), offset)) {
    if (block.kind === 'long-line') {
      long.push(block.head.length);
      offset = block.endOffset;
      continue;
    }
    expect(block.offset).toBe(offset);
    offset += block.bytes.length;
    lines.push(...block.bytes.toString().split('\n').slice(0, -1));
  }
  return { lines, long, offset };
}

describe('lineBlocks', () => {
  it.each([1, 2, 3, 7, 1000])('gives whole lines from pieces of %d bytes', async (size) => {
    const { lines } = await collect('ab\ncde\n\nf', size);
    expect(lines).toEqual(['ab', 'cde', '', 'f']);
  });

  it('drops a line that is too long, keeps its head, and goes on behind it', async () => {
    const long = 'x'.repeat(5 * MAX_LINE_BYTES);
    const text = `a\n${long}\nb\n`;
    const { lines, long: heads, offset } = await collect(text, 10_000);
    expect(lines).toEqual(['a', 'b']);
    expect(heads).toEqual([4000]);
    expect(offset).toBe(100 + text.length);
  });

  it('reports a long line that the file ends in', async () => {
    const { lines, long } = await collect(`a\n${'x'.repeat(3 * MAX_LINE_BYTES)}`, 50_000);
    expect(lines).toEqual(['a']);
    expect(long).toHaveLength(1);
  });

  it('knows lines that must be looked at', async () => {
    const clean: boolean[] = [];
    for (const bytes of [
      Buffer.from('жук\n'),
      Buffer.from('a\0b\n'),
      Buffer.from([0xe6, 0xf3, 0xea, 0x0a]),
    ]) {
      for await (const block of lineBlocks(pieces(bytes, 100), 0))
        if (block.kind === 'lines') clean.push(block.clean);
    }
    expect(clean).toEqual([true, false, false]);
  });
});
