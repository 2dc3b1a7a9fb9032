import type { EntityManager } from 'typeorm';
import type { AuditEntry } from '../audit/append-audit.js';
import type { UploadOptions } from './domain/upload-options.js';
import type { UploadKind } from './upload.entity.js';

/** How a utility's files are to be read, under a name. */
export interface UploadProfile {
  readonly name: string;
  /** Null: recognised by the first line. */
  readonly kind: UploadKind | null;
  readonly zone: string | null;
  readonly options: UploadOptions;
}

export interface ProfileOwner {
  readonly utilityId: number;
  readonly actor: AuditEntry['actor'];
  readonly now: Date;
}

type Queryable = Pick<EntityManager, 'query'>;
const COLUMNS = 'name, kind, zone, options';

/** With the code of the utility it belongs to. */
export interface OwnedProfile extends UploadProfile {
  readonly utility: string;
}

/** Of one utility, or of all (null). */
export async function uploadProfiles(db: Queryable, utilityId: number | null): Promise<OwnedProfile[]> {
  return db.query(
    `select u.code as utility, p.name, p.kind, p.zone, p.options from upload_profile p
     join utility u on u.id = p.utility_id where $1::integer is null or u.id = $1 order by 1, 2`,
    [utilityId],
  );
}

/** The profile of that name; null when the utility has none. */
export async function uploadProfile(
  db: Queryable,
  utilityCode: string,
  name: string,
): Promise<UploadProfile | null> {
  const found: UploadProfile[] = await db.query(
    `select ${COLUMNS} from upload_profile
     where utility_id = (select id from utility where code = $1) and name = $2`,
    [utilityCode, name],
  );
  return found[0] ?? null;
}

/** Saves the profile under its name, in place of the one before. */
export async function saveUploadProfile(
  db: Queryable,
  record: (entry: AuditEntry) => void,
  { utilityId, actor, now }: ProfileOwner,
  { name, kind, zone, options }: UploadProfile,
): Promise<void> {
  await db.query(
    `insert into upload_profile (utility_id, name, kind, zone, options, changed_at, changed_by)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (utility_id, name) do update set kind = excluded.kind, zone = excluded.zone,
       options = excluded.options, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
    [utilityId, name, kind, zone, options, now, `${actor.kind} ${actor.id}`],
  );
  record({
    actor,
    kind: 'upload_profile.saved',
    subject: `upload_profile:${name}`,
    body: { kind, zone, options },
  });
}

/** False when there was none of that name. */
export async function removeUploadProfile(
  db: Queryable,
  record: (entry: AuditEntry) => void,
  { utilityId, actor }: ProfileOwner,
  name: string,
): Promise<boolean> {
  const [, removed]: [unknown, number] = await db.query(
    'delete from upload_profile where utility_id = $1 and name = $2',
    [utilityId, name],
  );
  if (removed > 0)
    record({ actor, kind: 'upload_profile.removed', subject: `upload_profile:${name}`, body: {} });
  return removed > 0;
}
