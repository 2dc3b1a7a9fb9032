import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.js';
import { ChecksumError, TooLargeError } from '../config/errors.js';
import { checkGzip, packingOf, unpackedLimit } from './formats/unpack.js';
import { checkZip } from './formats/zip.js';
import { NewFile } from './new-file.js';

export interface SpooledFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** Readings tell when a family is at home: they are nobody's but the service's. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What is still being received is written to now and then; only a process that was killed leaves a file this old. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/** Received files, byte for byte, named by their SHA-256. What has a name here is durable. */
export class Spool {
  constructor(private readonly folder: string) {}

  path(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }

  /** For the start of a service: closes the folder to others, and removes what killed processes were receiving. */
  async tidy(now: Date): Promise<void> {
    const incoming = await this.makeFolder('incoming');
    // An earlier version made it readable for everybody.
    await chmod(this.folder, FOLDER_MODE);
    for (const name of await readdir(incoming)) {
      const path = join(incoming, name);
      const found = await stat(path).catch(() => null);
      if (found !== null && found.mtimeMs < now.getTime() - LEFTOVER_AGE_MS) await rm(path, { force: true });
    }
  }

  /**
   * Streams `input` to the spool, hashing on the way; when it returns, the file and its name are on disk.
   * @throws TooLargeError larger than `maxBytes`; ChecksumError its hash is not `expected`; nothing is kept then, or when the
   * sender breaks off.
   */
  async receive(
    input: AsyncIterable<Buffer>,
    maxBytes: number,
    expected: string | null = null,
  ): Promise<SpooledFile> {
    const incoming = join(await this.makeFolder('incoming'), randomUUID());
    try {
      const file = await write(input, incoming, maxBytes);
      const { sha256 } = file;
      if (expected !== null && expected !== sha256)
        throw new ChecksumError(`What arrived has the SHA-256 ${sha256} and not ${expected}: send it again.`);
      await this.keep(incoming, sha256);
      return file;
    } catch (error) {
      await rm(incoming, { force: true });
      throw error;
    }
  }

  /**
   * Looks through a received file before it is queued; returns its unpacked size in bytes.
   * @throws RefusedError gzip or zip that is cut off, damaged, nested or a bomb.
   */
  async check({ sha256, bytes }: SpooledFile, unpackedMaxBytes: number): Promise<number> {
    const path = this.path(sha256);
    const packing = await packingOf(path);
    if (packing === 'plain') return bytes;
    if (packing === 'zip') return checkZip(path, unpackedLimit(bytes, unpackedMaxBytes));
    return checkGzip(createReadStream(path, { highWaterMark: 1 << 20 }), bytes, unpackedMaxBytes);
  }

  private async keep(incoming: string, sha256: string): Promise<void> {
    const path = this.path(sha256);
    await this.makeFolder(sha256.slice(0, 2));
    const known = await stat(path).catch(() => null);
    if (known === null) await rename(incoming, path);
    else await rm(incoming);
    // The name is durable only when its folder is, and that folder's own name; whoever made either, and be it a moment ago.
    await syncFolder(dirname(path));
    await syncFolder(this.folder);
  }

  /** A folder for what arrives in pieces. */
  async piecesFolder(): Promise<string> {
    return this.makeFolder('pieces');
  }

  /** The data folder above stays as it is: the server's user must pass through it. */
  private async makeFolder(name: string): Promise<string> {
    const dataFolder = dirname(this.folder);
    await mkdir(dataFolder, { recursive: true });
    const made = await mkdir(this.folder, { recursive: true, mode: FOLDER_MODE });
    if (made !== undefined) await syncFolder(dataFolder);
    const folder = join(this.folder, name);
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    return folder;
  }
}

/** Folder of received files below the data folder. */
export function spoolIn(config: Pick<Config, 'dataDir'>): Spool {
  return new Spool(join(config.dataDir, 'spool'));
}

/** Writes `input` to a new file that is on disk when this returns. While a piece is written the next is hashed. */
async function write(input: AsyncIterable<Buffer>, path: string, maxBytes: number): Promise<SpooledFile> {
  const file = await NewFile.create(path, FILE_MODE);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of input) {
      bytes += chunk.length;
      if (bytes > maxBytes)
        throw new TooLargeError(`The file is larger than the ${maxBytes} bytes that are taken.`);
      hash.update(chunk);
      await file.write(chunk);
    }
    await file.end();
    return { sha256: hash.digest('hex'), bytes };
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
