import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Cases: what people do about alerts. Every change is a step (append-only) along a transition of the table; the database
 * refuses a step that the table does not know, one that does not follow the last, and a state without its step.
 */
export class Cases1763682500000 implements MigrationInterface {
  name = 'Cases1763682500000';

  async up(runner: QueryRunner): Promise<void> {
    await this.createFiles(runner);
    await this.createSteps(runner);
    await this.guardSteps(runner);
    await this.createWork(runner);
    await this.createDealing(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop table case_view, case_dealing, case_worker, case_link, case_comment, case_photograph, case_visit,
         case_decision, case_step, case_transition, case_alert, case_file`,
    );
    await runner.query(`drop function case_step_refuse_gap, case_file_refuse_without_step`);
  }

  private async createFiles(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table case_file (
        id integer generated always as identity,
        metering_point_id integer not null,
        -- Of the point, so that the queue is one table.
        utility_id integer not null,
        territory_code text not null,
        transformer_id integer,
        kind text not null,
        -- Kinds of the alerts that fire now; none: the readings no longer support it.
        firing_kinds text[] not null,
        state text not null,
        -- Number of its last step.
        version integer not null,
        score double precision not null,
        month_kwh double precision,
        since date,
        opened_at timestamptz not null,
        state_at timestamptz not null,
        updated_at timestamptz not null,
        inspector_id integer,
        -- Of the inspector when it was dealt.
        organisation text,
        -- Of a second look: whose supervisors may not take it; null: any may.
        review_not_by text,
        tags text[] not null default '{}',
        -- What a dismissed case rested on when it was dismissed.
        dismissed_on jsonb,
        -- What it is found by: names of the point, household and transformer, in small letters.
        words tsvector not null,
        constraint case_file_pkey primary key (id),
        constraint case_file_metering_point_fkey foreign key (metering_point_id) references metering_point (id),
        constraint case_file_inspector_fkey foreign key (inspector_id) references person (id),
        constraint case_file_state_check check (state in ('new', 'dealt', 'first_look', 'needs_visit', 'second_look',
          'confirmed', 'dismissed', 'reopened')),
        constraint case_file_kind_check
          check (kind in ('hidden_load', 'quota_exceeded', 'mining_suspected', 'quota_forecast')),
        constraint case_file_score_check check (score between 0 and 1)
      )`);
    await runner.query(
      `create unique index case_file_open_key on case_file (metering_point_id)
       where state not in ('confirmed', 'dismissed')`,
    );
    await runner.query(`create index case_file_point_idx on case_file (metering_point_id)`);
    await runner.query(`create index case_file_transformer_idx on case_file (transformer_id)`);
    // The queue: whose, where it stands, where it lies, and the whole of it; by score, and by energy.
    for (const [name, columns] of QUEUE_INDEXES)
      await runner.query(`create index case_file_${name}_idx on case_file (${columns})`);
    await runner.query(`create index case_file_words_idx on case_file using gin (words)`);
    await runner.query(`
      create table case_alert (
        alert_id integer not null,
        case_id integer not null,
        constraint case_alert_pkey primary key (alert_id, case_id),
        constraint case_alert_alert_fkey foreign key (alert_id) references alert (id),
        constraint case_alert_case_fkey foreign key (case_id) references case_file (id)
      )`);
    await runner.query(`create index case_alert_case_idx on case_alert (case_id)`);
  }

  private async createSteps(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table case_transition (
        step text not null,
        -- 'none': there was no case.
        from_state text not null,
        to_state text not null,
        constraint case_transition_pkey primary key (step, from_state, to_state)
      )`);
    await runner.query(`
      insert into case_transition (step, from_state, to_state)
      values ('opened', 'none', 'new'), ('dealt', 'new', 'dealt'), ('dealt', 'reopened', 'dealt'),
        ('redealt', 'dealt', 'dealt'), ('redealt', 'first_look', 'dealt'), ('redealt', 'needs_visit', 'dealt'),
        ('taken_up', 'dealt', 'first_look'),
        ('visit_asked', 'first_look', 'needs_visit'), ('visit_asked', 'second_look', 'needs_visit'),
        ('visit_booked', 'needs_visit', 'needs_visit'), ('visit_done', 'needs_visit', 'needs_visit'),
        ('referred', 'first_look', 'second_look'), ('referred', 'needs_visit', 'second_look'),
        ('confirmed', 'first_look', 'confirmed'), ('confirmed', 'needs_visit', 'confirmed'),
        ('confirmed', 'second_look', 'confirmed'),
        ('dismissed', 'first_look', 'dismissed'), ('dismissed', 'needs_visit', 'dismissed'),
        ('dismissed', 'second_look', 'dismissed'),
        ('reopened', 'dismissed', 'reopened'), ('lapsed', 'second_look', 'reopened')`);
    await runner.query(`
      insert into case_transition (step, from_state, to_state)
      select step, state, state
      from unnest(array['decision_made', 'decision_undone']) step
      cross join unnest(array['first_look', 'needs_visit', 'second_look']) state
      union all
      select step, state, state
      from unnest(array['alerts_changed', 'tagged', 'linked', 'unlinked']) step
      cross join unnest(array['new', 'dealt', 'first_look', 'needs_visit', 'second_look', 'confirmed', 'dismissed',
        'reopened']) state`);
    await runner.query(`
      create table case_step (
        case_id integer not null,
        -- 1, 2, 3 …: the version of the case that it made.
        version integer not null,
        step text not null,
        from_state text not null,
        to_state text not null,
        at timestamptz not null,
        actor text not null,
        person_id integer,
        -- What it changed, as it was and as it became.
        old_value jsonb not null,
        new_value jsonb not null,
        constraint case_step_pkey primary key (case_id, version),
        constraint case_step_case_fkey foreign key (case_id) references case_file (id),
        constraint case_step_person_fkey foreign key (person_id) references person (id),
        constraint case_step_transition_fkey foreign key (step, from_state, to_state)
          references case_transition (step, from_state, to_state)
      )`);
    // How often somebody was dealt a place.
    await runner.query(
      `create index case_step_dealt_idx on case_step (at) where step in ('dealt', 'redealt')`,
    );
  }

  private async guardSteps(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create trigger case_step_append_only before update or delete or truncate on case_step
      for each statement execute function audit_refuse_change()`);
    await runner.query(`
      create function case_step_refuse_gap() returns trigger language plpgsql as $$
      declare
        last_state text := coalesce((
          select to_state from case_step where case_id = new.case_id and version = new.version - 1), 'none');
      begin
        if new.from_state <> last_state or (new.version > 1) <> (last_state <> 'none') then
          raise exception 'step % of case % begins at %, the one before it ended at %',
            new.version, new.case_id, new.from_state, last_state using errcode = 'check_violation';
        end if;
        return new;
      end $$`);
    await runner.query(`
      create trigger case_step_follows before insert on case_step
      for each row execute function case_step_refuse_gap()`);
    await runner.query(`
      create function case_file_refuse_without_step() returns trigger language plpgsql as $$
      begin
        if not exists (select from case_step
                       where case_id = new.id and version = new.version and to_state = new.state) then
          raise exception 'case % is % at version % without a step that led there', new.id, new.state, new.version
            using errcode = 'check_violation';
        end if;
        return null;
      end $$`);
    // Deferred, because the step refers to the case, which must be there first.
    await runner.query(`
      create constraint trigger case_file_has_step after insert or update of state, version on case_file
      deferrable initially deferred for each row execute function case_file_refuse_without_step()`);
  }

  private async createWork(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table case_decision (
        id integer generated always as identity,
        case_id integer not null,
        verdict text not null,
        reason text not null,
        words text not null,
        made_by integer not null,
        organisation text not null,
        made_at timestamptz not null,
        made_in text not null,
        seals_at timestamptz not null,
        sealed_at timestamptz,
        undone_at timestamptz,
        -- As they were when it was made.
        score double precision not null,
        constraint case_decision_pkey primary key (id),
        constraint case_decision_case_fkey foreign key (case_id) references case_file (id),
        constraint case_decision_person_fkey foreign key (made_by) references person (id),
        constraint case_decision_verdict_check check (verdict in ('confirm', 'dismiss')),
        constraint case_decision_end_check check (sealed_at is null or undone_at is null)
      )`);
    await runner.query(`create index case_decision_case_idx on case_decision (case_id)`);
    await runner.query(
      `create unique index case_decision_unsealed_key on case_decision (case_id)
       where sealed_at is null and undone_at is null`,
    );
    await runner.query(`
      create table case_visit (
        id integer generated always as identity,
        case_id integer not null,
        booked_for timestamptz not null,
        booked_at timestamptz not null,
        booked_by text not null,
        done_at timestamptz,
        reported_at timestamptz,
        reported_by text,
        findings text[] not null default '{}',
        -- What the household says, in its words.
        explanation text,
        constraint case_visit_pkey primary key (id),
        constraint case_visit_case_fkey foreign key (case_id) references case_file (id),
        constraint case_visit_report_check check ((done_at is null) = (reported_at is null)),
        constraint case_visit_findings_check check (findings <@ array['mining_equipment', 'traces_of_equipment',
          'unmetered_connection', 'meter_tampered', 'electric_heating', 'electric_vehicle', 'greenhouse', 'workshop',
          'pump_or_well', 'several_households', 'wrong_meter', 'nothing_unusual', 'no_access'])
      )`);
    await runner.query(`create index case_visit_case_idx on case_visit (case_id)`);
    await runner.query(`
      create table case_photograph (
        visit_id integer not null,
        -- Of what is kept, in hex: also its name on disk.
        sha256 text not null,
        media_type text not null,
        bytes integer not null,
        added_at timestamptz not null,
        added_by text not null,
        constraint case_photograph_pkey primary key (visit_id, sha256),
        constraint case_photograph_visit_fkey foreign key (visit_id) references case_visit (id),
        constraint case_photograph_type_check check (media_type in ('image/jpeg', 'image/png', 'image/webp'))
      )`);
    await runner.query(`
      create table case_comment (
        id integer generated always as identity,
        case_id integer not null,
        at timestamptz not null,
        actor text not null,
        person_id integer,
        words text not null,
        constraint case_comment_pkey primary key (id),
        constraint case_comment_case_fkey foreign key (case_id) references case_file (id),
        constraint case_comment_person_fkey foreign key (person_id) references person (id)
      )`);
    await runner.query(`create index case_comment_case_idx on case_comment (case_id)`);
    await runner.query(`
      create table case_link (
        case_id integer not null,
        other_id integer not null,
        at timestamptz not null,
        actor text not null,
        words text not null,
        constraint case_link_pkey primary key (case_id, other_id),
        constraint case_link_case_fkey foreign key (case_id) references case_file (id),
        constraint case_link_other_fkey foreign key (other_id) references case_file (id),
        constraint case_link_order_check check (case_id < other_id)
      )`);
    await runner.query(`create index case_link_other_idx on case_link (other_id)`);
  }

  private async createDealing(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table case_worker (
        person_id integer not null,
        home_territory text,
        queue_limit integer,
        -- Away: dealt nothing.
        away boolean not null default false,
        constraint case_worker_pkey primary key (person_id),
        constraint case_worker_person_fkey foreign key (person_id) references person (id),
        constraint case_worker_queue_limit_check check (queue_limit >= 0)
      )`);
    await runner.query(`
      create table case_dealing (
        id integer generated always as identity,
        at timestamptz not null,
        actor text not null,
        seed text not null,
        settings jsonb not null,
        -- What it was made from, so that anybody can make it again.
        input jsonb not null,
        dealt integer not null,
        undealt jsonb not null,
        constraint case_dealing_pkey primary key (id)
      )`);
    // Chance can be checked only while what it was made from stays as it was.
    await runner.query(`
      create trigger case_dealing_kept before update or delete on case_dealing
      for each row execute function audit_refuse_change()`);
    await runner.query(`
      create trigger case_dealing_whole before truncate on case_dealing
      for each statement execute function audit_refuse_change()`);
    await runner.query(`
      create table case_view (
        id integer generated always as identity,
        person_id integer not null,
        name text not null,
        filter jsonb not null,
        saved_at timestamptz not null,
        constraint case_view_pkey primary key (id),
        constraint case_view_person_fkey foreign key (person_id) references person (id),
        constraint case_view_name_key unique (person_id, name)
      )`);
  }
}

const QUEUE_INDEXES = [
  ['score', 'score desc, id desc'],
  ['kwh', 'coalesce(month_kwh, 0) desc, id desc'],
  ['inspector', 'inspector_id, score desc, id desc'],
  ['organisation', 'organisation, score desc, id desc'],
  ['state', 'state, score desc, id desc'],
  ['territory', 'territory_code, score desc, id desc'],
] as const;
