import type { INestApplication } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import request from 'supertest';
import { addKey } from '../../src/access/api-key.repository.js';
import { setCaller, type Caller } from '../../src/access/caller.js';
import { isTenant, SCOPES, type PersonRole, type Role, type Scope } from '../../src/rights/domain/roles.js';
import { csrfTokenOf } from '../../src/access/domain/secret-text.js';
import { utilityIdOf } from '../../src/access/people.js';
import { addPerson } from '../../src/access/person.repository.js';
import { openSession } from '../../src/access/session.repository.js';
import type { Database } from '../../src/database/open-database.js';

const HOUR_MS = 3_600_000;

/** A key of this role, good for an hour; of role utility for the utility with this code, which is made if need be. */
export async function mintKey(
  database: Database,
  role: Role,
  utility = 'default',
  scopes: readonly Scope[] = SCOPES,
): Promise<string> {
  const now = new Date();
  return addKey(database.dataSource, {
    owner: unique(role),
    role,
    scopes,
    utilityId: await utilityIdOf(database.dataSource, isTenant(role) ? utility : undefined),
    expiresAt: new Date(now.getTime() + HOUR_MS),
    createdBy: 'test',
    now,
  });
}

/** Requests to `app` that show this key. */
export function withKey(app: INestApplication, key: string): ReturnType<typeof request.agent> {
  return request.agent(app.getHttpServer()).set('authorization', `Bearer ${key}`);
}

export interface SignedIn {
  readonly personId: number;
  readonly login: string;
  /** The session's, as the cookie has it. */
  readonly token: string;
}

/** A new person of this role with an open session, fresh unless `authenticatedAt` says otherwise. */
export async function signIn(
  { dataSource }: Database,
  role: PersonRole,
  {
    utility = 'default',
    authenticatedAt = new Date(),
  }: { readonly utility?: string; readonly authenticatedAt?: Date } = {},
): Promise<SignedIn> {
  const now = new Date();
  const login = unique(role);
  const utilityId = await utilityIdOf(dataSource, isTenant(role) ? utility : undefined);
  const person = { login, name: `Test ${role}`, role, utilityId, createdBy: 'test', now };
  const personId = await addPerson(dataSource, person);
  const token = await openSession(dataSource, { personId, method: 'password', authenticatedAt, now });
  return { personId, login, token };
}

/** Requests to `app` as our page makes them for who is signed in: with the session's cookie and the header beside it. */
export function asPerson(
  app: INestApplication,
  { token }: Pick<SignedIn, 'token'>,
): ReturnType<typeof request.agent> {
  return request
    .agent(app.getHttpServer())
    .set('cookie', `gridwarden-loopback=${token}`)
    .set('x-csrf-token', csrfTokenOf(token));
}

/** Who sees everything. */
export const AUDITOR: Caller = {
  role: 'auditor',
  utility: null,
  actor: 'key test',
  credential: { kind: 'key', owner: 'test', scopes: SCOPES, expiresAt: new Date('2100-01-01') },
};

/** For applications of single controllers, which have no guard: every request is this caller's. */
export function actAs(app: INestApplication, caller: Caller): void {
  app.use((incoming: Request, _response: Response, next: NextFunction) => {
    setCaller(incoming, caller);
    next();
  });
}

function unique(role: Role): string {
  return `test-${role}-${Math.random().toString(36).slice(2)}`;
}
