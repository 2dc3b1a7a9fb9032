import { deflateSync } from 'node:zlib';
import { exifOrientation } from './exif-orientation.js';
import { cleanPhotograph, MAX_PHOTOGRAPH_BYTES, photographType } from './photograph.js';

const latin = (text: string) => Buffer.from(text, 'latin1');
const SECRET = 'GPS 52.2869 104.3050';

const segment = (marker: number, body: Buffer) => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
};
const JFIF = segment(
  0xe0,
  Buffer.concat([latin('JFIF\0'), Buffer.from([1, 2, 1, 0, 72, 0, 72, 1, 1, 9, 9, 9])]),
);
const JFIF_KEPT = segment(0xe0, Buffer.concat([latin('JFIF\0'), Buffer.from([1, 2, 1, 0, 72, 0, 72, 0, 0])]));
/** Little-endian TIFF with two entries: the camera's make, and the orientation. */
const tiff = (orientation: number) =>
  Buffer.from([
    ...[0x49, 0x49, 42, 0, 8, 0, 0, 0, 2, 0],
    ...[0x0f, 0x01, 2, 0, 4, 0, 0, 0, 0x41, 0x42, 0x43, 0],
    ...[0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0],
    ...[0, 0, 0, 0],
  ]);
const exif = (orientation: number) =>
  segment(0xe1, Buffer.concat([latin('Exif\0\0'), tiff(orientation), latin(SECRET)]));
const XMP = segment(0xe1, latin(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>${SECRET}</x:xmpmeta>`));
const ICC = segment(0xe2, latin('ICC_PROFILE\0\x01\x01profile'));
const MPF = segment(0xe2, latin(`MPF\0${SECRET}`));
const IPTC = segment(0xed, latin(`Photoshop 3.0\0${SECRET}`));
const ADOBE = segment(0xee, latin('Adobe\0d\0\0\0\0\0\x01'));
const COMMENT = segment(0xfe, latin(SECRET));
const TABLES = segment(0xdb, Buffer.alloc(65, 3));
const FRAME = segment(0xc0, Buffer.from([8, 0, 1, 0, 1, 1, 1, 0x11, 0]));
const SCAN = segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0]));
const DATA = Buffer.from([0x12, 0xff, 0x00, 0x34, 0xff, 0xd3, 0x56]);
const [SOI, EOI] = [Buffer.from([0xff, 0xd8]), Buffer.from([0xff, 0xd9])];

describe('a JPEG', () => {
  it('keeps the picture byte for byte, and loses what it says beside it', () => {
    const picture = [TABLES, FRAME, SCAN, DATA, TABLES, SCAN, DATA, EOI];
    const taken = [
      SOI,
      JFIF,
      exif(1),
      XMP,
      ICC,
      MPF,
      IPTC,
      ADOBE,
      COMMENT,
      ...picture,
      latin(`film ${SECRET}`),
    ];
    const { mediaType, bytes } = cleanPhotograph(Buffer.concat(taken));
    expect(mediaType).toBe('image/jpeg');
    expect(Buffer.from(bytes)).toEqual(Buffer.concat([SOI, JFIF_KEPT, ICC, ADOBE, ...picture]));
    expect(Buffer.from(cleanPhotograph(bytes).bytes)).toEqual(Buffer.from(bytes));
  });

  it('taken sideways stays upright: the orientation alone is kept of EXIF', () => {
    const { bytes } = cleanPhotograph(Buffer.concat([SOI, exif(6), TABLES, FRAME, SCAN, DATA, EOI]));
    expect(Buffer.from(bytes).includes(SECRET)).toBe(false);
    expect(Buffer.from(bytes.subarray(2, 4))).toEqual(Buffer.from([0xff, 0xe1]));
    expect(exifOrientation(bytes.subarray(12))).toBe(6);
    expect(bytes.length).toBe(SOI.length + 36 + TABLES.length + FRAME.length + SCAN.length + DATA.length + 2);
  });

  it.each([
    ['cut off in the picture', [SOI, TABLES, SCAN, DATA]],
    ['cut off in a segment', [SOI, TABLES.subarray(0, 20)]],
    ['without a picture', [SOI, TABLES, EOI]],
    ['with a second start', [SOI, SOI, TABLES, SCAN, DATA, EOI]],
    ['with a segment of no length', [SOI, Buffer.from([0xff, 0xdb, 0, 0]), SCAN, DATA, EOI]],
    ['of three bytes', [Buffer.from([0xff, 0xd8, 0xff])]],
  ])('%s is refused', (_, parts) => {
    expect(() => cleanPhotograph(Buffer.concat(parts))).toThrow('no whole JPEG');
  });
});

describe('EXIF’s orientation', () => {
  it.each([
    ['as stated', tiff(8), 8],
    ['that does not exist', tiff(9), 1],
    ['of a directory beyond the end', Buffer.from([0x49, 0x49, 42, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]), 1],
    ['of more entries than there are', Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0, 99, 0, 0, 0, 0, 0]), 1],
    ['of nothing', Buffer.alloc(0), 1],
    ['of no TIFF', Buffer.alloc(40), 1],
  ])('%s', (_, bytes, orientation) => {
    expect(exifOrientation(bytes)).toBe(orientation);
  });
});

const chunk = (name: string, body: Buffer) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, body, Buffer.from([1, 2, 3, 4])]);
};
const PNG = latin('\x89PNG\r\n\x1a\n');
const IHDR = chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]));
const IDAT = chunk('IDAT', deflateSync(Buffer.from([0, 128])));
const IEND = chunk('IEND', Buffer.alloc(0));

describe('a PNG', () => {
  it('keeps the picture and its colours, and loses texts, EXIF, dates and what follows', () => {
    const gama = chunk('gAMA', Buffer.from([0, 0, 0xb1, 0x8f]));
    const said = ['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME', 'prVt'].map((name) => chunk(name, latin(SECRET)));
    const { mediaType, bytes } = cleanPhotograph(
      Buffer.concat([PNG, IHDR, gama, ...said, IDAT, IEND, latin(SECRET)]),
    );
    expect(mediaType).toBe('image/png');
    expect(Buffer.from(bytes)).toEqual(Buffer.concat([PNG, IHDR, gama, IDAT, IEND]));
  });

  it.each([
    ['cut off', [PNG, IHDR, IDAT]],
    ['cut off in a chunk', [PNG, IHDR, IDAT.subarray(0, 10)]],
    ['that begins with another chunk', [PNG, IDAT, IEND]],
    ['of its signature alone', [PNG]],
  ])('%s is refused', (_, parts) => {
    expect(() => cleanPhotograph(Buffer.concat(parts))).toThrow('no whole PNG');
  });
});

const riff = (name: string, body: Buffer) => {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
};
const webp = (...chunks: Buffer[]) => {
  const body = Buffer.concat([latin('WEBP'), ...chunks]);
  return riff('RIFF', body);
};
const VP8 = riff('VP8 ', Buffer.from([1, 2, 3, 4, 5]));

describe('a WebP', () => {
  it('keeps the picture, loses EXIF and XMP, and no longer promises them', () => {
    const extended = (flags: number) => riff('VP8X', Buffer.from([flags, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    const icc = riff('ICCP', latin('profile'));
    const said = ['EXIF', 'XMP ', 'priv'].map((name) => riff(name, latin(SECRET)));
    const taken = Buffer.concat([webp(extended(0x2c), icc, VP8, ...said), latin(SECRET)]);
    const { mediaType, bytes } = cleanPhotograph(taken);
    expect(mediaType).toBe('image/webp');
    expect(Buffer.from(bytes)).toEqual(webp(extended(0x20), icc, VP8));
  });

  it.each([
    ['cut off', webp(VP8).subarray(0, 20)],
    ['without a picture', webp(riff('ICCP', latin('profile')))],
    ['whose chunk is longer than it', webp(Buffer.concat([latin('VP8 '), Buffer.from([99, 0, 0, 0])]))],
  ])('%s is refused', (_, bytes) => {
    expect(() => cleanPhotograph(bytes)).toThrow('no whole WebP');
  });
});

describe('a photograph', () => {
  it.each([
    ['text', latin('hello')],
    ['a page', latin('<svg onload="alert(1)"/>')],
    ['GIF', latin('GIF89a')],
    ['a RIFF that is a sound', latin('RIFF\0\0\0\0WAVE')],
    ['nothing', Buffer.alloc(0)],
  ])('that is %s is none', (_, bytes) => {
    expect(photographType(bytes)).toBeNull();
    expect(() => cleanPhotograph(bytes)).toThrow('neither JPEG nor PNG nor WebP');
  });

  it('too large is refused', () => {
    expect(() => cleanPhotograph(new Uint8Array(MAX_PHOTOGRAPH_BYTES + 1))).toThrow('larger than 12 MiB');
  });

  // A seeded walk over every kind of damage: what is refused is refused in words, and nothing runs on for ever.
  it('damaged at any byte is cleaned or refused, never worse', () => {
    const whole = [
      Buffer.concat([SOI, JFIF, exif(6), TABLES, FRAME, SCAN, DATA, EOI]),
      Buffer.concat([PNG, IHDR, IDAT, IEND]),
      webp(VP8, riff('EXIF', latin(SECRET))),
    ];
    for (const bytes of whole)
      for (let at = 0; at < bytes.length; at++)
        for (const value of [0, 1, 0x7f, 0xd9, 0xff]) {
          const damaged = Buffer.from(bytes);
          damaged[at] = value;
          for (const each of [damaged, damaged.subarray(0, at)])
            try {
              cleanPhotograph(each);
            } catch (error) {
              expect((error as Error).name).toBe('CaseRefusal');
            }
        }
  });
});
