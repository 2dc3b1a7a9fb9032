import type { DataSource } from 'typeorm';
import { actorNamed, systemActor } from '../audit/append-audit.js';
import { auditedTransaction } from '../audit/audited-transaction.js';
import { RefusedError } from '../config/errors.js';
import type { PersonRole } from '../rights/domain/roles.js';
import { digestOf } from './domain/secret-text.js';
import { freshToken } from './fresh-secrets.js';
import type { Queryable } from '../database/queryable.js';

const UNIQUE_VIOLATION = '23505';

export interface NewPerson {
  /** Short name to be addressed by on the command line. */
  readonly login: string;
  readonly name: string;
  readonly role: PersonRole;
  /** Of role utility only. */
  readonly utilityId: number | null;
  /** Whom they act for; '' or absent: nobody says. */
  readonly organisation?: string;
  readonly createdBy: string;
  readonly now: Date;
}

export interface PersonView {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly role: PersonRole;
  readonly utility: string | null;
  readonly organisation: string;
  readonly createdAt: Date;
  readonly blockedAt: Date | null;
  /** Whether they have a password here, and whether they are bound to an account at the identity provider. */
  readonly hasPassword: boolean;
  readonly hasOidc: boolean;
}

export interface FirstOperator {
  /** The one that the first start printed. */
  readonly token: string;
  readonly login: string;
  readonly name: string;
  /** Of their password. */
  readonly argon2id: string;
  readonly now: Date;
}

/** The id of the new person. @throws RefusedError when the login is taken */
export async function addPerson(dataSource: DataSource, person: NewPerson): Promise<number> {
  try {
    return await auditedTransaction(dataSource, async (db, record) => {
      const [{ id }] = await db.query<{ id: number }[]>(
        `insert into person (role, utility_id, organisation, created_at, created_by) values ($1, $2, $3, $4, $5)
         returning id`,
        [person.role, person.utilityId, person.organisation ?? '', person.now, person.createdBy],
      );
      await nameThem(db, id, person);
      record({
        actor: actorNamed(person.createdBy),
        kind: 'person.added',
        subject: `person:${id}`,
        body: {
          role: person.role,
          utility_id: person.utilityId,
          organisation: person.organisation || null,
        },
      });
      return id;
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
    throw new RefusedError(`There is a person with the login ${person.login} already.`, { cause: error });
  }
}

export async function listPeople(db: Queryable): Promise<PersonView[]> {
  return db.query<PersonView[]>(
    `select p.id, i.login, i.name, p.role, u.code as utility, p.organisation, p.created_at as "createdAt", p.blocked_at as "blockedAt",
       exists (select from person_password w where w.person_id = p.id) as "hasPassword",
       exists (select from person_oidc o where o.person_id = p.id) as "hasOidc"
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
  {
    login,
    by,
    expiresAt,
    now,
  }: { readonly login: string; readonly by: string; readonly expiresAt: Date; readonly now: Date },
): Promise<string> {
  return auditedTransaction(dataSource, async (db, record) => {
    const personId = await personIdOf(db, login);
    await db.query(`delete from sign_in_token where person_id = $1`, [personId]);
    const token = freshToken();
    await db.query(
      `insert into sign_in_token (token_sha256, person_id, created_at, expires_at) values ($1, $2, $3, $4)`,
      [digestOf(token), personId, now, expiresAt],
    );
    record({
      actor: actorNamed(by),
      kind: 'person.link_made',
      subject: `person:${personId}`,
      body: { expires_at: expiresAt.toISOString() },
    });
    return token;
  });
}

/** Says whom the person acts for. @throws RefusedError when there is nobody with this login, or they are blocked */
export async function setOrganisation(
  dataSource: DataSource,
  { login, organisation, by }: { readonly login: string; readonly organisation: string; readonly by: string },
): Promise<void> {
  await auditedTransaction(dataSource, async (db, record) => {
    const personId = await personIdOf(db, login);
    await db.query(`update person set organisation = $2 where id = $1`, [personId, organisation]);
    // Whom somebody acts for decides whose changes they may agree to.
    record({
      actor: actorNamed(by),
      kind: 'person.organisation_set',
      subject: `person:${personId}`,
      body: { organisation: organisation || null },
    });
  });
}

/** Lets the person in no more, from this moment. @throws RefusedError when there is nobody to block */
export async function blockPerson(
  dataSource: DataSource,
  { login, by, now }: { readonly login: string; readonly by: string; readonly now: Date },
): Promise<void> {
  await auditedTransaction(dataSource, async (db, record) => {
    const personId = await personIdOf(db, login);
    await db.query(`update person set blocked_at = $2 where id = $1`, [personId, now]);
    await db.query(`update session set ended_at = $2 where person_id = $1 and ended_at is null`, [
      personId,
      now,
    ]);
    await db.query(`delete from sign_in_token where person_id = $1`, [personId]);
    record({ actor: actorNamed(by), kind: 'person.blocked', subject: `person:${personId}`, body: {} });
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

/** The login of somebody who is not blocked; null: no such person. */
export async function loginOf(db: Queryable, personId: number): Promise<string | null> {
  const [person] = await db.query<{ login: string }[]>(
    `select i.login from person_identity i join person p on p.id = i.person_id
     where i.person_id = $1 and p.blocked_at is null`,
    [personId],
  );
  return person?.login ?? null;
}

/** Of somebody who is not blocked; null also when they have no password. */
export async function findPassword(
  db: Queryable,
  login: string,
): Promise<{ personId: number; argon2id: string } | null> {
  const [found] = await db.query<{ personId: number; argon2id: string }[]>(
    `select p.id as "personId", w.argon2id
     from person p join person_identity i on i.person_id = p.id join person_password w on w.person_id = p.id
     where i.login = $1 and p.blocked_at is null`,
    [login],
  );
  return found ?? null;
}

/** The person's only password from now on; their sessions but `sessionId` end, should somebody else have known the old one. */
export async function setPassword(
  db: Queryable,
  password: { readonly personId: number; readonly argon2id: string; readonly now: Date },
  sessionId: number | null,
): Promise<void> {
  await db.query(
    `insert into person_password (person_id, argon2id, set_at) values ($1, $2, $3)
     on conflict (person_id) do update set argon2id = excluded.argon2id, set_at = excluded.set_at`,
    [password.personId, password.argon2id, password.now],
  );
  await db.query(
    `update session set ended_at = $2
     where person_id = $1 and ended_at is null and ($3::integer is null or id <> $3)`,
    [password.personId, password.now, sessionId],
  );
}

/**
 * The person who is this subject at the identity provider. Who signs in there for the first time is known by the login
 * and bound to the subject: from then on the login, which somebody else might be given some day, does not count. Null when
 * there is nobody, or they are blocked, or bound to another subject.
 */
export async function personOfSubject(
  dataSource: DataSource,
  { issuer, subject, login, now }: { issuer: string; subject: string; login: string | null; now: Date },
): Promise<number | null> {
  return auditedTransaction(dataSource, async (db, record) => {
    const bound = await db.query<{ id: number }[]>(
      `insert into person_oidc (person_id, issuer, subject, bound_at)
       select i.person_id, $1, $2, $4 from person_identity i join person p on p.id = i.person_id
       where i.login = $3 and p.blocked_at is null
       on conflict do nothing returning person_id as id`,
      [issuer, subject, login, now],
    );
    // Whose account it is may be a name: the log can't forget one, so it has the hash.
    for (const { id } of bound)
      record({
        actor: actorNamed(`person ${id}`),
        kind: 'person.oidc_bound',
        subject: `person:${id}`,
        body: { issuer, subject_sha256: digestOf(subject) },
      });
    return personBoundTo(db, issuer, subject);
  });
}

async function personBoundTo(db: Queryable, issuer: string, subject: string): Promise<number | null> {
  const [person] = await db.query<{ id: number }[]>(
    `select p.id from person_oidc o join person p on p.id = o.person_id
     where o.issuer = $1 and o.subject = $2 and p.blocked_at is null`,
    [issuer, subject],
  );
  return person?.id ?? null;
}

/** The id of the first operator; null when the token is not good for one, or no longer. */
export async function addFirstOperator(
  dataSource: DataSource,
  { token, login, name, argon2id, now }: FirstOperator,
): Promise<number | null> {
  return auditedTransaction(dataSource, async (db, record) => {
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
    await setPassword(db, { personId: operator.id, argon2id, now }, null);
    record({
      actor: systemActor('first start'),
      kind: 'person.added',
      subject: `person:${operator.id}`,
      body: { role: 'operator', utility_id: null },
    });
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

/** The id of who has this login. @throws RefusedError when there is nobody, or they are blocked */
export async function personIdOf(db: Queryable, login: string): Promise<number> {
  const [person] = await db.query<{ id: number; blocked: boolean }[]>(
    `select p.id, p.blocked_at is not null as blocked
     from person p join person_identity i on i.person_id = p.id where i.login = $1 for update of p`,
    [login],
  );
  if (person === undefined) throw new RefusedError(`There is nobody with the login ${login}.`);
  if (person.blocked) throw new RefusedError(`${login} is blocked.`);
  return person.id;
}
