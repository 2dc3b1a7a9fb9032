import type { MigrationInterface, QueryRunner } from 'typeorm';

const KINDS = ['registry', 'readings', 'transformer-readings', 'weather', 'registers', 'events'];

/** Codes by which senders name metering points, and the numbered messages in which some of them send readings. */
export class Formats1763682610000 implements MigrationInterface {
  name = 'Formats1763682610000';

  async up(runner: QueryRunner): Promise<void> {
    // By the point's external id and not by its number: the code may be sent before the registry names the point.
    await runner.query(`
      create table point_code (
        utility_id integer not null,
        code text not null,
        kind text not null,
        external_id text not null,
        upload_id integer not null,
        constraint point_code_pkey primary key (utility_id, code),
        constraint point_code_utility_fkey foreign key (utility_id) references utility (id),
        constraint point_code_kind_check check (kind in ('household', 'transformer'))
      )`);
    await runner.query(`create index point_code_point_idx on point_code (utility_id, kind, external_id)`);
    // What an older message says that arrives later must not stand: who sent which of them, and about which points.
    await runner.query(`
      create table received_message (
        id integer generated always as identity,
        utility_id integer not null,
        family text not null,
        sender text not null,
        period text not null,
        created_at text not null,
        number text not null,
        upload_id integer not null,
        points text[] not null,
        constraint received_message_pkey primary key (id),
        constraint received_message_utility_fkey foreign key (utility_id) references utility (id),
        constraint received_message_key
          unique (utility_id, family, sender, period, created_at, number, upload_id)
      )`);
    await setKinds(runner, [...KINDS, 'point-codes']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from upload where kind = 'point-codes'`);
    await setKinds(runner, KINDS);
    await runner.query(`drop table received_message, point_code`);
  }
}

async function setKinds(runner: QueryRunner, kinds: readonly string[]): Promise<void> {
  const list = kinds.map((kind) => `'${kind}'`).join(', ');
  await runner.query(`alter table upload drop constraint upload_kind_check`);
  await runner.query(`alter table upload add constraint upload_kind_check check (kind in (${list}))`);
}
