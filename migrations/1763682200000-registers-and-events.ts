import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Cumulative register readings and meter events, and the kinds of upload that bring them. */
export class RegistersAndEvents1763682200000 implements MigrationInterface {
  name = 'RegistersAndEvents1763682200000';

  async up(runner: QueryRunner): Promise<void> {
    // kwh is what the register shows; the energy is its advance times ct_ratio, applied when judging and nowhere else.
    const columns = `
        metering_point_id integer not null,
        meter_serial text not null,
        tariff_zone text not null,
        taken_at timestamptz not null,
        kwh numeric(14, 3) not null,
        ct_ratio real not null,
        quality smallint not null,
        upload_id integer not null`;
    await runner.query(`
      create table register_reading (${columns},
        constraint register_reading_pkey primary key (metering_point_id, meter_serial, tariff_zone, taken_at),
        constraint register_reading_zone_check check (tariff_zone in ('total', 'T1', 'T2', 'T3', 'T4')),
        constraint register_reading_kwh_check check (kwh >= 0 and ct_ratio > 0)
      )`);
    await runner.query(`
      create table register_reading_history (${columns},
        superseded_at timestamptz not null,
        superseded_by_upload_id integer not null,
        constraint register_reading_history_pkey
          primary key (metering_point_id, meter_serial, tariff_zone, taken_at, superseded_by_upload_id)
      )`);
    await runner.query(`
      create table meter_event (
        metering_point_id integer not null,
        at timestamptz not null,
        -- СПОДЭС: journal 0.0.99.98.{0-8}.255 and the code in it; the code alone is ambiguous.
        journal smallint not null,
        code smallint not null,
        kind text not null,
        upload_id integer not null,
        constraint meter_event_pkey primary key (metering_point_id, at, journal, code)
      )`);
    await setKinds(runner, [
      'registry',
      'readings',
      'transformer-readings',
      'weather',
      'registers',
      'events',
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from upload where kind in ('registers', 'events')`);
    await setKinds(runner, ['registry', 'readings', 'transformer-readings', 'weather']);
    await runner.query(`drop table meter_event, register_reading_history, register_reading`);
  }
}

async function setKinds(runner: QueryRunner, kinds: readonly string[]): Promise<void> {
  const list = kinds.map((kind) => `'${kind}'`).join(', ');
  await runner.query(`alter table upload drop constraint upload_kind_check`);
  await runner.query(`alter table upload add constraint upload_kind_check check (kind in (${list}))`);
}
