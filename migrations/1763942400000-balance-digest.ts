import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a stored balance says in eight bytes, so that a run need not send it again to find it as it is; 0 matches none. */
export class BalanceDigest1763942400000 implements MigrationInterface {
  name = 'BalanceDigest1763942400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table transformer_balance add column digest bigint not null default 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table transformer_balance drop column digest`);
  }
}
