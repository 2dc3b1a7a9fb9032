import { fourCharacters, joined } from './bytes.js';
import { CaseRefusal } from './refusal.js';

const SIGNATURE_BYTES = 8;
/** Length, name and check sum of a chunk. */
const FRAME_BYTES = 12;

/** Chunks that the picture and its colours need (W3C PNG, third edition); texts, EXIF, dates and private ones are not. */
const SHOWN = new Set([
  ...['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS'],
  ...['gAMA', 'cHRM', 'sRGB', 'iCCP', 'cICP', 'sBIT', 'bKGD', 'pHYs'],
]);

/** A PNG with the chunks it is shown by; ends with the picture. @throws CaseRefusal when it is cut off */
export function stripPng(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [bytes.subarray(0, SIGNATURE_BYTES)];
  for (let at = SIGNATURE_BYTES; ;) {
    const end = at + FRAME_BYTES <= bytes.length ? at + FRAME_BYTES + view.getUint32(at) : Infinity;
    const name = fourCharacters(bytes, at + 4);
    if (end > bytes.length || (at === SIGNATURE_BYTES && name !== 'IHDR'))
      throw new CaseRefusal('The photograph is no whole PNG: it is cut off or damaged.');
    if (SHOWN.has(name)) kept.push(bytes.subarray(at, end));
    if (name === 'IEND') return joined(kept);
    at = end;
  }
}
