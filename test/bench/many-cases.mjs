/** A queue of any length, for the benchmarks of its SQL and of its page. */

/** Points in 50 municipalities, a case and a firing alert each, an eleventh of them with one of 40 inspectors. */
export async function fillCases(client, cases) {
  for (const sql of [
    `insert into utility (code, name) values ('bench', 'Bench')`,
    `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
     values ('RU-IRK', 'Иркутская область', 'Irkutsk Oblast', null, 'Asia/Irkutsk', 480)`,
    `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
     select '256' || lpad(n::text, 5, '0'), 'Район ' || n, 'District ' || n, 'RU-IRK', 'Asia/Irkutsk', 480
     from generate_series(1, 50) n`,
    `insert into transformer (utility_id, code) select 1, 'T-' || n from generate_series(1, ${cases} / 20) n`,
    `insert into metering_point (utility_id, kind, external_id, household, territory_code, transformer_id, tariff_category)
     select 1, 'household', 'P-' || lpad(n::text, 7, '0'), 'H-' || n, '256' || lpad((1 + n % 50)::text, 5, '0'),
       1 + n % (${cases} / 20), 'rural' from generate_series(1, ${cases}) n`,
    `insert into person (role, created_at, created_by) select 'inspector', now(), 'bench' from generate_series(1, 40)`,
    `insert into person (role, created_at, created_by) values ('supervisor', now(), 'bench')`,
    `insert into alert (metering_point_id, kind, state, score, since, opened_at, last_seen_as_of, evidence)
     select id, 'mining_suspected', 'firing', random(), '2026-01-01', now(), '2026-03-01', (
       select jsonb_agg(jsonb_build_object('detector', 'd' || n, 'kind', 'level', 'logOdds', n - 4,
         'sentence', jsonb_build_object('ru', repeat('слово ', 20), 'en', repeat('word ', 20)))) from generate_series(1, 10) n)
     from metering_point`,
    `begin`,
    `insert into case_file (metering_point_id, utility_id, territory_code, transformer_id, kind, firing_kinds, state, version,
       score, month_kwh, since, opened_at, state_at, updated_at, inspector_id, organisation, tags, words)
     select id, 1, territory_code, transformer_id,
       (array['mining_suspected', 'mining_suspected', 'quota_exceeded', 'hidden_load'])[1 + id % 4], '{mining_suspected}',
       case when id % 11 = 0 then 'dealt' else 'new' end, case when id % 11 = 0 then 2 else 1 end,
       random(), 500 + random() * 9000, date '2026-03-01' - (random() * 400)::int, now(), now(), now(),
       case when id % 11 = 0 then 1 + id % 40 end, case when id % 11 = 0 then 'o' || id % 4 end,
       case when id % 100 = 0 then '{garage}'::text[] else '{}' end,
       array_to_tsvector(array[lower(external_id), ltrim(split_part(external_id, '-', 2), '0'), lower(household)])
     from metering_point`,
    `insert into case_step (case_id, version, step, from_state, to_state, at, actor, old_value, new_value)
     select id, 1, 'opened', 'none', 'new', now(), 'scoring', '{}', '{}' from case_file`,
    `insert into case_step (case_id, version, step, from_state, to_state, at, actor, old_value, new_value)
     select id, 2, 'dealt', 'new', 'dealt', now(), 'dealing', '{}', '{}' from case_file where version = 2`,
    `commit`,
    `insert into case_alert (alert_id, case_id)
     select a.id, c.id from alert a join case_file c on c.metering_point_id = a.metering_point_id`,
  ])
    await client.query(sql);
}
