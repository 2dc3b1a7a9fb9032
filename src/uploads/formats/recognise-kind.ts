import { RefusedError } from '../../config/errors.js';
import type { UploadOptions } from '../domain/upload-options.js';
import type { UploadKind } from '../upload.entity.js';
import { recogniseFile } from './recognise.js';

/**
 * The kind of a spooled file by its content; what nothing else claims is taken for readings, which then say what is
 * missing. An archive's kind is that of its first member.
 */
export async function recogniseKind(path: string, options: UploadOptions = {}): Promise<UploadKind> {
  try {
    const file = await recogniseFile(path, options);
    file.close();
    return file.parts.find(({ recognition }) => recognition !== null)?.recognition?.kind ?? 'readings';
  } catch (error) {
    // Loading refuses it with the same sentence.
    if (error instanceof RefusedError) return 'readings';
    throw error;
  }
}
