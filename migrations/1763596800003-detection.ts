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
        -- Of all readings stored when it began, so that the next run need not look for them.
        first_stored_day date not null,
        last_stored_day date not null,
        constraint scoring_run_pkey primary key (id)
      )`);
    await runner.query(`
      create table score (
        score double precision not null,
        -- Hashes of what this row and the open month's judgement say, and of the judgements of months that are over.
        digest bigint not null,
        months_digest bigint not null,
        metering_point_id integer not null,
        run_id integer not null,
        as_of date not null,
        since date,
        case_worthy boolean not null,
        kind text not null,
        -- Null where there is nothing to explain.
        findings jsonb,
        evidence jsonb,
        constraint score_pkey primary key (metering_point_id),
        constraint score_range_check check (score between 0 and 1)
      )`);
    await runner.query(`create index score_rank_idx on score (score desc, metering_point_id)`);
    // Months that are over, in one row each: 24 energies a day as load_profile has them, then the days' floors, then their
    // scales (255 = no such day); empty = nothing is stored of the month. Derived from load_profile, and emptied by a crash.
    await runner.query(`
      create unlogged table load_profile_month (
        metering_point_id integer not null,
        month date not null,
        energy bytea not null,
        constraint load_profile_month_pkey primary key (metering_point_id, month)
      )`);
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
        -- Null where nothing asks for reasons and the use is far below the limit.
        flat_kwh double precision,
        intervals_present integer not null,
        intervals_expected integer not null,
        exceeded boolean not null,
        constraint quota_judgement_pkey primary key (metering_point_id, month)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table quota_judgement, load_profile_month, score, scoring_run`);
  }
}
