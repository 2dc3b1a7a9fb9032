import type { DataSource } from 'typeorm';
import { RefusedError } from '../config/errors.js';
import type { PersonRole } from './domain/roles.js';
import { digestOf } from './domain/secret-text.js';
import { freshToken } from './fresh-secrets.js';
import type { Queryable } from './queryable.js';

const UNIQUE_VIOLATION = '23505';

export interface NewPerson {
  /** Short name to be addressed by on the command line. */
  readonly login: string;
  readonly name: string;
  readonly role: PersonRole;
  /** Of role utility only. */
  readonly utilityId: number | null;
  readonly createdBy: string;
  readonly now: Date;
}

export interface PersonView {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly role: PersonRole;
  readonly utility: string | null;
  readonly createdAt: Date;
  readonly blockedAt: Date | null;
}

/** The id of the new person. @throws RefusedError when the login is taken */
export async function addPerson(dataSource: DataSource, person: NewPerson): Promise<number> {
  try {
    return await dataSource.transaction(async (db) => {
      const [{ id }] = await db.query<{ id: number }[]>(
        `insert into person (role, utility_id, created_at, created_by) values ($1, $2, $3, $4) returning id`,
        [person.role, person.utilityId, person.now, person.createdBy],
      );
      await nameThem(db, id, person);
      return id;
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
    throw new RefusedError(`There is a person with the login ${person.login} already.`, { cause: error });
  }
}

export async function listPeople(db: Queryable): Promise<PersonView[]> {
  return db.query<PersonView[]>(
    `select p.id, i.login, i.name, p.role, u.code as utility, p.created_at as "createdAt", p.blocked_at as "blockedAt"
     from person p join person_identity i on i.person_id = p.id left join utility u on u.id = p.utility_id
     order by p.id`,
  );
}

/** Who the person is; ids come from sessions, so there is always one. */
export async function identityOf(db: Queryable, personId: number): Promise<{ login: string; name: string }> {
  const [identity] = await db.query<{ login: string; name: string }[]>(
    `select login, name from person_identity where person_id = $1`,
    [personId],
  );
  return identity;
}

/**
 * A new token that signs the person in once; earlier ones they did not use are void.
 * @throws RefusedError when there is nobody with this login, or they are blocked
 */
export async function newSignInToken(
  dataSource: DataSource,
  { login, expiresAt, now }: { readonly login: string; readonly expiresAt: Date; readonly now: Date },
): Promise<string> {
  return dataSource.transaction(async (db) => {
    const personId = await personOf(db, login);
    await db.query(`delete from sign_in_token where person_id = $1`, [personId]);
    const token = freshToken();
    await db.query(
      `insert into sign_in_token (token_sha256, person_id, created_at, expires_at) values ($1, $2, $3, $4)`,
      [digestOf(token), personId, now, expiresAt],
    );
    return token;
  });
}

/** Lets the person in no more, from this moment. @throws RefusedError when there is nobody to block */
export async function blockPerson(dataSource: DataSource, login: string, now: Date): Promise<void> {
  await dataSource.transaction(async (db) => {
    const personId = await personOf(db, login);
    await db.query(`update person set blocked_at = $2 where id = $1`, [personId, now]);
    await db.query(`update session set ended_at = $2 where person_id = $1 and ended_at is null`, [
      personId,
      now,
    ]);
    await db.query(`delete from sign_in_token where person_id = $1`, [personId]);
  });
}

/** A token that makes the first operator, once; null when there is anybody already. */
export async function newFirstOperatorToken(
  db: Queryable,
  { expiresAt, now }: { readonly expiresAt: Date; readonly now: Date },
): Promise<string | null> {
  await db.query(`delete from sign_in_token where expires_at <= $1`, [now]);
  const token = freshToken();
  const made = await db.query<unknown[]>(
    `insert into sign_in_token (token_sha256, person_id, created_at, expires_at)
     select $1, null, $2, $3 where not exists (select from person) returning token_sha256`,
    [digestOf(token), now, expiresAt],
  );
  return made.length === 0 ? null : token;
}

/** The id of the first operator; null when the token is not good for one, or no longer. */
export async function addFirstOperator(
  dataSource: DataSource,
  { token, login, name, now }: { token: string; login: string; name: string; now: Date },
): Promise<number | null> {
  return dataSource.transaction(async (db) => {
    // Two tokens, of two processes, must not make two first operators.
    await db.query(`select pg_advisory_xact_lock(hashtext('gridwarden.first-operator'))`);
    const [operator] = await db.query<{ id: number }[]>(
      `with used as (
         update sign_in_token set used_at = $2
         where token_sha256 = $1 and person_id is null and used_at is null and expires_at > $2
           and not exists (select from person)
         returning token_sha256)
       insert into person (role, created_at, created_by) select 'operator', $2, 'first start' from used returning id`,
      [digestOf(token), now],
    );
    if (operator === undefined) return null;
    await nameThem(db, operator.id, { login, name });
    return operator.id;
  });
}

async function nameThem(
  db: Queryable,
  personId: number,
  { login, name }: { readonly login: string; readonly name: string },
): Promise<void> {
  await db.query(`insert into person_identity (person_id, login, name) values ($1, $2, $3)`, [
    personId,
    login,
    name,
  ]);
}

async function personOf(db: Queryable, login: string): Promise<number> {
  const [person] = await db.query<{ id: number; blocked: boolean }[]>(
    `select p.id, p.blocked_at is not null as blocked
     from person p join person_identity i on i.person_id = p.id where i.login = $1 for update of p`,
    [login],
  );
  if (person === undefined) throw new RefusedError(`There is nobody with the login ${login}.`);
  if (person.blocked) throw new RefusedError(`${login} is blocked.`);
  return person.id;
}
