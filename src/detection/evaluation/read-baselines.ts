import type { ClientBase } from 'pg';
import { dayFromIso, type DayNumber } from '../../grid/domain/calendar.js';
import type { Rulebook } from '../../rulebook/domain/rule.js';
import { HISTORY_DAYS, ProfileBlock, readProfiles } from '../profile-windows.js';
import { TerritorySurroundings } from '../territory-surroundings.js';
import { baselineFeatures, type BaselineFeatures } from './domain/baselines.js';

const BLOCK_POINTS = 500;

interface Row {
  readonly id: number;
  readonly externalId: string;
  readonly territory: string;
  readonly electricHeating: boolean | null;
}

/** What the simple methods look at, by metering point, from the same stored profiles that scoring reads. */
export async function readBaselineFeatures(
  client: ClientBase,
  rulebook: Rulebook,
  asOf: DayNumber,
): Promise<Map<string, BaselineFeatures>> {
  const { rows } = await client.query<Row>(
    `select id, external_id as "externalId", territory_code as territory, electric_heating as "electricHeating"
     from metering_point where kind = 'household' order by id`,
  );
  const firstDay = Math.max(asOf - HISTORY_DAYS, await oldestDay(client));
  const surroundings = await TerritorySurroundings.load(client, rulebook, { from: firstDay, to: asOf });
  const block = new ProfileBlock(Math.min(BLOCK_POINTS, rows.length), firstDay, asOf);
  const features = new Map<string, BaselineFeatures>();
  for (let from = 0; from < rows.length; from += BLOCK_POINTS) {
    const points = rows.slice(from, from + BLOCK_POINTS);
    await readProfiles(
      client,
      block,
      points.map(({ id }) => id),
    );
    points.forEach(({ externalId, territory, electricHeating }, slot) => {
      const group = `${surroundings.regionOf(territory)} ${electricHeating === true}`;
      const found = baselineFeatures(block.windows[slot], surroundings.temperatureC(territory), group);
      if (found !== null) features.set(externalId, found);
    });
  }
  return features;
}

/** Of the stored readings. */
export async function oldestDay(client: ClientBase): Promise<DayNumber> {
  const { rows } = await client.query<{ first: string }>('select min(day)::text as first from load_profile');
  return dayFromIso(rows[0].first)!;
}
