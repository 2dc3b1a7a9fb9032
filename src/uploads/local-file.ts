import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { UsageError } from '../config/errors.js';

/** @throws UsageError there is no such file, or it is a folder */
export async function statFile(path: string): Promise<Stats> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory())
    throw new UsageError(
      `${path} is a folder: name the files in it (${path.replace(/\/+$/, '')}/*), or pack them as a zip.`,
    );
  if (!found?.isFile()) throw new UsageError(`There is no file ${path}.`);
  return found;
}

/** A file that was changed a moment ago may be changed again without another time of change. */
const SETTLES_MS = 2000;

/**
 * Which file it is and when it was last changed: two answers that are the same are of the same bytes, so that they need not be read
 * to know (as incremental backups do it: device, inode, size, times of change of content and of inode; the last can't be set).
 * Null: it was changed too lately to tell.
 */
export async function fileIdentity(path: string): Promise<string | null> {
  // Opened, because a network file system looks for changes only then.
  const file = await open(path);
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await file.stat({ bigint: true });
    if (Date.now() - Number(ctimeNs / 1_000_000n) < SETTLES_MS) return null;
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } finally {
    await file.close();
  }
}
