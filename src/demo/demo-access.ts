import { randomInt } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { addKey, revokeKeysOf } from '../access/api-key.repository.js';
import { isTenant, PERSON_ROLES, type PersonRole } from '../rights/domain/roles.js';
import { hashPassword } from '../access/passwords.js';
import { daysAfter, utilityIdOf } from '../access/people.js';
import { addPerson, listPeople, setPassword } from '../access/person.repository.js';

const CREATED_BY = 'demo';
const KEY_OWNER = 'demo';
const KEY_DAYS = 7;
/** No letter that looks like another; 16 of them are 78 bits. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

export interface DemoAccount {
  readonly login: string;
  readonly password: string;
}

/** How to come into the demo's service: a person of each role, and a key that reads everything. */
export interface DemoAccess {
  readonly accounts: readonly DemoAccount[];
  readonly key: string;
}

/** Makes them, or, in a demo that was run before, gives them new secrets: what the last run printed is void. */
export async function prepareAccess(
  dataSource: DataSource,
  { utility, now }: { readonly utility: string; readonly now: Date },
): Promise<DemoAccess> {
  const known = new Map((await listPeople(dataSource)).map(({ login, id }) => [login, id]));
  const accounts: DemoAccount[] = [];
  for (const role of PERSON_ROLES) {
    const personId = known.get(role) ?? (await addOne(dataSource, role, { utility, now }));
    const password = freshPassword();
    await setPassword(dataSource, { personId, argon2id: await hashPassword(password), now }, null);
    accounts.push({ login: role, password });
  }
  return { accounts, key: await newKey(dataSource, now) };
}

async function addOne(
  dataSource: DataSource,
  role: PersonRole,
  { utility, now }: { readonly utility: string; readonly now: Date },
): Promise<number> {
  const utilityId = await utilityIdOf(dataSource, isTenant(role) ? utility : undefined);
  return addPerson(dataSource, {
    login: role,
    name: `Demo ${role}`,
    role,
    utilityId,
    createdBy: CREATED_BY,
    now,
  });
}

async function newKey(dataSource: DataSource, now: Date): Promise<string> {
  await revokeKeysOf(dataSource, KEY_OWNER, now);
  return addKey(dataSource, {
    owner: KEY_OWNER,
    role: 'auditor',
    scopes: ['read'],
    utilityId: null,
    expiresAt: daysAfter(now, KEY_DAYS),
    createdBy: CREATED_BY,
    now,
  });
}

/** `abcd-efgh-jkmn-pqrs`, to be read from one window and typed into another. */
function freshPassword(): string {
  const group = (): string => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}
