import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Received files, how far each has been loaded, and every row that was rejected or held. */
export class Uploads1763596800001 implements MigrationInterface {
  name = 'Uploads1763596800001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table upload (
        id integer generated always as identity,
        utility_id integer not null,
        kind text not null,
        filename text not null,
        zone text,
        sha256 text not null,
        bytes bigint not null,
        status text not null,
        refusal text,
        received_at timestamptz not null,
        started_at timestamptz,
        finished_at timestamptz,
        -- Begun without any progress since: a file that kills its loader must not be taken up for ever.
        attempts smallint not null default 0,
        -- What is committed: everything before this byte of the unpacked file, and the counts that belong to it.
        committed_bytes bigint not null default 0,
        total_bytes bigint,
        counts jsonb not null default '{}',
        layout jsonb,
        constraint upload_pkey primary key (id),
        constraint upload_utility_fkey foreign key (utility_id) references utility (id),
        constraint upload_kind_check check (kind in ('registry', 'readings', 'transformer-readings', 'weather')),
        constraint upload_status_check check (status in ('received', 'loading', 'loaded', 'refused', 'failed'))
      )`);
    await runner.query(`create index upload_sha256_idx on upload (utility_id, kind, sha256)`);
    await runner.query(`create index upload_open_idx on upload (id) where status in ('received', 'loading')`);
    await runner.query(`
      create table rejected_row (
        upload_id integer not null,
        line bigint not null,
        field text not null,
        reason text not null,
        detail text not null,
        raw text not null,
        constraint rejected_row_pkey primary key (upload_id, line, field)
      )`);
    // Readings of metering points no registry names yet: the file keeps the readings, this keeps who waits for them.
    await runner.query(`
      create table held_point (
        upload_id integer not null,
        external_id text not null,
        readings bigint not null,
        first_line bigint not null,
        applied_at timestamptz,
        constraint held_point_pkey primary key (upload_id, external_id)
      )`);
    await runner.query(
      `create index held_point_waiting_idx on held_point (external_id) where applied_at is null`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table held_point, rejected_row, upload`);
  }
}
