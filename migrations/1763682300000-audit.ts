import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit log: entries, the hashes of its Merkle tree, and the checkpoints that were signed. Nothing in it ever changes. */
export class Audit1763682300000 implements MigrationInterface {
  name = 'Audit1763682300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table audit_entry (
        -- Without a gap, from 0: the leaf's place in the tree.
        seq bigint not null,
        at timestamptz not null,
        actor text not null,
        kind text not null,
        subject text not null,
        -- Canonical JSON, kept as text: jsonb would not give back the bytes that were hashed.
        body text not null,
        leaf_hash bytea not null,
        constraint audit_entry_pkey primary key (seq),
        constraint audit_entry_seq_check check (seq >= 0),
        constraint audit_entry_leaf_hash_check check (length(leaf_hash) = 32)
      )`);
    await runner.query(`create index audit_entry_kind_idx on audit_entry (kind, seq)`);
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
    await runner.query(`
      create function audit_refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% rows are never changed or removed', tg_table_name using errcode = 'check_violation';
      end $$`);
    for (const table of ['audit_entry', 'audit_subtree', 'audit_checkpoint']) {
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
    await runner.query(`drop table audit_checkpoint, audit_subtree, audit_entry`);
    await runner.query(`drop function audit_refuse_gap, audit_refuse_change`);
  }
}
