import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { Transform, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { RefusedError } from '../config/errors.js';
import type { Part } from './manifest.js';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** Readings compress hardly any better at higher levels, and three times slower. */
const GZIP_LEVEL = 1;

/** Hashes and counts what goes through. */
class Meter extends Transform {
  bytes = 0;
  private readonly hash: Hash = createHash('sha256');

  constructor() {
    super({ highWaterMark: 1 << 20 });
  }

  get sha256(): string {
    return this.hash.copy().digest('hex');
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length;
    this.hash.update(chunk);
    done(null, chunk);
  }
}

/** Writes `input` to `file` below `folder`, durably, as it is. */
export async function writePart(folder: string, file: string, input: Readable): Promise<Part> {
  const meter = new Meter();
  await pipeline(input, meter, await output(folder, file));
  return { file, bytes: meter.bytes, sha256: meter.sha256 };
}

/** The same, compressed; and the hash of what went in. */
export async function writeGzipPart(
  folder: string,
  file: string,
  input: Readable,
): Promise<Part & { readonly contentSha256: string }> {
  const [content, meter] = [new Meter(), new Meter()];
  await pipeline(input, content, createGzip({ level: GZIP_LEVEL }), meter, await output(folder, file));
  return { file, bytes: meter.bytes, sha256: meter.sha256, contentSha256: content.sha256 };
}

/** Pours a compressed part out; returns the hash of what came out. */
export async function readGzipPart(folder: string, { file }: Part, into: Writable): Promise<string> {
  const content = new Meter();
  await pipeline(createReadStream(path.join(folder, file)), createGunzip(), content, into);
  return content.sha256;
}

/** Copies a part to `target` below `folder`. */
export async function copyPart(from: string, { file }: Part, folder: string, target: string): Promise<void> {
  await pipeline(createReadStream(path.join(from, file)), await output(folder, target));
}

/** @throws RefusedError a part that is missing, cut off or changed: its name, and what to do. */
export async function verifyPart(folder: string, part: Part): Promise<void> {
  const meter = new Meter();
  const sink = new Transform({ transform: (_chunk, _encoding, done) => done() });
  try {
    await pipeline(createReadStream(path.join(folder, part.file)), meter, sink.resume());
  } catch (error) {
    throw new RefusedError(`${part.file} of the backup can't be read (${(error as Error).message}).`, {
      cause: error,
    });
  }
  if (meter.bytes !== part.bytes || meter.sha256 !== part.sha256)
    throw new RefusedError(`${part.file} of the backup is not what was written; use another backup.`);
}

/** Gives the folder's name, and the names in it, to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function output(folder: string, file: string): Promise<Writable> {
  const target = path.join(folder, file);
  await mkdir(path.dirname(target), { recursive: true, mode: FOLDER_MODE });
  return createWriteStream(target, { flags: 'wx', mode: FILE_MODE, flush: true, highWaterMark: 1 << 20 });
}
