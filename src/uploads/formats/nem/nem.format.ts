import { RefusedError } from '../../../config/errors.js';
import type { Format, FoundItem, Head, Recognised, Source } from '../format.js';
import { lineBlocks } from '../line-blocks.js';
import { NemReader } from './nem-reader.js';

/** Items handed on at once. */
const BATCH = 500;
const QUOTE = 0x22;

/** Meter data files of the Australian market (AEMO «MDFF»): NEM12, intervals, and NEM13, registers. */
export const NEM: Format = {
  name: 'nem12',
  title: { ru: 'NEM12/NEM13 (Австралия)', en: 'NEM12/NEM13 (Australia)' },

  recognise({ bytes }: Head): Recognised | null {
    const lines = bytes
      .toString('latin1')
      .replace(/^\xef\xbb\xbf/, '')
      .replaceAll('"', '')
      .split(/\r?\n/);
    const version = lines
      .map((line) => /^100,(NEM1[23]),/.exec(line)?.[1])
      .find((found) => found !== undefined);
    const first = lines.find((line) => line.replaceAll(',', '').trim() !== '') ?? '';
    const isHeadless =
      /^200,[^,]+,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]+,\d{1,4}(,|$)/.test(first) ||
      /^250,([^,]*,){18}/.test(first);
    if (!/^100,NEM1[23],/.test(first) && !isHeadless) return null;
    const isRegisters = version === 'NEM13' || /^250,/.test(first);
    const assumed = [
      'Times are market time (UTC+10 all year).',
      'E is consumption and B is export; registers of one direction are added.',
    ];
    if (version === undefined)
      assumed.push('The file has no 100 record: it is read as the same without a header.');
    return isRegisters
      ? {
          kind: 'registers',
          recognised: 'NEM13: register readings of the Australian market.',
          assumed: assumed.slice(0, 1),
        }
      : { kind: 'readings', recognised: 'NEM12: interval readings of the Australian market.', assumed };
  },

  async *decode(source: Source): AsyncGenerator<FoundItem[]> {
    const reader = new NemReader();
    for await (const block of lineBlocks(withoutQuotes(source.chunks()), 0)) {
      if (block.kind === 'long-line') reader.longLine();
      else reader.block(block.bytes);
      const found = reader.takeFound();
      for (let at = 0; at < found.length; at += BATCH) yield found.slice(at, at + BATCH);
    }
    reader.end();
    if (reader.records === 0)
      throw new RefusedError('The file holds no readings: neither a 300 nor a 250 record.');
    yield reader.takeFound();
  },
};

/** No field of the format may hold a quotation mark; programs for tables put them around all. */
async function* withoutQuotes(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks)
    yield chunk.includes(QUOTE) ? Buffer.from(chunk.filter((byte) => byte !== QUOTE)) : chunk;
}
