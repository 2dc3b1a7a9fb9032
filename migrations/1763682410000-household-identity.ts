import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose household a metering point is, apart from everything that is known of its load, and who was shown it. */
export class HouseholdIdentity1763682410000 implements MigrationInterface {
  name = 'HouseholdIdentity1763682410000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table household_identity (
        metering_point_id integer not null,
        consumer_name text,
        address text,
        -- The registry that last stated it.
        upload_id integer,
        constraint household_identity_pkey primary key (metering_point_id),
        constraint household_identity_point_fkey foreign key (metering_point_id) references metering_point (id),
        constraint household_identity_stated_check check (consumer_name is not null or address is not null)
      )`);
    await runner.query(`
      create table disclosure (
        id integer generated always as identity,
        metering_point_id integer not null,
        at timestamptz not null,
        -- "person 7" or "key nightly-export", as everywhere.
        actor text not null,
        reason text,
        constraint disclosure_pkey primary key (id),
        constraint disclosure_point_fkey foreign key (metering_point_id) references metering_point (id)
      )`);
    await runner.query(`create index disclosure_point_idx on disclosure (metering_point_id)`);
    await runner.query(`create index disclosure_actor_idx on disclosure (actor, at)`);
    // Who looked stays on record, whoever owns the table.
    await runner.query(`
      create trigger disclosure_kept before update or delete on disclosure
      for each row execute function audit_refuse_change()`);
    await runner.query(`
      create trigger disclosure_whole before truncate on disclosure
      for each statement execute function audit_refuse_change()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table disclosure, household_identity`);
  }
}
