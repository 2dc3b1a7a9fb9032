import type { Client } from 'pg';
import { isoFromDay, type DayNumber } from '../../src/grid/domain/calendar.js';
import { ProfileBatch } from '../../src/readings/domain/profile-batch.js';
import { storeProfiles } from '../../src/readings/load-profile.repository.js';
import { ensureMonths } from '../../src/readings/profile-months.js';

export interface SyntheticPoint {
  readonly externalId: string;
  readonly territory?: string;
  readonly household?: string;
  readonly tariffCategory?: string;
  readonly electricHeating?: boolean;
  /** Code of a transformer that {@link addTransformers} made. */
  readonly transformer?: string;
}

/** Regions that tests place their points in: mining is banned in the first, free in the second. */
export const BANNED_REGION = 'RU-DA';
export const FREE_REGION = 'RU-MOS';

/** A utility and the two regions. */
export async function seedRegistry(client: Client): Promise<void> {
  await client.query(`insert into utility (code, name) values ('test', 'Test utility')`);
  await client.query(
    `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
     values ('${BANNED_REGION}', 'Дагестан', 'Dagestan', null, 'Europe/Moscow', 180),
            ('${FREE_REGION}', 'Московская область', 'Moscow Oblast', null, 'Europe/Moscow', 180)`,
  );
}

/** Adds household metering points; answers their ids by external id. */
export async function addPoints(
  client: Client,
  points: readonly SyntheticPoint[],
): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for (const {
    externalId,
    territory = BANNED_REGION,
    household = null,
    tariffCategory = 'rural',
    electricHeating = false,
    transformer = null,
  } of points) {
    const { rows } = await client.query<{ id: number }>(
      `insert into metering_point (utility_id, kind, external_id, household, territory_code, tariff_category,
         electric_heating, transformer_id)
       select u.id, 'household', $1, $2, $3, $4, $5, t.id
       from utility u left join transformer t on t.utility_id = u.id and t.code = $6
       where u.code = 'test' returning id`,
      [externalId, household, territory, tariffCategory, electricHeating, transformer],
    );
    ids.set(externalId, rows[0].id);
  }
  return ids;
}

/** Adds transformers with their balance meters; answers the meters' ids by the transformers' codes. */
export async function addTransformers(
  client: Client,
  codes: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ code: string; id: number }>(
    `with made as (
       insert into transformer (utility_id, code)
       select u.id, c.code from utility u cross join unnest($1::text[]) as c (code) where u.code = 'test'
       returning id, utility_id, code)
     insert into metering_point (utility_id, kind, external_id, territory_code, transformer_id)
     select utility_id, 'transformer', code, '${BANNED_REGION}', id from made
     returning external_id as code, id`,
    [codes],
  );
  return new Map(rows.map(({ code, id }) => [code, id]));
}

/** kWh of one hour; NaN = missing. */
export type Load = (day: DayNumber, hour: number) => number;

/** Stores hourly readings of `[from, to)` through the real store, marks and all. */
export async function storeLoads(
  client: Client,
  loads: ReadonlyMap<number, Load>,
  { from, to, uploadId = 1, now }: { from: DayNumber; to: DayNumber; uploadId?: number; now: Date },
): Promise<void> {
  const pointIds = Int32Array.from(loads.keys());
  const batch = new ProfileBatch(60, pointIds.length * (to - from));
  [...loads.values()].forEach((load, point) => {
    for (let day = from; day < to; day++) {
      const row = batch.row(point, day);
      for (let hour = 0; hour < 24; hour++) {
        const kwh = load(day, hour);
        if (!Number.isNaN(kwh)) batch.put(row, hour, Math.round(kwh * 1000), 0);
      }
    }
  });
  await ensureMonths(client, batch);
  await client.query('begin');
  await storeProfiles(client, { batch, pointIds, uploadId, now });
  await client.query('commit');
}

/** A home with an evening peak and restless hours, different by `seed`; it rests at about 0.2 kW. */
export function home(seed: number): Load {
  return (day, hour) => {
    const noise = (((day * 24 + hour + seed * 7919) * 2_654_435_761) % 1000) / 1000;
    const evening = hour >= 18 && hour < 23 ? 1.2 : hour >= 7 && hour < 9 ? 0.7 : 0;
    return 0.2 + 0.15 * noise + evening * (0.5 + noise) * (0.7 + 0.1 * (seed % 7));
  };
}

/** The same home with `kw` of rigs round the clock from `onset` up to `end`. */
export function withRigs(
  base: Load,
  { kw, onset, end = Infinity }: { kw: number; onset: DayNumber; end?: DayNumber },
): Load {
  return (day, hour) =>
    base(day, hour) + (day >= onset && day < end ? kw * (1 + 0.01 * Math.sin(day * 24 + hour)) : 0);
}

/** A day of weather for each region: mild, with a slow swing, so that nothing can be blamed on it. */
export async function storeWeather(client: Client, from: DayNumber, to: DayNumber): Promise<void> {
  for (let day = from; day < to; day++) {
    const mean = 8 + 10 * Math.sin((day / 365) * 2 * Math.PI) + 3 * Math.sin(day / 4);
    const hours = Array.from(
      { length: 24 },
      (_, hour) => mean + 3 * Math.sin(((hour - 9) / 24) * 2 * Math.PI),
    );
    await client.query(
      `insert into weather_day (territory_code, day, temperature_c, upload_id) values ($1, $2, $3, 1)`,
      [BANNED_REGION, isoFromDay(day), hours],
    );
  }
}
