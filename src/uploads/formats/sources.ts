import { stat } from 'node:fs/promises';
import { HEAD_BYTES, type Head, type Source } from './format.js';
import { packingOf, unpacked, type Packing } from './unpack.js';
import { ZipArchive } from './zip.js';

/** What a received file holds: itself, or the members of a zip archive. Closed by whoever opened it. */
export interface Sources {
  readonly packing: Packing;
  readonly all: readonly Source[];
  close(): void;
}

/** @throws RefusedError an archive that can't be read. */
export async function openSources(path: string): Promise<Sources> {
  const packing = await packingOf(path);
  if (packing !== 'zip') {
    const chunks = () => unpacked(path, packing);
    const { size } = await stat(path);
    const file = packing === 'plain' ? { path, bytes: size } : null;
    return { packing, all: [{ member: '', chunks, file }], close: () => undefined };
  }
  const archive = await ZipArchive.open(path);
  if (archive.isWorkbook) {
    archive.close();
    const { size } = await stat(path);
    const chunks = () => unpacked(path, 'plain');
    return { packing, all: [{ member: '', chunks, file: { path, bytes: size } }], close: () => undefined };
  }
  const all = archive.members.map((member) => ({
    member,
    chunks: () => archive.chunks(member),
    file: null,
  }));
  return { packing, all, close: () => archive.close() };
}

export async function headOf(source: Source): Promise<Head> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source.chunks()) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > HEAD_BYTES) break;
  }
  const head = Buffer.concat(chunks);
  // A zip that reaches a format is a workbook: other archives are opened before.
  const container = head.toString('latin1', 0, 4) === 'PK\x03\x04' ? 'workbook' : 'plain';
  return { bytes: head.subarray(0, HEAD_BYTES), isWhole: head.length <= HEAD_BYTES, container };
}
