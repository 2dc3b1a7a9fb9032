import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Views for boards and reports, in a schema of their own: what a read-only role may see of alerts and cases. No metering
 * point, household, person or free text is in them; grafana/report-role.sql makes the role.
 */
export class Report1763682700000 implements MigrationInterface {
  name = 'Report1763682700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema gridwarden_report`);
    for (const [name, query] of VIEWS)
      await runner.query(`create view gridwarden_report.${name} as ${query}`);
    // It runs with its owner's rights, and PostgreSQL lets everybody call a new function.
    await runner.query(`revoke execute on function load_profile_make_partition(date) from public`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`grant execute on function load_profile_make_partition(date) to public`);
    await runner.query(`drop schema gridwarden_report cascade`);
  }
}

const VIEWS = [
  [
    'alert',
    `select a.id, coalesce(t.parent_code, t.code) as region, t.code as territory, a.kind, a.state, a.score, a.since,
       a.opened_at, a.fired_at, a.resolved_at
     from alert a join metering_point p on p.id = a.metering_point_id join territory t on t.code = p.territory_code`,
  ],
  [
    'case_file',
    `select c.id, coalesce(t.parent_code, t.code) as region, t.code as territory, c.kind, c.state, c.score, c.month_kwh,
       c.since, c.opened_at, c.state_at, c.inspector_id is not null as is_dealt, c.firing_kinds <> '{}' as is_firing
     from case_file c join territory t on t.code = c.territory_code`,
  ],
  ['case_step', `select case_id, version, step, from_state, to_state, at from case_step`],
  [
    'case_decision',
    `select d.id, d.case_id, coalesce(t.parent_code, t.code) as region, d.verdict, d.reason, d.made_at, d.seals_at,
       d.sealed_at, d.undone_at, d.score
     from case_decision d join case_file c on c.id = d.case_id join territory t on t.code = c.territory_code`,
  ],
  [
    'case_visit',
    `select v.id, v.case_id, coalesce(t.parent_code, t.code) as region, v.booked_for, v.booked_at, v.done_at, v.reported_at,
       v.findings
     from case_visit v join case_file c on c.id = v.case_id join territory t on t.code = c.territory_code`,
  ],
  ['territory', `select code, name_ru, name_en, parent_code from territory`],
] as const;
