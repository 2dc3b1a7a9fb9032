import { UsageError } from '../config/errors.js';
import type { PersonView as PersonShown, KeyView } from './access.schemas.js';
import type { StoredKey } from './api-key.repository.js';
import { isTenant, type Role } from '../rights/domain/roles.js';
import type { PersonView } from './person.repository.js';
import type { Queryable } from '../database/queryable.js';

const DAY_MS = 86_400_000;

/** Days a one-time link works: it travels by hand or mail, to somebody who may be away today. */
export const LINK_DAYS = 1;

export function daysAfter(now: Date, days: number): Date {
  return new Date(now.getTime() + days * DAY_MS);
}

/** Of our first page, which knows what to do with the token; what stands behind # is in no log of any server. */
export function linkPath(kind: 'token' | 'operator', token: string): string {
  return `/welcome#${kind}=${token}`;
}

/** @throws UsageError when a role that needs a utility has none, or one that sees all has one */
export function checkTenant(role: Role, utility: string | undefined): void {
  if (isTenant(role) && utility === undefined)
    throw new UsageError('The role utility needs a utility (--utility CODE): whose objects may it see?');
  if (!isTenant(role) && utility !== undefined)
    throw new UsageError(`A utility goes with the role utility only; ${role} is bound to none.`);
}

/** The id of the utility with this code, which is created (named by its code) when it is not there; null without a code. */
export async function utilityIdOf(db: Queryable, code: string | undefined): Promise<number | null> {
  if (code === undefined) return null;
  await db.query(`insert into utility (code, name) values ($1, $1) on conflict (code) do nothing`, [code]);
  const [{ id }] = await db.query<{ id: number }[]>(`select id from utility where code = $1`, [code]);
  return id;
}

/** A person as JSON shows them. */
export function personShown(person: PersonView): PersonShown {
  const { id, login, name, role, utility, organisation, createdAt, blockedAt, hasPassword, hasOidc } = person;
  return {
    id,
    login,
    name,
    role,
    utility,
    organisation,
    created_at: createdAt.toISOString(),
    blocked_at: blockedAt?.toISOString() ?? null,
    has_password: hasPassword,
    has_oidc: hasOidc,
  };
}

/** A key as JSON shows it. */
export function keyShown(key: StoredKey, now: Date): KeyView {
  const { prefix, owner, role, scopes, utilityCode, createdAt, createdBy, expiresAt } = key;
  return {
    prefix,
    owner,
    role,
    scopes: [...scopes],
    utility: utilityCode,
    state: key.revokedAt !== null ? 'revoked' : expiresAt <= now ? 'expired' : 'live',
    created_at: createdAt.toISOString(),
    created_by: createdBy,
    expires_at: expiresAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  };
}
