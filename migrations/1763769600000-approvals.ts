import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Changes that take a second person, and what they lead to: households that are not looked into for a while, registry rows
 * that wait, the score from which on a case opens.
 */
export class Approvals1763769600000 implements MigrationInterface {
  name = 'Approvals1763769600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table proposal (
        id integer generated always as identity,
        kind text not null,
        -- What it would change: 'metering_point:17'.
        subject text not null,
        change jsonb not null,
        -- What whoever decides is shown of it.
        summary jsonb not null,
        change_sha256 text not null,
        reason text not null,
        proposed_by text not null,
        -- Null: from the command line, or with a key.
        person_id integer,
        organisation text not null,
        proposed_at timestamptz not null,
        expires_at timestamptz not null,
        -- How many people have to agree.
        needed smallint not null,
        state text not null,
        ended_at timestamptz,
        constraint proposal_pkey primary key (id),
        constraint proposal_person_fkey foreign key (person_id) references person (id),
        constraint proposal_state_check
          check (state in ('open', 'applied', 'refused', 'withdrawn', 'expired', 'superseded')),
        constraint proposal_end_check check ((state = 'open') = (ended_at is null)),
        constraint proposal_needed_check check (needed in (1, 2))
      )`);
    await runner.query(
      `create unique index proposal_open_key on proposal (kind, subject) where state = 'open'`,
    );
    await runner.query(`create index proposal_agreed_idx on proposal (kind, change_sha256)`);
    await runner.query(`
      create function proposal_refuse_change() returns trigger language plpgsql as $$
      begin
        if old.state <> 'open' or (old.kind, old.subject, old.change, old.change_sha256, old.reason, old.proposed_by,
            old.person_id, old.organisation, old.proposed_at, old.expires_at, old.needed)
          is distinct from (new.kind, new.subject, new.change, new.change_sha256, new.reason, new.proposed_by,
            new.person_id, new.organisation, new.proposed_at, new.expires_at, new.needed) then
          raise exception 'proposal % is never changed, only ended', old.id using errcode = 'check_violation';
        end if;
        return new;
      end $$`);
    await runner.query(`
      create trigger proposal_kept before update on proposal
      for each row execute function proposal_refuse_change()`);
    await runner.query(`
      create trigger proposal_whole before delete or truncate on proposal
      for each statement execute function learning_refuse_change()`);
    await runner.query(`
      create table proposal_opinion (
        proposal_id integer not null,
        person_id integer not null,
        organisation text not null,
        agrees boolean not null,
        words text not null,
        at timestamptz not null,
        constraint proposal_opinion_pkey primary key (proposal_id, person_id),
        constraint proposal_opinion_proposal_fkey foreign key (proposal_id) references proposal (id),
        constraint proposal_opinion_person_fkey foreign key (person_id) references person (id)
      )`);
    await runner.query(`
      create trigger proposal_opinion_kept before update or delete or truncate on proposal_opinion
      for each statement execute function audit_refuse_change()`);
    await runner.query(`
      create table registry_change (
        upload_id integer not null,
        metering_point_id integer not null,
        was jsonb not null,
        becomes jsonb not null,
        constraint registry_change_pkey primary key (upload_id, metering_point_id)
      )`);
    await runner.query(`
      create table point_whitelist (
        metering_point_id integer not null,
        -- Last day.
        until date not null,
        proposal_id integer not null,
        constraint point_whitelist_pkey primary key (metering_point_id),
        constraint point_whitelist_point_fkey foreign key (metering_point_id) references metering_point (id),
        constraint point_whitelist_proposal_fkey foreign key (proposal_id) references proposal (id)
      )`);
    await runner.query(`
      create table case_threshold (
        proposal_id integer not null,
        case_score double precision not null,
        since timestamptz not null,
        constraint case_threshold_pkey primary key (proposal_id),
        constraint case_threshold_proposal_fkey foreign key (proposal_id) references proposal (id),
        constraint case_threshold_score_check check (case_score > 0 and case_score < 1)
      )`);
    await runner.query(`
      create trigger case_threshold_kept before update or delete or truncate on case_threshold
      for each statement execute function audit_refuse_change()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop table case_threshold, point_whitelist, registry_change, proposal_opinion, proposal`,
    );
    await runner.query(`drop function proposal_refuse_change`);
  }
}
