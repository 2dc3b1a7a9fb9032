import { stripJpeg } from './jpeg.js';
import { stripPng } from './png.js';
import { CaseRefusal } from './refusal.js';
import { stripWebp } from './webp.js';

/** What a telephone takes at its best is below this. */
export const MAX_PHOTOGRAPH_BYTES = 12 * 2 ** 20;

export type PhotographType = 'image/jpeg' | 'image/png' | 'image/webp';

export interface Photograph {
  readonly mediaType: PhotographType;
  /** Without where, when and with what it was taken; the picture itself is untouched, byte for byte. */
  readonly bytes: Uint8Array;
}

/**
 * A photograph fit to be kept. What it is, is read from its first bytes and not from what the sender calls it; what it
 * says beside the picture (EXIF with the place, XMP, texts, previews, whatever follows its end) is left out.
 * @throws CaseRefusal
 */
export function cleanPhotograph(bytes: Uint8Array): Photograph {
  if (bytes.length > MAX_PHOTOGRAPH_BYTES)
    throw new CaseRefusal(`The photograph is larger than ${MAX_PHOTOGRAPH_BYTES / 2 ** 20} MiB.`);
  const mediaType = photographType(bytes);
  if (mediaType === null)
    throw new CaseRefusal('This is no photograph: its bytes are neither JPEG nor PNG nor WebP.');
  return { mediaType, bytes: STRIP[mediaType](bytes) };
}

const STRIP: Readonly<Record<PhotographType, (bytes: Uint8Array) => Uint8Array>> = {
  'image/jpeg': stripJpeg,
  'image/png': stripPng,
  'image/webp': stripWebp,
};

/** By its signature; null when it is none of ours. */
export function photographType(bytes: Uint8Array): PhotographType | null {
  const starts = (text: string, at = 0) =>
    [...text].every((character, index) => bytes[at + index] === character.charCodeAt(0));
  if (starts('\xff\xd8\xff')) return 'image/jpeg';
  if (starts('\x89PNG\r\n\x1a\n')) return 'image/png';
  return starts('RIFF') && starts('WEBP', 8) ? 'image/webp' : null;
}
