import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What inspections found, the weight sets fitted to it, and every change of a set's state with actor and time. */
export class Learning1763682100000 implements MigrationInterface {
  name = 'Learning1763682100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table inspection_outcome (
        id integer generated always as identity,
        metering_point_id integer not null,
        -- The alert that led there; null for an audit, or an inspection that was made before alerts were.
        alert_id integer,
        arm text not null,
        -- Of an audited point: the probability with which it was drawn.
        inclusion_probability double precision,
        outcome text not null,
        decided_at timestamptz not null,
        -- Score and evidence that lay before the inspector, without sentences, and the weights that made them.
        score double precision not null,
        evidence jsonb not null,
        weights_version text not null,
        source text not null,
        recorded_at timestamptz not null,
        constraint inspection_outcome_pkey primary key (id),
        constraint inspection_outcome_key unique (metering_point_id, arm, decided_at),
        constraint inspection_outcome_metering_point_fkey foreign key (metering_point_id)
          references metering_point (id),
        constraint inspection_outcome_outcome_check check (outcome in ('confirmed', 'dismissed')),
        constraint inspection_outcome_score_check check (score between 0 and 1),
        constraint inspection_outcome_arm_check check (
          (arm = 'targeted' and inclusion_probability is null)
          or (arm = 'random_audit' and inclusion_probability > 0 and inclusion_probability <= 1
              and inclusion_probability is not null))
      )`);
    await runner.query(`
      create table weight_set (
        -- Hash of what the set says.
        version text not null,
        parent text,
        origin text not null,
        status text not null,
        created_at timestamptz not null,
        weights jsonb not null,
        prior_shift double precision not null,
        settings jsonb not null,
        fitted_on jsonb not null,
        report jsonb not null,
        activated_at timestamptz,
        activated_by text,
        constraint weight_set_pkey primary key (version),
        constraint weight_set_origin_check check (origin in ('release', 'fitted')),
        constraint weight_set_status_check check (status in ('shadow', 'active', 'retired')),
        constraint weight_set_active_check check (status <> 'active' or activated_by is not null)
      )`);
    await runner.query(
      `create unique index weight_set_active_key on weight_set (status) where status = 'active'`,
    );
    await runner.query(`
      create table weight_set_event (
        id integer generated always as identity,
        version text not null,
        at timestamptz not null,
        actor text not null,
        event text not null,
        reason text not null,
        details jsonb not null,
        constraint weight_set_event_pkey primary key (id),
        constraint weight_set_event_version_fkey foreign key (version) references weight_set (version),
        constraint weight_set_event_event_check check (event in ('created', 'shadow_run', 'activated', 'retired'))
      )`);
    await runner.query(`create index weight_set_event_version_idx on weight_set_event (version, id)`);
    await runner.query(`
      create function learning_refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% rows are never changed or removed', tg_table_name using errcode = 'check_violation';
      end $$`);
    for (const table of ['inspection_outcome', 'weight_set_event'])
      await runner.query(`
        create trigger ${table}_kept before update or delete on ${table}
        for each row execute function learning_refuse_change()`);
    // Of a set only its state may change: what its version names must stay what it was.
    await runner.query(`
      create trigger weight_set_kept before update on weight_set for each row
      when ((old.version, old.parent, old.origin, old.created_at, old.weights, old.prior_shift, old.settings,
             old.fitted_on, old.report)
            is distinct from
            (new.version, new.parent, new.origin, new.created_at, new.weights, new.prior_shift, new.settings,
             new.fitted_on, new.report))
      execute function learning_refuse_change()`);
    await runner.query(`
      create trigger weight_set_stays before delete on weight_set
      for each row execute function learning_refuse_change()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table weight_set_event, weight_set, inspection_outcome`);
    await runner.query(`drop function learning_refuse_change`);
  }
}
