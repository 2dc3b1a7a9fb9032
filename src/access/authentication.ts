import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { DataSource } from 'typeorm';
import { findKey, recordKeyUse, type StoredKey } from './api-key.repository.js';
import { Attempts } from './attempts.js';
import type { Caller } from './caller.js';
import { isForeignPage } from './domain/request-origin.js';
import { scopeOf, type Role } from '../rights/domain/roles.js';
import { csrfTokenOf, digestOf, isToken, keyPrefix } from './domain/secret-text.js';
import { isSessionLive } from './domain/session-limits.js';
import { AccessRefusal } from './refusal.js';
import { sessionTokenOf } from './session-cookie.js';
import { findSession, recordSessionUse, type StoredSession } from './session.repository.js';

/** When a key or session was last used is kept to this: a busy one must not write a row on every request. */
const USE_PRECISION_MS = 60_000;
const NOT_OURS = 'This is no key that opens anything here.';

/** Finds out who makes a request: by the key in its Authorization header, else by the session's cookie. */
@Injectable()
export class Authentication {
  constructor(
    private readonly dataSource: DataSource,
    private readonly attempts: Attempts,
  ) {}

  /** @throws AccessRefusal */
  async callerOf(request: Request): Promise<Caller> {
    const { authorization } = request.headers;
    const address = addressOf(request);
    if (authorization !== undefined) {
      const text = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
      const prefix = keyPrefix(text);
      return this.attempts.limit(address, prefix, () => this.callerOfKey(text, prefix));
    }
    const token = sessionTokenOf(request);
    if (token === undefined)
      throw new AccessRefusal('none', 'Show a key: Authorization: Bearer gw_…, or sign in.');
    const caller = await this.attempts.limit(address, null, () => this.callerOfSession(token));
    if (scopeOf(request.method) === 'write') refuseForeignWrite(request, csrfTokenOf(token));
    return caller;
  }

  private async callerOfKey(text: string, prefix: string | null): Promise<Caller> {
    const key = prefix === null ? null : await findKey(this.dataSource, prefix);
    if (key === null || !sameText(key.secretSha256, digestOf(text)))
      throw new AccessRefusal('wrong', NOT_OURS);
    const now = new Date();
    refuseDeadKey(key, now);
    if (isStale(key.lastUsedAt, now)) await recordKeyUse(this.dataSource, key.id, now);
    const { owner, scopes, expiresAt } = key;
    return {
      ...rightsOf(key),
      actor: `key ${owner}`,
      credential: { kind: 'key', owner, scopes, expiresAt },
    };
  }

  /** @throws AccessRefusal */
  async callerOfSession(token: string): Promise<Caller> {
    const session = isToken(token) ? await findSession(this.dataSource, token) : null;
    const now = new Date();
    if (session === null || !isSessionLive(session, now))
      throw new AccessRefusal('expired', 'The session is over: sign in again.');
    if (isStale(session.lastSeenAt, now)) await recordSessionUse(this.dataSource, session.id, now);
    const { id: sessionId, personId, method, authenticatedAt } = session;
    return {
      ...rightsOf(session),
      actor: `person ${personId}`,
      credential: {
        kind: 'session',
        sessionId,
        personId,
        method,
        authenticatedAt,
        csrfToken: csrfTokenOf(token),
      },
    };
  }
}

/** Of the connection, or what a trusted proxy says of it: else a header that names an address is the client's to write. */
export function addressOf(request: Request): string {
  return request.ip ?? 'gone';
}

/** @throws AccessRefusal when a page of another site makes a request that writes */
export function refuseForeignPage(request: Request): void {
  const origin = {
    site: request.get('sec-fetch-site'),
    origin: request.get('origin'),
    host: request.host,
  };
  if (isForeignPage(origin)) throw new AccessRefusal('foreign_page', 'Another site may not write here.');
}

function refuseForeignWrite(request: Request, csrfToken: string): void {
  refuseForeignPage(request);
  if (!sameText(request.get('x-csrf-token') ?? '', csrfToken))
    throw new AccessRefusal('foreign_page', 'The header X-CSRF-Token is not the csrf_token of this session.');
}

function refuseDeadKey({ revokedAt, expiresAt }: StoredKey, now: Date): void {
  if (revokedAt !== null) throw new AccessRefusal('expired', 'This key was revoked.');
  if (expiresAt <= now) throw new AccessRefusal('expired', `This key expired at ${expiresAt.toISOString()}.`);
}

function rightsOf({
  role,
  utilityId,
  utilityCode,
}: Pick<StoredKey | StoredSession, 'utilityId' | 'utilityCode'> & { readonly role: Role }): Pick<
  Caller,
  'role' | 'utility'
> {
  const isBound = utilityId !== null && utilityCode !== null;
  return { role, utility: isBound ? { id: utilityId, code: utilityCode } : null };
}

function isStale(lastUsedAt: Date | null, now: Date): boolean {
  return lastUsedAt === null || now.getTime() - lastUsedAt.getTime() >= USE_PRECISION_MS;
}

/** Takes as long whatever differs, so that an answer's time says nothing of how much was right. */
function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
