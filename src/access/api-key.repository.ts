import type { DataSource } from 'typeorm';
import { actorNamed } from '../audit/append-audit.js';
import { auditedTransaction } from '../audit/audited-transaction.js';
import { RefusedError } from '../config/errors.js';
import type { Role, Scope } from '../rights/domain/roles.js';
import { digestOf, keyPrefix } from './domain/secret-text.js';
import { freshKey } from './fresh-secrets.js';
import type { Queryable } from '../database/queryable.js';

export interface NewKey {
  /** The machine or job that will hold it. */
  readonly owner: string;
  readonly role: Role;
  /** Of what the role may do; a key that only looks can leak less. */
  readonly scopes: readonly Scope[];
  /** Of role utility only. */
  readonly utilityId: number | null;
  readonly expiresAt: Date;
  readonly createdBy: string;
  readonly now: Date;
}

/** A key as it is stored: everything but itself. */
export interface StoredKey {
  readonly id: number;
  readonly prefix: string;
  readonly secretSha256: string;
  readonly owner: string;
  readonly role: Role;
  readonly scopes: readonly Scope[];
  readonly utilityId: number | null;
  readonly utilityCode: string | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

const SELECT = `
  select k.id, k.prefix, k.secret_sha256 as "secretSha256", k.owner, k.role, k.scopes, k.utility_id as "utilityId",
    u.code as "utilityCode", k.created_at as "createdAt", k.created_by as "createdBy", k.expires_at as "expiresAt",
    k.last_used_at as "lastUsedAt", k.revoked_at as "revokedAt"
  from api_key k left join utility u on u.id = k.utility_id`;

const SLOTS = [1, 2];

/**
 * Makes a key and returns it: this is the only time anybody sees it.
 * @throws RefusedError when the owner has two live keys, or a live one with other rights
 */
export async function addKey(dataSource: DataSource, key: NewKey): Promise<string> {
  return auditedTransaction(dataSource, async (db, record) => {
    await db.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`gridwarden.key.${key.owner}`]);
    await db.query(
      `update api_key set revoked_at = expires_at where owner = $1 and revoked_at is null and expires_at <= $2`,
      [key.owner, key.now],
    );
    const live = await db.query<{ slot: number; role: Role; utilityId: number | null }[]>(
      `select slot, role, utility_id as "utilityId" from api_key where owner = $1 and revoked_at is null`,
      [key.owner],
    );
    if (live.some(({ role, utilityId }) => role !== key.role || utilityId !== key.utilityId))
      throw new RefusedError(
        `${key.owner} has a live key with other rights: revoke it, or name another owner.`,
      );
    const slot = SLOTS.find((each) => live.every((taken) => taken.slot !== each));
    if (slot === undefined)
      throw new RefusedError(`${key.owner} has two live keys: revoke the one that is used no more.`);
    const text = freshKey();
    await db.query(
      `insert into api_key (prefix, secret_sha256, owner, slot, role, utility_id, created_at, created_by, expires_at,
         scopes)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        keyPrefix(text),
        digestOf(text),
        key.owner,
        slot,
        key.role,
        key.utilityId,
        key.now,
        key.createdBy,
        key.expiresAt,
        [...new Set(key.scopes)],
      ],
    );
    record({
      actor: actorNamed(key.createdBy),
      kind: 'key.added',
      subject: `key:${keyPrefix(text)}`,
      body: {
        owner: key.owner,
        role: key.role,
        scopes: [...new Set(key.scopes)],
        utility_id: key.utilityId,
        expires_at: key.expiresAt.toISOString(),
      },
    });
    return text;
  });
}

export async function findKey(db: Queryable, prefix: string): Promise<StoredKey | null> {
  const [key] = await db.query<StoredKey[]>(`${SELECT} where k.prefix = $1`, [prefix]);
  return key ?? null;
}

/** Every key, live or not, newest first. */
export async function listKeys(db: Queryable): Promise<StoredKey[]> {
  return db.query<StoredKey[]>(`${SELECT} order by k.id desc`);
}

export async function recordKeyUse(db: Queryable, id: number, now: Date): Promise<void> {
  await db.query(`update api_key set last_used_at = $2 where id = $1`, [id, now]);
}

/** @throws RefusedError when there is no such key that is not revoked */
export async function revokeKey(
  dataSource: DataSource,
  { prefix, by, now }: { readonly prefix: string; readonly by: string; readonly now: Date },
): Promise<void> {
  await auditedTransaction(dataSource, async (db, record) => {
    const revoked = await db.query<unknown[]>(
      `with revoked as (
         update api_key set revoked_at = $2 where prefix = $1 and revoked_at is null returning id)
       select id from revoked`,
      [prefix, now],
    );
    if (revoked.length === 0) throw new RefusedError(`There is no key ${prefix} that could be revoked.`);
    record({ actor: actorNamed(by), kind: 'key.revoked', subject: `key:${prefix}`, body: {} });
  });
}

/** Revokes all live keys of the owner. */
export async function revokeKeysOf(db: Queryable, owner: string, now: Date): Promise<void> {
  await db.query(`update api_key set revoked_at = $2 where owner = $1 and revoked_at is null`, [owner, now]);
}
