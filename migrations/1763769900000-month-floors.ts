import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Kept months hold their days' floors: those made without are derived, and made anew by the run that next needs them. */
export class MonthFloors1763769900000 implements MigrationInterface {
  name = 'MonthFloors1763769900000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`truncate load_profile_month`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`truncate load_profile_month`);
  }
}
