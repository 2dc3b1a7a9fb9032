import type { Client } from 'pg';
import { updateAlerts, type AlertsUpdate } from '../../src/alerts/update-alerts.js';
import type { Database } from '../../src/database/open-database.js';
import { BANNED_REGION, seedRegistry } from '../detection/synthetic-points.js';

/** A day the readings end with; the scores count days from it. */
const FIRST_DAY = '2026-03-01';

/** A registry with `count` metering points, `P-1`, `P-2`, …; answers their ids. */
export async function seedPoints(client: Client, count: number): Promise<number[]> {
  await seedRegistry(client);
  const { rows } = await client.query<{ id: number }>(
    `insert into metering_point (utility_id, kind, external_id, territory_code, tariff_category, electric_heating)
     select u.id, 'household', 'P-' || n, '${BANNED_REGION}', 'rural', false
     from utility u cross join generate_series(1, $1) n where u.code = 'test' order by n returning id`,
    [count],
  );
  return rows.map(({ id }) => id);
}

/**
 * The real round, from scores made up here: every point is suspected, or none is any more. `afterDays` is the day they
 * are scored as of; a suspicion that is gone for a week resolves.
 */
export async function rescore(
  db: Database,
  client: Client,
  { points, suspected, afterDays }: { points: readonly number[]; suspected: boolean; afterDays: number },
): Promise<AlertsUpdate> {
  await client.query(
    `insert into score (metering_point_id, score, digest, months_digest, run_id, as_of, since, case_worthy, kind,
       findings, evidence)
     select p, $2, 0, 0, 1, date '${FIRST_DAY}' + $3::int, case when $4 then date '${FIRST_DAY}' - 20 end, $4,
       case when $4 then 'mining_suspected' else 'none' end, '[{"detector": "base-load"}]',
       jsonb_build_array(jsonb_build_object('detector', 'flatness', 'kind', 'shape', 'logOdds', 2,
         'sentence', jsonb_build_object('ru', 'Ровно, "как" стол;' || chr(10) || '24 часа.', 'en', '=Flat, all day.')))
     from unnest($1::int[]) p
     on conflict (metering_point_id) do update set score = excluded.score, as_of = excluded.as_of,
       since = excluded.since, case_worthy = excluded.case_worthy, kind = excluded.kind`,
    [points, suspected ? 0.93 : 0.1, afterDays, suspected],
  );
  return updateAlerts(db, 1, new Date());
}
