import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row per metering point, standard-time day and channel; superseded days; staging; marks for the next scoring. */
export class Readings1763596800002 implements MigrationInterface {
  name = 'Readings1763596800002';

  async up(runner: QueryRunner): Promise<void> {
    // Fixed-width columns from wide to narrow: no alignment padding. No foreign keys: the loader checks ids against
    // the registry, and the same schema can be hash-distributed by metering_point_id.
    const columns = `
        total_wh bigint not null,
        metering_point_id integer not null,
        day date not null,
        upload_id integer not null,
        revision smallint not null,
        channel smallint not null,
        interval_minutes smallint not null,
        intervals smallint not null,
        scale smallint not null,
        energy bytea not null,
        quality bytea not null default ''`;
    await runner.query(`
      create table load_profile (${columns},
        constraint load_profile_pkey primary key (metering_point_id, day, channel)
      ) partition by range (day)`);
    await runner.query(`
      create table load_profile_history (${columns},
        superseded_at timestamptz not null,
        superseded_by_upload_id integer not null,
        constraint load_profile_history_pkey primary key (metering_point_id, day, channel, revision)
      )`);
    await runner.query(`
      create unlogged table load_profile_staging (${columns})`);
    // Lays one day over another of the same interval length, slot by slot: where `later` is missing, `earlier` stays.
    // Only days that overlap in part pay for this loop (about 10 µs a day); whole days are replaced without it.
    await runner.query(`
      create function load_profile_overlay(
        earlier bytea, earlier_scale smallint, earlier_quality bytea,
        later bytea, later_scale smallint, later_quality bytea,
        out energy bytea, out scale smallint, out quality bytea, out total_wh bigint, out intervals smallint
      ) language plpgsql immutable parallel safe as $$
      declare
        slots integer := length(later) / 2;
        code integer;
        from_later boolean;
      begin
        scale := greatest(earlier_scale, later_scale);
        energy := later;
        quality := '';
        total_wh := 0;
        intervals := 0;
        if earlier_quality <> '' or later_quality <> '' then
          quality := decode(repeat('00', slots), 'hex');
        end if;
        for slot in 0 .. slots - 1 loop
          code := get_byte(later, slot * 2) + 256 * get_byte(later, slot * 2 + 1);
          from_later := code <> 65535;
          if from_later then
            code := round(code / 10 ^ (scale - later_scale));
          else
            code := get_byte(earlier, slot * 2) + 256 * get_byte(earlier, slot * 2 + 1);
            if code = 65535 then continue; end if;
            code := round(code / 10 ^ (scale - earlier_scale));
          end if;
          energy := set_byte(set_byte(energy, slot * 2, code % 256), slot * 2 + 1, code / 256);
          total_wh := total_wh + code;
          intervals := intervals + 1;
          if quality <> '' then
            quality := set_byte(quality, slot, case
              when from_later and later_quality <> '' then get_byte(later_quality, slot)
              when not from_later and earlier_quality <> '' then get_byte(earlier_quality, slot)
              else 0 end);
          end if;
        end loop;
        total_wh := total_wh * (10 ^ scale)::bigint;
      end $$`);
    await runner.query(`
      create table scoring_mark (
        metering_point_id integer not null,
        first_day date not null,
        last_day date not null,
        marked_at timestamptz not null,
        constraint scoring_mark_pkey primary key (metering_point_id)
      )`);
    await runner.query(`
      create table weather_day (
        territory_code text not null,
        day date not null,
        -- 24 hourly means in degrees Celsius of the standard-time day; null = missing.
        temperature_c real[] not null,
        upload_id integer not null,
        constraint weather_day_pkey primary key (territory_code, day)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop table weather_day, scoring_mark, load_profile_staging, load_profile_history, load_profile`,
    );
    await runner.query(`drop function load_profile_overlay`);
  }
}
