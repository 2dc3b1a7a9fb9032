import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What checks found in uploads, how uploads are read, questions to their senders, and whose corrections moved an alert. */
export class Validation1763683000000 implements MigrationInterface {
  name = 'Validation1763683000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table upload
        add options jsonb not null default '{}',
        -- What its sender is asked while it is held.
        add question jsonb`);
    await setStatuses(runner, ['received', 'loading', 'held', 'loaded', 'refused', 'failed']);
    await runner.query(`
      create table upload_profile (
        utility_id integer not null,
        name text not null,
        kind text,
        zone text,
        options jsonb not null,
        changed_at timestamptz not null,
        changed_by text not null,
        constraint upload_profile_pkey primary key (utility_id, name),
        constraint upload_profile_utility_fkey foreign key (utility_id) references utility (id)
      )`);
    // Idempotency-Key: what was asked under it, and what came of it. Keyed by the sender as well: a key is no secret.
    await runner.query(`
      create table upload_key (
        utility_id integer not null,
        key text not null,
        request text not null,
        upload_id integer not null,
        made_at timestamptz not null,
        constraint upload_key_pkey primary key (utility_id, key)
      )`);
    // No foreign keys, as with the profiles: a finding is told of the loader's own rows.
    await runner.query(`
      create table validation_finding (
        id bigint generated always as identity,
        upload_id integer not null,
        check_name text not null,
        severity text not null,
        metering_point_id integer not null,
        day date not null,
        slot smallint not null,
        slots smallint not null,
        interval_minutes smallint not null,
        line bigint,
        detail text not null,
        constraint validation_finding_pkey primary key (upload_id, id)
      )`);
    await runner.query(`
      create table scoring_correction (
        run_id integer not null,
        metering_point_id integer not null,
        upload_id integer not null,
        first_day date not null,
        last_day date not null,
        constraint scoring_correction_pkey primary key (run_id, metering_point_id)
      )`);
    await runner.query(`create index register_reading_taken_idx on register_reading using brin (taken_at)`);
    await runner.query(`alter table upload add file_dropped_at timestamptz`);
    await runner.query(`
      create function load_profile_drop_partition(month date) returns void language plpgsql
      security definer set search_path from current as $$
      declare
        name text := 'load_profile_' || to_char(month, 'YYYY_MM');
      begin
        if to_regclass(name) is not null then execute format('drop table %I', name); end if;
      end $$`);
    await runner.query(`alter table alert_event add corrections jsonb not null default '[]'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table alert_event drop column corrections`);
    await runner.query(`drop function load_profile_drop_partition`);
    await runner.query(`alter table upload drop column file_dropped_at`);
    await runner.query(`drop index register_reading_taken_idx`);
    await runner.query(`drop table scoring_correction, validation_finding, upload_key, upload_profile`);
    await runner.query(`delete from upload where status = 'held'`);
    await setStatuses(runner, ['received', 'loading', 'loaded', 'refused', 'failed']);
    await runner.query(`alter table upload drop column question, drop column options`);
  }
}

async function setStatuses(runner: QueryRunner, statuses: readonly string[]): Promise<void> {
  const list = statuses.map((status) => `'${status}'`).join(', ');
  await runner.query(`alter table upload drop constraint upload_status_check`);
  await runner.query(`alter table upload add constraint upload_status_check check (status in (${list}))`);
}
