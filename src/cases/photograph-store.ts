import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Photograph, PhotographType } from './domain/photograph.js';

export interface StoredPhotograph {
  readonly sha256: string;
  readonly mediaType: PhotographType;
  readonly bytes: number;
}

/** Photographs on disk, each once, under the hash of its bytes: what was kept can't be replaced unnoticed. */
export class PhotographStore {
  private readonly folder: string;

  constructor(dataDir: string) {
    this.folder = path.join(dataDir, 'photographs');
  }

  /** Durable when it returns. */
  async put({ mediaType, bytes }: Photograph): Promise<StoredPhotograph> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const stored = { sha256, mediaType, bytes: bytes.length };
    const target = this.pathOf(sha256);
    if (await exists(target)) return stored;
    await mkdir(path.dirname(target), { recursive: true });
    const written = `${target}.${randomUUID()}`;
    try {
      await writeDurably(written, bytes);
      await rename(written, target);
    } catch (error) {
      await rm(written, { force: true });
      throw error;
    }
    await syncFolder(path.dirname(target));
    return stored;
  }

  read(sha256: string): ReadStream {
    return createReadStream(this.pathOf(sha256));
  }

  private pathOf(sha256: string): string {
    return path.join(this.folder, sha256.slice(0, 2), sha256);
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** So that the name is as durable as the bytes. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
