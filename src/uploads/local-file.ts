import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
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
