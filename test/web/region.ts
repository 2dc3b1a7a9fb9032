import type { Client } from 'pg';
import { updateAlerts } from '../../src/alerts/update-alerts.js';
import { dealDue } from '../../src/cases/deal-due.js';
import { followAlerts } from '../../src/cases/follow-alerts.js';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { dayFromIso, isoFromDay } from '../../src/grid/domain/calendar.js';
import { ProfileBatch } from '../../src/readings/domain/profile-batch.js';
import { storeProfiles } from '../../src/readings/load-profile.repository.js';
import { ensureMonths } from '../../src/readings/profile-months.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { addPoints, addTransformers, home, withRigs, type Load } from '../detection/synthetic-points.js';

/** A street in Irkutsk with a year of half-hours: mostly homes, some with rigs; small enough for each spec file to have its own. */
const END = dayFromIso('2026-10-15')!;
const FROM = END - 365;
const TRANSFORMERS = ['TP-88', 'TP-90', 'TP-91'];
const HOMES = 33;
/** The city, where mining is banned. */
const CITY = '25701000';
/** kW of each rig and the day it began; two under each transformer, the most that one inspector is dealt of it. */
const RIGS = [
  { point: 'IRK-004417', kw: 9.2, onset: END - 43 },
  { point: 'IRK-004418', kw: 6.6, onset: END - 61 },
  { point: 'IRK-004421', kw: 11.5, onset: END - 30 },
  { point: 'IRK-004425', kw: 4.9, onset: END - 80 },
  { point: 'IRK-004428', kw: 3.4, onset: END - 52 },
  { point: 'IRK-004431', kw: 5.7, onset: END - 70 },
];

/** Readings, scores, alerts and cases, by the ways they come about in service; dealt when there are inspectors. */
export async function buildStreet(db: Database, client: Client): Promise<void> {
  await client.query(
    `insert into utility (code, name) values ('test', 'Test utility');
     insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
     values ('RU-IRK', 'Иркутская область', 'Irkutsk Oblast', null, 'Asia/Irkutsk', 480),
            ('${CITY}', 'Иркутск', 'Irkutsk', 'RU-IRK', 'Asia/Irkutsk', 480)`,
  );
  await addTransformersOf(client);
  const names = [
    ...Array.from({ length: HOMES }, (_, index) => `IRK-${String(4400 + index).padStart(6, '0')}`).filter(
      (name) => RIGS.every(({ point }) => point !== name),
    ),
    ...RIGS.map(({ point }) => point),
  ];
  const ids = await addPoints(
    client,
    names.map((externalId, index) => ({
      externalId,
      household: `H-${externalId.slice(-4)}`,
      territory: CITY,
      transformer: TRANSFORMERS[index % TRANSFORMERS.length],
    })),
  );
  const loads = names.map((name, index): Load => {
    const rig = RIGS.find(({ point }) => point === name);
    return rig === undefined ? home(index) : withRigs(home(index), rig);
  });
  await storeYear(client, [...ids.values()], loads);
  await storeWinterAndSummer(client);
  await client.query(
    `insert into household_identity (metering_point_id, consumer_name, address) values ($1, 'Иванова А. П.', 'ул. Лесная, 7')`,
    [ids.get(RIGS[0].point)],
  );
  await client.query('analyze');
  const now = new Date();
  const summary = await scorePoints(db, { rulebook: loadRulebook(`${projectRoot}/rulebook/ru.json`), now });
  await updateAlerts(db, summary!.runId, now, followAlerts);
  await dealDue(db.dataSource, now);
}

async function addTransformersOf(client: Client): Promise<void> {
  // The helper's balance meters lie in its own region.
  await client.query(
    `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
     values ('RU-DA', 'Дагестан', 'Dagestan', null, 'Europe/Moscow', 180)`,
  );
  await addTransformers(client, TRANSFORMERS);
}

/** Half-hours of a year; a week of each third home was estimated, and three days of each fifth are missing. */
async function storeYear(client: Client, pointIds: readonly number[], loads: readonly Load[]): Promise<void> {
  const batch = new ProfileBatch(30, pointIds.length * (END - FROM));
  loads.forEach((load, point) => {
    for (let day = FROM; day < END; day++) {
      if (point % 5 === 0 && day >= END - 200 && day < END - 197) continue;
      const quality = point % 3 === 0 && day >= END - 120 && day < END - 113 ? 1 : 0;
      const row = batch.row(point, day);
      for (let slot = 0; slot < 48; slot++)
        batch.put(row, slot, Math.round(load(day, slot / 2) * 500), quality);
    }
  });
  await ensureMonths(client, batch);
  await client.query('begin');
  await storeProfiles(client, { batch, pointIds: Int32Array.from(pointIds), uploadId: 1, now: new Date() });
  await client.query('commit');
}

async function storeWinterAndSummer(client: Client): Promise<void> {
  const rows = Array.from({ length: END - FROM }, (_, index) => {
    const day = FROM + index;
    const mean =
      -18 * Math.cos(((day - dayFromIso('2026-01-15')!) / 365) * 2 * Math.PI) + 3 * Math.sin(day / 5);
    const hours = Array.from(
      { length: 24 },
      (__, hour) => Math.round(10 * (mean + 4 * Math.sin(((hour - 9) / 24) * 2 * Math.PI))) / 10,
    );
    return { day: isoFromDay(day), hours };
  });
  await client.query(
    `insert into weather_day (territory_code, day, temperature_c, upload_id)
     select 'RU-IRK', (e ->> 'day')::date, array(select h::float8 from jsonb_array_elements_text(e -> 'hours') h), 1
     from jsonb_array_elements($1::jsonb) e`,
    [JSON.stringify(rows)],
  );
}
