import type { Readable } from 'node:stream';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { RefusedError } from '../../config/errors.js';
import { asFile } from './as-file.js';

/** A year of a region's daily files and some; more is no delivery of readings. */
const MOST_MEMBERS = 10_000;
const UTF8_NAME = 0x800;
/** As in `unpack.ts`, of each member by itself. */
const HONEST_RATIO = 300;
const RATIO_FLOOR_BYTES = 64 * 1024 * 1024;
const WORKBOOK_PARTS = new Set(['xl/workbook.xml', 'xl/workbook.bin']);

/** An open zip archive: its directory in memory, its members read one at a time. */
export class ZipArchive {
  private constructor(
    private readonly zip: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  /** @throws RefusedError damaged, encrypted, or with more files than are taken. */
  static async open(path: string): Promise<ZipArchive> {
    const zip = await refusing('', () =>
      // Names as bytes: Russian archivers write them in cp866, and none is used as a path here.
      openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false }),
    );
    try {
      return await refusing('', async () => new ZipArchive(zip, await directoryOf(zip)));
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  /** Names of the files in the archive's order; folders and a Macintosh's shadows are left out. */
  get members(): readonly string[] {
    return [...this.entries.keys()];
  }

  /** XLSX: the archive is one document, and its members are parts of it. */
  get isWorkbook(): boolean {
    return this.members.some((name) => WORKBOOK_PARTS.has(name));
  }

  /** Unpacked bytes of all members, as the directory states them. */
  get statedBytes(): number {
    return [...this.entries.values()].reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  }

  /** The unpacked bytes of a member. */
  async *chunks(name: string): AsyncGenerator<Buffer> {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new RefusedError(`The zip archive has no ${shownName(name)}.`);
    const stream: Readable = await refusing(name, () => this.zip.openReadStreamPromise(entry));
    try {
      for (const chunks = stream[Symbol.asyncIterator](); ;) {
        const next = await refusing(name, () => chunks.next() as Promise<IteratorResult<Buffer>>);
        if (next.done) return;
        yield next.value;
      }
    } finally {
      stream.destroy();
    }
  }

  /**
   * Unpacks every member once without keeping anything, so that a damaged or hostile archive is refused whole. Returns
   * the unpacked size in bytes.
   * @throws RefusedError damaged, a bomb, or an archive within the archive that is no workbook.
   */
  async check(limitBytes: number, isInside = false): Promise<number> {
    let bytes = 0;
    for (const [name, entry] of this.entries) {
      const most = Math.max(RATIO_FLOOR_BYTES, entry.compressedSize * HONEST_RATIO);
      let ofMember = 0;
      for await (const chunk of this.chunks(name)) {
        if (ofMember === 0 && isArchive(chunk)) {
          if (isInside || !isZip(chunk)) throw new RefusedError(isItself(name));
          bytes += await this.checkWorkbook(name, limitBytes - bytes);
        }
        bytes += chunk.length;
        ofMember += chunk.length;
        if (bytes <= limitBytes && ofMember <= most) continue;
        throw new RefusedError(
          `The zip archive unpacks to more than ${Math.min(limitBytes, most)} bytes (${shownName(name)}): that is no ` +
            'delivery of readings. Split it, or send it unpacked.',
        );
      }
    }
    return bytes;
  }

  close(): void {
    this.zip.close();
  }

  /** A workbook may lie in the archive, no other archive. Returns its own unpacked bytes. */
  private async checkWorkbook(name: string, limitBytes: number): Promise<number> {
    const most = Math.max(0, limitBytes);
    const file = await asFile({ file: null, chunks: () => atMost(this.chunks(name), most, name) });
    try {
      const book = await ZipArchive.open(file.path);
      try {
        if (book.isWorkbook) return await book.check(most, true);
      } finally {
        book.close();
      }
    } finally {
      await file.close();
    }
    throw new RefusedError(isItself(name));
  }
}

async function* atMost(chunks: AsyncIterable<Buffer>, most: number, name: string): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > most)
      throw new RefusedError(`The zip archive unpacks to more than ${most} bytes (${shownName(name)}).`);
    yield chunk;
  }
}

/** {@link ZipArchive.check} of a file. */
export async function checkZip(path: string, limitBytes: number): Promise<number> {
  const archive = await ZipArchive.open(path);
  try {
    return await archive.check(limitBytes);
  } finally {
    archive.close();
  }
}

async function directoryOf(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > MOST_MEMBERS)
    throw new RefusedError(`The zip archive holds ${zip.entryCount} files; ${MOST_MEMBERS} are taken.`);
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    const name = nameOf(entry);
    if (isNoFile(name)) continue;
    if (entry.isEncrypted())
      throw new RefusedError(`The zip archive is locked with a password (${shownName(name)}): send it open.`);
    if (entries.has(name)) throw new RefusedError(`The zip archive holds ${shownName(name)} twice.`);
    entries.set(name, entry);
  }
  return entries;
}

/** With `decodeStrings: false` the name is a Buffer, whatever the type says. */
function nameOf(entry: Entry): string {
  const bytes = entry.fileName as unknown as Buffer;
  const encoding = (entry.generalPurposeBitFlag & UTF8_NAME) === 0 ? 'ibm866' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes).replaceAll('\\', '/');
}

function isNoFile(name: string): boolean {
  return name.endsWith('/') || name.startsWith('__MACOSX/') || name.endsWith('.DS_Store');
}

function isArchive(head: Buffer): boolean {
  const four = head.toString('latin1', 0, 4);
  return ['PK\x03\x04', 'Rar!', '7z\xbc\xaf'].includes(four) || four.startsWith('\x1f\x8b');
}

function isZip(head: Buffer): boolean {
  return head.toString('latin1', 0, 4) === 'PK\x03\x04';
}

function isItself(name: string): string {
  return `${shownName(name)} in the zip archive is itself an archive: send it by itself.`;
}

/** What yauzl and zlib say of a damaged archive, as the sender's refusal; errors of the disk stay what they are. */
async function refusing<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    const isOurs = error instanceof RefusedError || syscall !== undefined;
    if (isOurs || (code !== undefined && !code.startsWith('Z_'))) throw error;
    const where = name === '' ? '' : ` at ${shownName(name)}`;
    const what = (error as Error).message;
    throw new RefusedError(`The zip archive is damaged${where} (${what}); pack and send it again.`, {
      cause: error,
    });
  }
}

function shownName(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}
