import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TooLargeError } from '../config/errors.js';
import { checkGzip, packingOf } from './formats/unpack.js';

export interface SpooledFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** Received files, byte for byte, named by their SHA-256. What has a name here is durable. */
export class Spool {
  constructor(private readonly folder: string) {}

  path(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }

  /**
   * Streams `input` to the spool, hashing on the way; when it returns, the file and its name are on disk.
   * @throws TooLargeError larger than `maxBytes`; nothing is kept then, or when the sender breaks off.
   */
  async receive(input: Readable, maxBytes: number): Promise<SpooledFile> {
    const incoming = join(this.folder, 'incoming', randomUUID());
    await mkdir(dirname(incoming), { recursive: true });
    try {
      const hash = createHash('sha256');
      let bytes = 0;
      const meter = new Transform({
        highWaterMark: 1 << 20,
        transform(chunk: Buffer, _encoding, done) {
          bytes += chunk.length;
          if (bytes > maxBytes)
            done(new TooLargeError(`The file is larger than the ${maxBytes} bytes that are taken.`));
          else {
            hash.update(chunk);
            done(null, chunk);
          }
        },
      });
      await pipeline(input, meter, createWriteStream(incoming, { flush: true, highWaterMark: 1 << 20 }));
      const sha256 = hash.digest('hex');
      await this.keep(incoming, sha256);
      return { sha256, bytes };
    } catch (error) {
      await rm(incoming, { force: true });
      throw error;
    }
  }

  /**
   * Looks through a received file before it is queued; returns its unpacked size in bytes.
   * @throws RefusedError an archive, or gzip that is cut off, damaged or a bomb.
   */
  async check({ sha256, bytes }: SpooledFile, unpackedMaxBytes: number): Promise<number> {
    const path = this.path(sha256);
    if ((await packingOf(path)) === 'plain') return bytes;
    return checkGzip(createReadStream(path, { highWaterMark: 1 << 20 }), bytes, unpackedMaxBytes);
  }

  private async keep(incoming: string, sha256: string): Promise<void> {
    const path = this.path(sha256);
    const known = await stat(path).catch(() => null);
    if (known !== null) {
      await rm(incoming);
      return;
    }
    await mkdir(dirname(path), { recursive: true });
    await rename(incoming, path);
    // The name is durable only when its folder is.
    const folder = await open(dirname(path));
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
