import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Source } from './format.js';

/** A file that can be read at any position, for as long as it is needed. */
export interface OpenFile {
  readonly path: string;
  close(): Promise<void>;
}

/** The source's own file; of a member of an archive, a copy beside the others of its kind. */
export async function asFile({ file, chunks }: Pick<Source, 'file' | 'chunks'>): Promise<OpenFile> {
  if (file !== null) return { path: file.path, close: () => Promise.resolve() };
  const folder = await mkdtemp(path.join(tmpdir(), 'gridwarden-member-'));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const copy = path.join(folder, 'member');
    await pipeline(Readable.from(chunks()), createWriteStream(copy));
    return { path: copy, close };
  } catch (error) {
    await close();
    throw error;
  }
}
