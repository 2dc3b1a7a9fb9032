import type { DataSource } from 'typeorm';
import { actorNamed } from '../audit/append-audit.js';
import { auditedTransaction } from '../audit/audited-transaction.js';
import type { PersonRole } from '../rights/domain/roles.js';
import { digestOf } from './domain/secret-text.js';
import { SESSION_HOURS, type SignInMethod } from './domain/session-limits.js';
import { freshToken } from './fresh-secrets.js';
import type { Queryable } from '../database/queryable.js';

export interface StoredSession {
  readonly id: number;
  readonly personId: number;
  readonly role: PersonRole;
  readonly utilityId: number | null;
  readonly utilityCode: string | null;
  readonly method: SignInMethod;
  readonly createdAt: Date;
  readonly authenticatedAt: Date;
  readonly lastSeenAt: Date;
}

/** The token of a session for who holds this one-time token, which is then used up; null when it is not good. */
export async function signIn(dataSource: DataSource, signInToken: string, now: Date): Promise<string | null> {
  const token = freshToken();
  return auditedTransaction(dataSource, async (db, record) => {
    const opened = await db.query<{ personId: number }[]>(
      `with used as (
         update sign_in_token t set used_at = $2
         where token_sha256 = $1 and used_at is null and expires_at > $2
           and exists (select from person p where p.id = t.person_id and p.blocked_at is null)
         returning person_id)
       insert into session (token_sha256, person_id, method, created_at, authenticated_at, last_seen_at)
       select $3, person_id, 'link', $2, $2, $2 from used returning person_id as "personId"`,
      [digestOf(signInToken), now, digestOf(token)],
    );
    if (opened.length === 0) return null;
    // Whoever had the link came in without a password, which is worth a line.
    const [{ personId }] = opened;
    record({
      actor: actorNamed(`person ${personId}`),
      kind: 'person.link_used',
      subject: `person:${personId}`,
      body: {},
    });
    return token;
  });
}

export interface NewSession {
  readonly personId: number;
  readonly method: SignInMethod;
  /** When they proved who they are: now, or at the identity provider some time ago. */
  readonly authenticatedAt: Date;
  readonly now: Date;
}

/** The token of a new session of the person. */
export async function openSession(
  db: Queryable,
  { personId, method, authenticatedAt, now }: NewSession,
): Promise<string> {
  const token = freshToken();
  await db.query(
    `insert into session (token_sha256, person_id, method, created_at, authenticated_at, last_seen_at)
     values ($1, $2, $3, $4, $5, $4)`,
    [digestOf(token), personId, method, now, authenticatedAt],
  );
  return token;
}

/** The person of the session has proved who they are again. */
export async function recordAuthentication(db: Queryable, id: number, now: Date): Promise<void> {
  await db.query(`update session set authenticated_at = $2 where id = $1`, [id, now]);
}

/** Null: unknown, ended, or of somebody who is blocked. Whether it lasted too long is the caller's to judge. */
export async function findSession(db: Queryable, token: string): Promise<StoredSession | null> {
  const [session] = await db.query<StoredSession[]>(
    `select s.id, s.person_id as "personId", p.role, p.utility_id as "utilityId", u.code as "utilityCode",
       s.method, s.created_at as "createdAt", s.authenticated_at as "authenticatedAt", s.last_seen_at as "lastSeenAt"
     from session s join person p on p.id = s.person_id left join utility u on u.id = p.utility_id
     where s.token_sha256 = $1 and s.ended_at is null and p.blocked_at is null`,
    [digestOf(token)],
  );
  return session ?? null;
}

export async function recordSessionUse(db: Queryable, id: number, now: Date): Promise<void> {
  await db.query(`update session set last_seen_at = $2 where id = $1`, [id, now]);
}

export async function endSession(db: Queryable, id: number, now: Date): Promise<void> {
  await db.query(`update session set ended_at = $2 where id = $1`, [id, now]);
}

/** Forgets sessions that can't be live any more, whatever was done with them. */
export async function forgetOldSessions(db: Queryable, now: Date): Promise<void> {
  const oldest = new Date(now.getTime() - SESSION_HOURS * 3_600_000);
  await db.query(`delete from session where created_at < $1`, [oldest]);
}
