import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People, what machines hold instead of a person, and how both come in. Secrets are stored as SHA-256 only. */
export class Access1763682400000 implements MigrationInterface {
  name = 'Access1763682400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table person (
        id integer generated always as identity,
        role text not null,
        utility_id integer,
        -- Whom they act for; '': nobody said.
        organisation text not null default '',
        created_at timestamptz not null,
        created_by text not null,
        blocked_at timestamptz,
        constraint person_pkey primary key (id),
        constraint person_utility_fkey foreign key (utility_id) references utility (id),
        constraint person_role_check check (role in ('utility', 'inspector', 'supervisor', 'auditor', 'operator')),
        constraint person_tenant_check check ((role = 'utility') = (utility_id is not null))
      )`);
    // Who the person is; everything else knows them by id.
    await runner.query(`
      create table person_identity (
        person_id integer not null,
        login text not null,
        name text not null,
        constraint person_identity_pkey primary key (person_id),
        constraint person_identity_person_fkey foreign key (person_id) references person (id),
        constraint person_identity_login_key unique (login)
      )`);
    // A person guesses at a password, so it is stored as Argon2id, which is slow on purpose.
    await runner.query(`
      create table person_password (
        person_id integer not null,
        argon2id text not null,
        set_at timestamptz not null,
        constraint person_password_pkey primary key (person_id),
        constraint person_password_person_fkey foreign key (person_id) references person (id),
        constraint person_password_hash_check check (argon2id like '$argon2id$%')
      )`);
    // Who they are at the identity provider: bound at their first sign-in, and no name counts after that.
    await runner.query(`
      create table person_oidc (
        person_id integer not null,
        issuer text not null,
        subject text not null,
        bound_at timestamptz not null,
        constraint person_oidc_pkey primary key (person_id),
        constraint person_oidc_person_fkey foreign key (person_id) references person (id),
        constraint person_oidc_subject_key unique (issuer, subject)
      )`);
    await runner.query(`
      create table api_key (
        id integer generated always as identity,
        prefix text not null,
        secret_sha256 text not null,
        owner text not null,
        -- Two live keys of an owner, so that one can be rotated out while the other works.
        slot smallint not null,
        role text not null,
        -- Of what the role may do: only look, only change, or both.
        scopes text[] not null,
        utility_id integer,
        created_at timestamptz not null,
        created_by text not null,
        expires_at timestamptz not null,
        last_used_at timestamptz,
        revoked_at timestamptz,
        constraint api_key_pkey primary key (id),
        constraint api_key_prefix_key unique (prefix),
        constraint api_key_utility_fkey foreign key (utility_id) references utility (id),
        constraint api_key_role_check
          check (role in ('utility', 'inspector', 'supervisor', 'auditor', 'operator', 'metrics')),
        constraint api_key_tenant_check check ((role = 'utility') = (utility_id is not null)),
        constraint api_key_scopes_check check (scopes <@ array['read', 'write'] and cardinality(scopes) > 0),
        constraint api_key_slot_check check (slot in (1, 2)),
        constraint api_key_expiry_check check (expires_at > created_at)
      )`);
    await runner.query(
      `create unique index api_key_slot_key on api_key (owner, slot) where revoked_at is null`,
    );
    await runner.query(`
      create table session (
        id integer generated always as identity,
        token_sha256 text not null,
        person_id integer not null,
        method text not null,
        created_at timestamptz not null,
        -- When they last proved who they are: what seals a decision asks that it be a few minutes ago.
        authenticated_at timestamptz not null,
        last_seen_at timestamptz not null,
        ended_at timestamptz,
        constraint session_pkey primary key (id),
        constraint session_method_check check (method in ('link', 'password', 'oidc')),
        constraint session_token_key unique (token_sha256),
        constraint session_person_fkey foreign key (person_id) references person (id)
      )`);
    await runner.query(`create index session_person_idx on session (person_id)`);
    // Without a person: it makes the first operator, and only while there is nobody.
    await runner.query(`
      create table sign_in_token (
        token_sha256 text not null,
        person_id integer,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        used_at timestamptz,
        constraint sign_in_token_pkey primary key (token_sha256),
        constraint sign_in_token_person_fkey foreign key (person_id) references person (id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop table sign_in_token, session, api_key, person_oidc, person_password, person_identity, person`,
    );
  }
}
