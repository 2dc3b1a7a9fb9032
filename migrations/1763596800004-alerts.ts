import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Alerts and every change of their state, with actor and time; the database refuses what the transition table refuses. */
export class Alerts1763596800004 implements MigrationInterface {
  name = 'Alerts1763596800004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table alert (
        id integer generated always as identity,
        metering_point_id integer not null,
        kind text not null,
        state text not null,
        score double precision not null,
        since date,
        opened_at timestamptz not null,
        fired_at timestamptz,
        resolved_at timestamptz,
        last_seen_as_of date not null,
        -- Of that scoring: what an inspector reads must be what raised the alert, whatever is scored afterwards.
        findings jsonb not null default '[]',
        evidence jsonb not null default '[]',
        constraint alert_pkey primary key (id),
        constraint alert_metering_point_fkey foreign key (metering_point_id) references metering_point (id),
        constraint alert_state_check check (state in ('pending', 'firing', 'resolved')),
        constraint alert_kind_check
          check (kind in ('quota_exceeded', 'quota_forecast', 'mining_suspected', 'hidden_load'))
      )`);
    await runner.query(
      `create unique index alert_open_key on alert (metering_point_id, kind) where state <> 'resolved'`,
    );
    await runner.query(`create index alert_state_idx on alert (state, id)`);
    await runner.query(`
      create table alert_event (
        id integer generated always as identity,
        alert_id integer not null,
        at timestamptz not null,
        actor text not null,
        from_state text,
        to_state text not null,
        reason text not null,
        run_id integer,
        constraint alert_event_pkey primary key (id),
        constraint alert_event_alert_fkey foreign key (alert_id) references alert (id)
      )`);
    await runner.query(`create index alert_event_alert_idx on alert_event (alert_id)`);
    await runner.query(`
      create function alert_refuse_transition() returns trigger language plpgsql as $$
      begin
        if (old.state, new.state) not in
           (('pending', 'firing'), ('pending', 'resolved'), ('firing', 'resolved')) then
          raise exception 'alert % cannot go from % to %', old.id, old.state, new.state
            using errcode = 'check_violation';
        end if;
        return new;
      end $$`);
    await runner.query(`
      create trigger alert_transition before update on alert for each row
      when (old.state is distinct from new.state) execute function alert_refuse_transition()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table alert_event, alert`);
    await runner.query(`drop function alert_refuse_transition`);
  }
}
