import { joined } from './bytes.js';
import { exifOrientation, orientationSegment } from './exif-orientation.js';
import { CaseRefusal } from './refusal.js';

const [SOI, EOI, SOS, TEM] = [0xd8, 0xd9, 0xda, 0x01];
const [APP0, APP1, APP2, APP14, APP15, COM] = [0xe0, 0xe1, 0xe2, 0xee, 0xef, 0xfe];
const [RST0, RST7] = [0xd0, 0xd7];

/** Length of JFIF's segment up to its preview, marker included. */
const JFIF_BYTES = 20;

/**
 * A JPEG (ITU-T T.81) without its application segments and comments, but for those that say how to show it: JFIF's
 * density (without the preview), Adobe's colour transform, the colour profile, and of EXIF the orientation alone. Ends
 * with the picture: what telephones hang behind it (previews, films) is left out. The compressed picture is copied.
 * @throws CaseRefusal when it is cut off or out of order
 */
export function stripJpeg(bytes: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [bytes.subarray(0, 2)];
  let sawScan = false;
  for (let at = 2; ;) {
    const start = at;
    if (bytes[at] !== 0xff) throw broken();
    // A marker may be preceded by any number of fill bytes.
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === EOI) {
      if (!sawScan) throw broken();
      kept.push(Uint8Array.of(0xff, EOI));
      return joined(kept);
    }
    if (marker === undefined || marker === 0 || marker === SOI) throw broken();
    if (marker === TEM || isRestart(marker)) continue;
    const end = at + ((bytes[at] << 8) | bytes[at + 1]);
    if (!(end >= at + 2 && end <= bytes.length)) throw broken();
    const segment = shown(marker, bytes.subarray(start, end));
    if (segment !== null) kept.push(segment);
    at = end;
    if (marker !== SOS) continue;
    sawScan = true;
    at = endOfScan(bytes, end);
    kept.push(bytes.subarray(end, at));
  }
}

/** What is kept of a segment, its marker included; null: nothing. */
function shown(marker: number, segment: Uint8Array): Uint8Array | null {
  const says = (text: string) =>
    [...text].every((character, index) => segment[4 + index] === character.charCodeAt(0));
  if (marker === APP0) return says('JFIF\0') ? withoutPreview(segment) : null;
  if (marker === APP1) {
    const orientation = says('Exif\0\0') ? exifOrientation(segment.subarray(10)) : 1;
    return orientation === 1 ? null : orientationSegment(orientation);
  }
  if (marker === APP2) return says('ICC_PROFILE\0') ? segment : null;
  if (marker === APP14) return says('Adobe') ? segment : null;
  return (marker > APP0 && marker <= APP15) || marker === COM ? null : segment;
}

function withoutPreview(segment: Uint8Array): Uint8Array | null {
  if (segment.length < 18) return null;
  const jfif = new Uint8Array(JFIF_BYTES - 2);
  jfif.set(segment.subarray(0, jfif.length));
  jfif[2] = 0;
  jfif[3] = JFIF_BYTES - 4;
  // Width and height of the preview.
  jfif[16] = jfif[17] = 0;
  return jfif;
}

/** Where the marker after the compressed data begins. In the data FF is followed by 0 or a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1];
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at;
  }
  throw broken();
}

function isRestart(marker: number): boolean {
  return marker >= RST0 && marker <= RST7;
}

function broken(): CaseRefusal {
  return new CaseRefusal('The photograph is no whole JPEG: it is cut off or damaged.');
}
