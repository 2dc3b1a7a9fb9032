import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from 'pg';
import { parse } from 'yaml';
import { DASHBOARDS } from '../../grafana/source/dashboards.js';
import { projectRoot } from '../../src/config/project-root.js';
import { connect } from '../../src/database/connection.js';
import type { Database } from '../../src/database/open-database.js';
import { superuserOf, testDatabase } from '../support/database.js';

const ROLE = 'gridwarden_report';
const PASSWORD = 'a password of the test';

interface SqlTarget {
  readonly rawSql?: string;
  readonly datasource?: { readonly uid: string };
}

/** Every panel that reads the case tables. */
const PANELS = Object.values(DASHBOARDS).flatMap(({ panels = [] }) =>
  panels.flatMap((panel) =>
    ('targets' in panel ? (panel.targets as SqlTarget[]) : []).flatMap(({ rawSql, datasource }) =>
      rawSql === undefined ? [] : [{ title: panel.title!, sql: rawSql, source: datasource!.uid }],
    ),
  ),
);

let database: Database;
let superuser: Client;
let reader: Client;

beforeAll(async () => {
  database = await testDatabase();
  superuser = await superuserOf(database);
  await fill();
  const script = readFileSync(path.join(projectRoot, 'grafana', 'report-role.sql'), 'utf8');
  // The owner of the views may not make roles here; its later views are to be readable too.
  const owner = new URL(database.url).username;
  await superuser.query(
    script
      .replace(":'password'", `'${PASSWORD}'`)
      .replace('default privileges in', `default privileges for role ${owner} in`),
  );
  const url = new URL(database.url);
  [url.username, url.password] = [ROLE, encodeURIComponent(PASSWORD)];
  reader = await connect(url.href);
});
afterAll(async () => {
  await reader.end();
  await superuser.query(`drop owned by ${ROLE}; drop role ${ROLE}`);
  await superuser.end();
  await database.close();
});

async function fill(): Promise<void> {
  for (const sql of [
    `insert into utility (code, name) values ('u', 'U')`,
    `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
     values ('RU-IRK', 'Иркутская область', 'Irkutsk Oblast', null, 'Asia/Irkutsk', 480)`,
    `insert into metering_point (utility_id, kind, external_id, household, territory_code)
     values (1, 'household', 'secret-point', 'secret-household', 'RU-IRK')`,
    `insert into alert (metering_point_id, kind, state, score, opened_at, fired_at, last_seen_as_of)
     values (1, 'mining_suspected', 'firing', 0.9, now(), now(), current_date)`,
    `begin;
     insert into case_file (metering_point_id, utility_id, territory_code, kind, firing_kinds, state, version, score,
       month_kwh, opened_at, state_at, updated_at, tags, words)
     values (1, 1, 'RU-IRK', 'mining_suspected', '{mining_suspected}', 'new', 1, 0.9, 5000, now() - interval '40 days',
       now() - interval '40 days', now(), '{secret-tag}', to_tsvector('secret-point'));
     insert into case_step (case_id, version, step, from_state, to_state, at, actor, old_value, new_value)
     values (1, 1, 'opened', 'none', 'new', now(), 'secret-actor', '{}', '{}');
     commit`,
    `insert into person (role, created_at, created_by) values ('inspector', now(), 'test')`,
    `insert into case_decision (case_id, verdict, reason, words, made_by, organisation, made_at, made_in, seals_at, sealed_at,
       score)
     values (1, 'dismiss', 'heating', 'secret-words', 1, 'o', now(), 'new', now(), now(), 0.9)`,
    `insert into case_visit (case_id, booked_for, booked_at, booked_by, explanation)
     values (1, now(), now(), 'secret-booker', 'secret-explanation')`,
  ])
    await database.dataSource.query(sql);
}

const viewsOf = async (): Promise<string[]> => {
  const { rows } = await superuser.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'gridwarden_report'::regnamespace order by 1`,
  );
  return rows.map(({ name }) => name);
};

describe('the role that Grafana reads with', () => {
  it('reads every view, in which there is something, and nobody', async () => {
    const views = await viewsOf();
    expect(views.length).toBeGreaterThan(4);
    for (const view of views) {
      const { rows } = await reader.query(`select * from gridwarden_report.${view}`);
      expect({ view, rows: rows.length }).toEqual({ view, rows: 1 });
      expect(JSON.stringify(rows)).not.toContain('secret');
      expect(Object.keys(rows[0] as object).join(' ')).not.toMatch(
        /metering_point|household|external|person|actor|words|explanation|inspector_id|made_by/,
      );
    }
  });

  it('reads no table, changes nothing, and calls nothing that does', async () => {
    const { rows: tables } = await superuser.query<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c where c.relnamespace = 'public'::regnamespace
       and c.relkind in ('r', 'p', 'v', 'm', 'S')`,
    );
    expect(tables.length).toBeGreaterThan(40);
    const { rows: may } = await reader.query(
      `select c.oid::regclass::text as name from pg_class c where c.relnamespace = 'public'::regnamespace
       and (has_table_privilege(c.oid, 'select, insert, update, delete, truncate, references, trigger')
         or has_any_column_privilege(c.oid, 'select, insert, update, references')) and c.relkind <> 'S'`,
    );
    expect(may).toEqual([]);
    for (const sql of [
      'select from public.metering_point',
      'select from public.household_identity',
      'delete from gridwarden_report.case_step',
      'set default_transaction_read_only = off; update gridwarden_report.case_step set step = null',
      `set default_transaction_read_only = off; create table gridwarden_report.mine (x integer)`,
      `set default_transaction_read_only = off; create table public.mine (x integer)`,
      `select public.load_profile_make_partition('2026-01-01')`,
    ])
      await expect(reader.query(sql)).rejects.toThrow(/permission denied|read-only/);
  });

  it('sees views that are added later', async () => {
    await database.dataSource.query('create view gridwarden_report.later as select 1 as one');
    expect((await reader.query('select one from gridwarden_report.later')).rows).toEqual([{ one: 1 }]);
    await database.dataSource.query('drop view gridwarden_report.later');
  });
});

describe('panels of the case tables', () => {
  it.each(PANELS)('$title', async ({ sql, source }) => {
    const { rows } = await reader.query(sql);
    expect(rows.length).toBeGreaterThan(0);
    const { datasources } = parse(
      readFileSync(path.join(projectRoot, 'grafana/provisioning/datasources/gridwarden.yaml'), 'utf8'),
    ) as { datasources: { uid: string; user?: string }[] };
    expect(datasources.find(({ uid }) => uid === source)).toMatchObject({ user: ROLE });
  });

  it('there are some', () => expect(PANELS.length).toBeGreaterThan(2));
});
