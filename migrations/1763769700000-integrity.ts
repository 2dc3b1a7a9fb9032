import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Chance: periods whose secret is fixed before they begin, and what was drawn. Complaints, and what was handed to bodies
 * outside. A drawn household without an alert has a case of its own kind; a known case put into the queue lies on a point
 * of its own kind, which no list, score or count of households knows.
 */
export class Integrity1763769700000 implements MigrationInterface {
  name = 'Integrity1763769700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table draw_period (
        name date not null,
        from_at timestamptz not null,
        to_at timestamptz not null,
        -- SHA-256 of the secret, in hex: in the audit log before the period begins.
        commitment text not null,
        shares jsonb not null,
        beacon_url text,
        committed_at timestamptz not null,
        opened_at timestamptz,
        -- Known cases that were due and could not be made: too few are known.
        unseeded integer not null default 0,
        constraint draw_period_pkey primary key (name),
        constraint draw_period_span_check check (from_at < to_at)
      )`);
    await runner.query(`
      create table inspection_draw (
        id integer generated always as identity,
        period date not null,
        purpose text not null,
        -- What it led to.
        case_id integer not null,
        -- Of a reinspection and of a known case: the case that was decided before.
        of_case_id integer,
        of_version integer,
        metering_point_id integer not null,
        -- With which a household was drawn.
        probability double precision,
        -- Of a drawn household: score and evidence at the draw.
        known jsonb,
        -- The dealt case that a known one came with.
        came_with text,
        -- Of a known case: what it is, and the last day of readings it is shown with.
        truth text,
        shown_to date,
        drawn_at timestamptz not null,
        -- Known cases end without a step when somebody wants to visit them.
        asked_to_visit_at timestamptz,
        constraint inspection_draw_pkey primary key (id),
        constraint inspection_draw_key unique (purpose, case_id),
        constraint inspection_draw_came_with_key unique (came_with),
        constraint inspection_draw_period_fkey foreign key (period) references draw_period (name),
        constraint inspection_draw_case_fkey foreign key (case_id) references case_file (id),
        constraint inspection_draw_of_case_fkey foreign key (of_case_id) references case_file (id),
        constraint inspection_draw_purpose_check check (purpose in ('reinspection', 'seeded', 'visit')),
        constraint inspection_draw_truth_check
          check ((purpose = 'seeded') = (truth is not null) and truth in ('confirmed', 'dismissed')),
        constraint inspection_draw_probability_check check ((purpose = 'visit') = (probability is not null))
      )`);
    await runner.query(`create index inspection_draw_case_idx on inspection_draw (case_id)`);
    await runner.query(`
      create table complaint (
        id integer generated always as identity,
        case_id integer not null,
        received_at timestamptz not null,
        -- What it says, without names where that can be helped.
        words text not null,
        recorded_at timestamptz not null,
        recorded_by text not null,
        upheld boolean,
        answer text,
        answered_at timestamptz,
        answered_by text,
        constraint complaint_pkey primary key (id),
        constraint complaint_case_fkey foreign key (case_id) references case_file (id),
        constraint complaint_answer_check
          check ((upheld is null) = (answered_at is null) and (upheld is null) = (answered_by is null))
      )`);
    await runner.query(`create index complaint_case_idx on complaint (case_id)`);
    await runner.query(`
      create table outside_disclosure (
        id integer generated always as identity,
        metering_point_id integer not null,
        case_id integer,
        at timestamptz not null,
        actor text not null,
        recipient text not null,
        -- The law and the request it rests on.
        legal_basis text not null,
        request text not null,
        content text not null,
        constraint outside_disclosure_pkey primary key (id),
        constraint outside_disclosure_point_fkey foreign key (metering_point_id) references metering_point (id),
        constraint outside_disclosure_case_fkey foreign key (case_id) references case_file (id)
      )`);
    await runner.query(`create index outside_disclosure_point_idx on outside_disclosure (metering_point_id)`);
    await runner.query(`
      create trigger outside_disclosure_kept before update or delete or truncate on outside_disclosure
      for each statement execute function audit_refuse_change()`);
    await runner.query(`
      alter table metering_point drop constraint metering_point_kind_check,
        add constraint metering_point_kind_check check (kind in ('household', 'transformer', 'seeded'))`);
    await runner.query(`
      alter table case_file drop constraint case_file_kind_check,
        add constraint case_file_kind_check check (kind in ('hidden_load', 'quota_exceeded', 'mining_suspected',
          'quota_forecast', 'random_audit'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table outside_disclosure, complaint, inspection_draw, draw_period`);
    await runner.query(`
      alter table metering_point drop constraint metering_point_kind_check,
        add constraint metering_point_kind_check check (kind in ('household', 'transformer'))`);
    await runner.query(`
      alter table case_file drop constraint case_file_kind_check,
        add constraint case_file_kind_check check (kind in ('hidden_load', 'quota_exceeded', 'mining_suspected',
          'quota_forecast'))`);
  }
}
