import type { INestApplication } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import request from 'supertest';
import { addKey } from '../../src/access/api-key.repository.js';
import { setCaller, type Caller } from '../../src/access/caller.js';
import { isTenant, type Role } from '../../src/access/domain/roles.js';
import type { Database } from '../../src/database/open-database.js';
import { ensureUtility } from '../../src/grid/registry.repository.js';

const HOUR_MS = 3_600_000;

/** A key of this role, good for an hour; of role utility for the utility with this code, which is made if need be. */
export async function mintKey(database: Database, role: Role, utility = 'default'): Promise<string> {
  const now = new Date();
  return addKey(database.dataSource, {
    owner: `test-${role}-${utility}-${Math.random().toString(36).slice(2)}`,
    role,
    utilityId: isTenant(role) ? await utilityId(database, utility) : null,
    expiresAt: new Date(now.getTime() + HOUR_MS),
    createdBy: 'test',
    now,
  });
}

/** Requests to `app` that show this key. */
export function withKey(app: INestApplication, key: string): ReturnType<typeof request.agent> {
  return request.agent(app.getHttpServer()).set('authorization', `Bearer ${key}`);
}

/** Who sees everything. */
export const AUDITOR: Caller = {
  role: 'auditor',
  utility: null,
  actor: 'key test',
  credential: { kind: 'key', owner: 'test', expiresAt: new Date('2100-01-01') },
};

/** For applications of single controllers, which have no guard: every request is this caller's. */
export function actAs(app: INestApplication, caller: Caller): void {
  app.use((incoming: Request, _response: Response, next: NextFunction) => {
    setCaller(incoming, caller);
    next();
  });
}

async function utilityId(database: Database, code: string): Promise<number> {
  const client = await database.connect();
  try {
    return await ensureUtility(client, code);
  } finally {
    await client.end();
  }
}
