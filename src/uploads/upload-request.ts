import type { EntityManager } from 'typeorm';
import { UsageError } from '../config/errors.js';
import { canonicalOptions, type UploadOptions } from './domain/upload-options.js';
import { uploadProfile } from './upload-profiles.js';
import type { UploadKind } from './upload.entity.js';

/** What a sender says of a file, with or without a saved profile. */
export interface Asked extends UploadOptions {
  readonly utility: string;
  readonly kind?: UploadKind | null;
  readonly zone?: string | null;
  readonly profile?: string;
}

/**
 * How the file is to be read: as its sender says, and where they say nothing as the profile does.
 * @throws UsageError there is no such profile.
 */
export async function readingOf(
  db: Pick<EntityManager, 'query'>,
  { utility, kind = null, zone = null, profile, unit, label, ct, ct_ratio, point }: Asked,
): Promise<{ kind: UploadKind | null; zone: string | null; options: UploadOptions }> {
  const said = canonicalOptions({ unit, label, ct, ct_ratio, point });
  if (profile === undefined) return { kind, zone, options: said };
  const saved = await uploadProfile(db, utility, profile);
  if (saved === null)
    throw new UsageError(`There is no upload profile ${JSON.stringify(profile)} of ${utility}.`);
  return {
    kind: kind ?? saved.kind,
    zone: zone ?? saved.zone,
    options: canonicalOptions({ ...saved.options, ...said }),
  };
}
