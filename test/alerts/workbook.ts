import { inflateRawSync } from 'node:zlib';

/** The files of a zip archive by name, read from its central directory (PKWARE's APPNOTE, 4.3.12). */
function unzip(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06'));
  const count = archive.readUInt16LE(end + 10);
  for (let n = 0, at = archive.readUInt32LE(end + 16); n < count; n++) {
    const packed = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const local = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const bytes = archive.subarray(start, start + packed);
    files.set(name, (archive.readUInt16LE(at + 10) === 8 ? inflateRawSync(bytes) : bytes).toString('utf8'));
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

export interface WorkbookCell {
  /** SpreadsheetML's `t`: `inlineStr` text, `n` (or none) number; a formula would have an element `f`. */
  readonly type: string;
  readonly value: string | number;
  readonly formula: boolean;
}

/** The rows of a workbook's first sheet; numbers (dates too) as stored; null where a cell is empty. */
export function readWorkbook(archive: Buffer): Map<string, WorkbookCell>[] {
  const sheet = unzip(archive).get('xl/worksheets/sheet1.xml')!;
  return [...sheet.matchAll(/<row [^>]*>(.*?)<\/row>/gs)].map(
    ([, row]) =>
      new Map(
        [...row.matchAll(/<c r="([A-Z]+)\d+"([^>]*)>(.*?)<\/c>/gs)].map(([, column, attributes, inner]) => {
          const type = / t="(\w+)"/.exec(attributes)?.[1] ?? 'n';
          const [, raw = ''] = /<(?:v|t)(?: [^>]*)?>(.*?)<\/(?:v|t)>/s.exec(inner) ?? [];
          const value = type === 'inlineStr' ? unescapeXml(raw) : Number(raw);
          return [column, { type, value, formula: /<f[ >]/.test(inner) }];
        }),
      ),
  );
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
