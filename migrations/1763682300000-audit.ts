import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit log: entries, the hashes of its Merkle tree, the checkpoints that were signed, and the digests that tie stored
 * readings to it. Nothing in it ever changes.
 */
export class Audit1763682300000 implements MigrationInterface {
  name = 'Audit1763682300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table audit_entry (
        -- Without a gap, from 0: the leaf's place in the tree.
        seq bigint not null,
        at timestamptz not null,
        actor_kind text not null,
        actor_id text not null,
        organisation text,
        kind text not null,
        subject text not null,
        -- Canonical JSON, kept as text: jsonb would not give back the bytes that were hashed.
        body text not null,
        leaf_hash bytea not null,
        constraint audit_entry_pkey primary key (seq),
        constraint audit_entry_seq_check check (seq >= 0),
        constraint audit_entry_actor_kind_check check (actor_kind in ('system', 'key', 'person')),
        constraint audit_entry_leaf_hash_check check (length(leaf_hash) = 32)
      )`);
    await runner.query(`create index audit_entry_kind_idx on audit_entry (kind, seq)`);
    // Who saw this household, what was done to this case: everything about one subject.
    await runner.query(`create index audit_entry_subject_idx on audit_entry (subject, seq)`);
    // Full subtrees over 16, 256, 4096 … leaves: a proof or an append needs a few of them and not every leaf.
    await runner.query(`
      create table audit_subtree (
        level smallint not null,
        index bigint not null,
        hash bytea not null,
        constraint audit_subtree_pkey primary key (level, index),
        constraint audit_subtree_level_check check (level > 0 and level % 4 = 0),
        constraint audit_subtree_hash_check check (length(hash) = 32)
      )`);
    await runner.query(`
      create table audit_checkpoint (
        size bigint not null,
        at timestamptz not null,
        -- The signed note, as it is handed out.
        note text not null,
        constraint audit_checkpoint_pkey primary key (size)
      )`);
    // The newest tree that each witness has told us it saw.
    await runner.query(`
      create table audit_cosignature (
        witness text not null,
        size bigint not null,
        cosigned_at timestamptz not null,
        -- The checkpoint with the witness's signature, to be handed on.
        note text not null,
        constraint audit_cosignature_pkey primary key (witness)
      )`);
    await runner.query(`
      create function audit_refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% rows are never changed or removed', tg_table_name using errcode = 'check_violation';
      end $$`);
    // What each stored batch of readings wrote, by standard-time day: 18 bytes a row in the order of metering points, the
    // point's id, the row's revision and 12 bytes of its digest. The SHA-256 of the marks is in the audit log.
    await runner.query(`
      create table load_profile_seal (
        id bigint generated always as identity,
        upload_id integer not null,
        batch integer not null,
        day date not null,
        channel smallint not null,
        rows integer not null,
        marks bytea not null,
        constraint load_profile_seal_pkey primary key (upload_id, batch, day, channel),
        constraint load_profile_seal_marks_check check (length(marks) = rows * 18)
      )`);
    // Digests do not compress: trying to takes longer than to write them.
    await runner.query(`alter table load_profile_seal alter marks set storage external`);
    await runner.query(`create index load_profile_seal_day_idx on load_profile_seal (day, id)`);
    await runner.query(`
      create function load_profile_mark(
        metering_point_id integer, day date, channel smallint, revision smallint, upload_id integer,
        interval_minutes smallint, intervals smallint, scale smallint, total_wh bigint, energy bytea, quality bytea
      ) returns bytea language sql immutable strict parallel safe as $$
        select int4send(metering_point_id) || int2send(revision) || substring(sha256(
          int4send(metering_point_id) || int4send(day - date '1970-01-01') || int2send(channel) || int2send(revision)
          || int4send(upload_id) || int2send(interval_minutes) || int2send(intervals) || int2send(scale)
          || int8send(total_wh) || int4send(length(energy)) || energy || quality) from 1 for 12)
      $$`);
    // With the rights of whoever owns the tables: a service that owns none still makes the months it stores.
    await runner.query(`
      create function load_profile_make_partition(month date) returns void language plpgsql
      security definer set search_path from current as $$
      declare
        name text := 'load_profile_' || to_char(month, 'YYYY_MM');
      begin
        if month <> date_trunc('month', month) then
          raise exception '% is no first day of a month', month using errcode = 'check_violation';
        end if;
        if to_regclass(name) is not null then return; end if;
        execute format('create table %I (like load_profile including defaults including constraints)', name);
        execute format('alter table load_profile attach partition %I for values from (%L) to (%L)',
          name, month, (month + interval '1 month')::date);
        if session_user <> current_user then
          execute format('grant select, insert, update, delete on %I to %I', name, session_user);
        end if;
      end $$`);
    for (const table of ['audit_entry', 'audit_subtree', 'audit_checkpoint', 'load_profile_seal']) {
      await runner.query(`
        create trigger ${table}_kept before update or delete on ${table}
        for each row execute function audit_refuse_change()`);
      await runner.query(`
        create trigger ${table}_whole before truncate on ${table}
        for each statement execute function audit_refuse_change()`);
    }
    await runner.query(`
      create function audit_refuse_gap() returns trigger language plpgsql as $$
      declare
        first bigint;
        last bigint;
        rows bigint;
      begin
        select min(seq), max(seq), count(*) into first, last, rows from added;
        if rows > 0 and (last - first + 1 <> rows
           or first <> coalesce((select max(seq) + 1 from audit_entry where seq < first), 0)) then
          raise exception 'audit entries % to % leave a gap', first, last using errcode = 'check_violation';
        end if;
        return null;
      end $$`);
    await runner.query(`
      create trigger audit_entry_gapless after insert on audit_entry referencing new table as added
      for each statement execute function audit_refuse_gap()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop table load_profile_seal, audit_cosignature, audit_checkpoint, audit_subtree, audit_entry`,
    );
    await runner.query(
      `drop function load_profile_make_partition, load_profile_mark, audit_refuse_gap, audit_refuse_change`,
    );
  }
}
