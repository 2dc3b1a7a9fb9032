import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Scoring runs, and the newest score of each metering point with the findings that reproduce it. */
export class Detection1763596800003 implements MigrationInterface {
  name = 'Detection1763596800003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table scoring_run (
        id integer generated always as identity,
        as_of date not null,
        started_at timestamptz not null,
        finished_at timestamptz,
        points integer not null default 0,
        settings_version text not null,
        constraint scoring_run_pkey primary key (id)
      )`);
    await runner.query(`
      create table score (
        metering_point_id integer not null,
        run_id integer not null,
        as_of date not null,
        score double precision not null,
        case_worthy boolean not null,
        kind text not null,
        since date,
        findings jsonb not null,
        evidence jsonb not null,
        constraint score_pkey primary key (metering_point_id),
        constraint score_range_check check (score between 0 and 1)
      )`);
    await runner.query(`create index score_rank_idx on score (score desc, metering_point_id)`);
    await runner.query(`
      create table quota_judgement (
        metering_point_id integer not null,
        month date not null,
        -- The unit the rule counts over (metering point or household), and what that unit used.
        counted_per text not null,
        rule_id text not null,
        limit_kwh double precision not null,
        metered_kwh double precision not null,
        unit_kwh double precision not null,
        flat_kwh double precision not null,
        intervals_present integer not null,
        intervals_expected integer not null,
        exceeded boolean not null,
        constraint quota_judgement_pkey primary key (metering_point_id, month)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table quota_judgement, score, scoring_run`);
  }
}
