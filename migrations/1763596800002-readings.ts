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
        -- One channel until formats bring another, which then has a table of its own: without it the key fits eight bytes,
        -- and its index is a third smaller. Days come in order: what the usual fill factor keeps free would stay free.
        constraint load_profile_pkey primary key (metering_point_id, day) with (fillfactor = 100),
        constraint load_profile_channel_check check (channel = 0)
      ) partition by range (day)`);
    await runner.query(`
      create table load_profile_history (${columns},
        superseded_at timestamptz not null,
        superseded_by_upload_id integer not null,
        constraint load_profile_history_pkey primary key (metering_point_id, day, channel, revision)
      )`);
    await runner.query(`
      create unlogged table load_profile_staging (${columns})`);
    await runner.query(`
      create type load_profile_day as (
        energy bytea, scale smallint, quality bytea, total_wh bigint, intervals smallint, interval_minutes smallint)`);
    // Lays one day over another, slot by slot: where `later` is missing, or an estimate where `earlier` was measured,
    // `earlier` stays. Of two interval lengths the
    // shorter is kept; a longer interval is shared out evenly over the shorter ones, and marked as estimated (1), so that
    // no energy is lost and none is passed off as measured. Only days that overlap in part pay for this loop (about 20 µs).
    await runner.query(`
      create function load_profile_overlay(
        earlier bytea, earlier_scale smallint, earlier_quality bytea,
        later bytea, later_scale smallint, later_quality bytea
      ) returns load_profile_day language plpgsql immutable strict parallel safe as $$
      declare
        slots integer := greatest(length(earlier), length(later)) / 2;
        day load_profile_day;
        side integer;
        ratio integer;
        code integer;
        wh bigint;
        mark integer;
        earlier_at integer;
        later_at integer;
        earlier_code integer;
        later_code integer;
        earlier_mark integer;
        later_mark integer;
        marks bytea := decode(repeat('00', slots), 'hex');
      begin
        day.scale := greatest(earlier_scale, later_scale);
        day.energy := decode(repeat('ff', slots * 2), 'hex');
        day.total_wh := 0;
        day.intervals := 0;
        for slot in 0 .. slots - 1 loop
          earlier_at := slot / (slots / (length(earlier) / 2));
          later_at := slot / (slots / (length(later) / 2));
          earlier_code := get_byte(earlier, earlier_at * 2) + 256 * get_byte(earlier, earlier_at * 2 + 1);
          later_code := get_byte(later, later_at * 2) + 256 * get_byte(later, later_at * 2 + 1);
          continue when earlier_code = 65535 and later_code = 65535;
          earlier_mark := case when earlier_quality = '' then 0 else get_byte(earlier_quality, earlier_at) end;
          later_mark := case when later_quality = '' then 0 else get_byte(later_quality, later_at) end;
          -- What was measured (actual, or doubted) stands against what was estimated or substituted, whichever came later.
          side := case
            when later_code = 65535 then 0
            when earlier_code = 65535 then 1
            when later_mark in (1, 2) and earlier_mark not in (1, 2) then 0
            else 1 end;
          code := case side when 1 then later_code else earlier_code end;
          mark := case side when 1 then later_mark else earlier_mark end;
          ratio := slots / (case side when 1 then length(later) else length(earlier) end / 2);
          wh := code * (10 ^ case side when 1 then later_scale else earlier_scale end)::bigint;
          if ratio > 1 then
            wh := wh * (slot % ratio + 1) / ratio - wh * (slot % ratio) / ratio;
            mark := greatest(mark, 1);
          end if;
          code := round(wh / 10 ^ day.scale);
          day.energy := set_byte(set_byte(day.energy, slot * 2, code % 256), slot * 2 + 1, code / 256);
          day.total_wh := day.total_wh + code;
          day.intervals := day.intervals + 1;
          if mark <> 0 then marks := set_byte(marks, slot, mark); end if;
        end loop;
        day.total_wh := day.total_wh * (10 ^ day.scale)::bigint;
        day.interval_minutes := 1440 / slots;
        day.quality := case when marks = decode(repeat('00', slots), 'hex') then '' else marks end;
        return day;
      end $$`);
    await runner.query(`
      create table scoring_mark (
        metering_point_id integer not null,
        first_day date not null,
        last_day date not null,
        marked_at timestamptz not null,
        -- The newest upload that replaced days which were stored before; null: all days are new.
        corrected_by integer,
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
    await runner.query(`drop type load_profile_day`);
  }
}
