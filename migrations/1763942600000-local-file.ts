import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which file of this machine an upload came from, and as of when, so that it need not be read again to be known. */
export class LocalFile1763942600000 implements MigrationInterface {
  name = 'LocalFile1763942600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table upload add column local_file text`);
    await runner.query(
      `create index upload_local_file_idx on upload (local_file) where local_file is not null`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table upload drop column local_file`);
  }
}
