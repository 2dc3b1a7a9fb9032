import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** An operating system account. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

const EXECUTE = 0o1;
const READ_AND_EXECUTE = 0o5;

/**
 * The account PostgreSQL must run under, or null when it is our own. PostgreSQL refuses root; root therefore hands it
 * to the owner of an existing data folder, else to `nobody`, which every system has.
 */
export function serverUser(existingHome: string | null): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const owner = existingHome === null ? null : statSync(existingHome);
  const { uid, gid } = owner !== null && owner.uid !== 0 ? owner : nobody();
  return { uid, gid, name: accounts().find((account) => account.uid === uid)?.name ?? `user ${uid}` };
}

/**
 * The outermost of `folder` and the folders above it that `user` may not enter (for `folder` itself: not read), or null.
 * Looks at the mode bits only: an access list that grants more is not seen, one that takes away neither.
 */
export function folderClosedTo(user: ServerUser, folder: string): string | null {
  const above = ancestors(folder);
  const closed = above.find((each) => !permits(user, each, each === folder ? READ_AND_EXECUTE : EXECUTE));
  return closed ?? null;
}

/** Like {@link folderClosedTo}, for going through `folder` to something inside whose name is known. */
export function wayClosedTo(user: ServerUser, folder: string): string | null {
  return ancestors(folder).find((each) => !permits(user, each, EXECUTE)) ?? null;
}

function permits(user: ServerUser, folder: string, wanted: number): boolean {
  const { mode, uid, gid } = statSync(folder);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}

function ancestors(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [...ancestors(parent), folder];
}

function nobody(): { uid: number; gid: number } {
  return accounts().find((account) => account.name === 'nobody') ?? { uid: 65534, gid: 65534 };
}

function accounts(): ServerUser[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}
