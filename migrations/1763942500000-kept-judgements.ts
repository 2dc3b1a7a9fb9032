import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A month's judgement is kept where something asks for reasons, or the use comes near the limit; any other is judged when
 * somebody asks. A row of each for every point and month was most of what a day's scoring wrote.
 */
export class KeptJudgements1763942500000 implements MigrationInterface {
  name = 'KeptJudgements1763942500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from quota_judgement where flat_kwh is null`);
    await runner.query(`alter table quota_judgement alter column flat_kwh set not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table quota_judgement alter column flat_kwh drop not null`);
  }
}
