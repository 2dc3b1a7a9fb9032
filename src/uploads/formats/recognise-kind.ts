import type { UploadKind } from '../upload.entity.js';
import { packingOf, unpacked } from './unpack.js';

const HEAD_BYTES = 64 << 10;

/** What a header names that no other kind of file does; the first that fits. */
const SIGNS: readonly [UploadKind, readonly string[]][] = [
  ['weather', ['territory', 'temperature_c']],
  ['registers', ['register_kwh']],
  ['events', ['journal', 'code']],
  ['registry', ['metering_point', 'territory']],
];

/** The kind of a spooled file by its first line; what nothing else claims is taken for readings, which then say what is missing. */
export async function recogniseKind(path: string): Promise<UploadKind> {
  const names = await headerNames(path);
  const found = SIGNS.find(([, signs]) => signs.every((sign) => names.includes(sign)));
  if (found !== undefined) return found[0];
  const isTransformer =
    !names.includes('metering_point') && names.some((name) => /^transformer(_id)?$/.test(name));
  return isTransformer ? 'transformer-readings' : 'readings';
}

async function headerNames(path: string): Promise<string[]> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of unpacked(path, await packingOf(path))) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= HEAD_BYTES || chunk.includes(0x0a)) break;
  }
  const [line] = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/, 1);
  return line.split(/[;,\t]/).map((name) => name.replaceAll('"', '').trim().toLowerCase());
}
