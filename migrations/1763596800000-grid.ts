import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Territories, utilities, feeders, transformers and metering points: the registry every reading is joined to. */
export class Grid1763596800000 implements MigrationInterface {
  name = 'Grid1763596800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table territory (
        code text not null,
        name_ru text not null,
        name_en text not null,
        parent_code text,
        iana_zone text not null,
        -- The fixed winter offset that bounds every stored day; kept so that a later tzdata cannot move old days.
        standard_offset_minutes smallint not null,
        constraint territory_pkey primary key (code),
        constraint territory_offset_check check (standard_offset_minutes between -840 and 840)
      )`);
    await runner.query(`
      create table utility (
        id integer generated always as identity,
        code text not null,
        name text not null,
        constraint utility_pkey primary key (id),
        constraint utility_code_key unique (code)
      )`);
    await runner.query(`
      create table feeder (
        id integer generated always as identity,
        utility_id integer not null,
        code text not null,
        constraint feeder_pkey primary key (id),
        constraint feeder_utility_fkey foreign key (utility_id) references utility (id),
        constraint feeder_code_key unique (utility_id, code)
      )`);
    await runner.query(`
      create table transformer (
        id integer generated always as identity,
        utility_id integer not null,
        feeder_id integer,
        code text not null,
        constraint transformer_pkey primary key (id),
        constraint transformer_utility_fkey foreign key (utility_id) references utility (id),
        constraint transformer_feeder_fkey foreign key (feeder_id) references feeder (id),
        constraint transformer_code_key unique (utility_id, code)
      )`);
    // A transformer's balance meter is a metering point of its own kind, so that its profiles share the one store.
    await runner.query(`
      create table metering_point (
        id integer generated always as identity,
        utility_id integer not null,
        kind text not null,
        external_id text not null,
        household text,
        territory_code text not null,
        transformer_id integer,
        tariff_category text,
        electric_heating boolean,
        contracted_kw double precision,
        declared_load_kw double precision,
        declared_purpose text,
        registry_upload_id integer,
        constraint metering_point_pkey primary key (id),
        constraint metering_point_kind_check check (kind in ('household', 'transformer')),
        constraint metering_point_utility_fkey foreign key (utility_id) references utility (id),
        constraint metering_point_territory_fkey foreign key (territory_code) references territory (code),
        constraint metering_point_transformer_fkey foreign key (transformer_id) references transformer (id),
        constraint metering_point_external_id_key unique (utility_id, kind, external_id)
      )`);
    await runner.query(`create index metering_point_transformer_idx on metering_point (transformer_id)`);
    await runner.query(`create index metering_point_household_idx on metering_point (utility_id, household)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table metering_point, transformer, feeder, utility, territory`);
  }
}
