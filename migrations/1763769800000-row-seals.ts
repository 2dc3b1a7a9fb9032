import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The digests that tie register readings, meter events and registry rows to the audit log. */
export class RowSeals1763769800000 implements MigrationInterface {
  name = 'RowSeals1763769800000';

  async up(runner: QueryRunner): Promise<void> {
    // 24 bytes a row: the metering point's id, 8 bytes of a digest of the row's key, 12 of one of what it says.
    await runner.query(`
      create table row_seal (
        id bigint generated always as identity,
        source text not null,
        upload_id integer,
        rows integer not null,
        marks bytea not null,
        constraint row_seal_pkey primary key (id),
        constraint row_seal_source_check check (source in ('registers', 'events', 'registry')),
        constraint row_seal_marks_check check (length(marks) = rows * 24)
      )`);
    await runner.query(`
      create trigger row_seal_kept before update or delete on row_seal
      for each row execute function audit_refuse_change()`);
    await runner.query(`
      create trigger row_seal_whole before truncate on row_seal
      for each statement execute function audit_refuse_change()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table row_seal`);
  }
}
