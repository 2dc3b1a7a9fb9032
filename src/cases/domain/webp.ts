import { fourCharacters, joined } from './bytes.js';
import { CaseRefusal } from './refusal.js';

const HEADER_BYTES = 12;
/** Name and length of a chunk. */
const FRAME_BYTES = 8;

/** Chunks that the picture needs (RFC 9649); EXIF, XMP and unknown ones are not among them. */
const SHOWN = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ICCP', 'ANIM', 'ANMF']);
/** Bits of VP8X that promise EXIF and XMP. */
const PROMISES = 0x08 | 0x04;

/** A WebP with the chunks it is shown by; ends with the picture. @throws CaseRefusal when it is cut off */
export function stripWebp(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length >= HEADER_BYTES ? FRAME_BYTES + view.getUint32(4, true) : Infinity;
  if (end > bytes.length || end < HEADER_BYTES) throw broken();
  const kept: Uint8Array[] = [];
  let hasPicture = false;
  for (let at = HEADER_BYTES; at < end;) {
    if (at + FRAME_BYTES > end) throw broken();
    const length = view.getUint32(at + 4, true);
    // Chunks of odd length are followed by a byte that does not count.
    const next = at + FRAME_BYTES + length + (length % 2);
    if (next > end) throw broken();
    const name = fourCharacters(bytes, at);
    if (SHOWN.has(name))
      kept.push(name === 'VP8X' ? withoutPromises(bytes.subarray(at, next)) : bytes.subarray(at, next));
    hasPicture ||= name === 'VP8 ' || name === 'VP8L' || name === 'ANMF';
    at = next;
  }
  if (!hasPicture) throw broken();
  const whole = joined([bytes.subarray(0, HEADER_BYTES), ...kept]);
  new DataView(whole.buffer).setUint32(4, whole.length - FRAME_BYTES, true);
  return whole;
}

function withoutPromises(chunk: Uint8Array): Uint8Array {
  const kept = Uint8Array.from(chunk);
  if (kept.length > FRAME_BYTES) kept[FRAME_BYTES] &= ~PROMISES;
  return kept;
}

function broken(): CaseRefusal {
  return new CaseRefusal('The photograph is no whole WebP: it is cut off or damaged.');
}
