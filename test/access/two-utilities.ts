import { balanceTransformer } from '../../src/balance/domain/balance.js';
import { BalanceWorkspace } from '../../src/balance/domain/workspace.js';
import type { Database } from '../../src/database/open-database.js';
import { applyRegistry, ensureUtility } from '../../src/grid/registry.repository.js';
import { resolveTerritory } from '../../src/grid/domain/territories.js';
import { syntheticTransformer } from '../balance/synthetic-transformer.js';
import { writeBalances } from '../balance/write-balances.js';

const HOMES = 12;
const AS_OF = 20_454 + 60;

/** The id of one object of each kind, by the part of a route's path before it. */
export type ObjectIds = Readonly<Record<string, number>>;

/**
 * A utility with a transformer that hides load, its households, an alert and an upload. Whatever there is to read of it has
 * its code, or the territory, in it.
 */
export async function addUtility(
  database: Database,
  { code, territory }: { readonly code: string; readonly territory: string },
): Promise<ObjectIds> {
  const client = await database.connect();
  try {
    const id = async (sql: string, values: unknown[]): Promise<number> =>
      (await client.query<{ id: number }>(sql, values)).rows[0].id;
    const utilityId = await ensureUtility(client, code);
    await client.query('begin');
    const rows = Array.from({ length: HOMES }, (_, home) => ({
      line: home + 2,
      meteringPoint: `${code}-${home}`,
      household: `${code}-household-${home}`,
      territory: resolveTerritory(territory)!,
      transformer: `${code}-T1`,
      feeder: null,
      tariffCategory: 'urban',
      electricHeating: false,
      contractedKw: null,
      declaredLoadKw: null,
      declaredPurpose: null,
      identity: { consumerName: `${code} secret name`, address: `${code} secret address` },
    }));
    await applyRegistry(client, { utilityId, uploadId: 1 }, rows);
    await client.query('commit');
    const transformer = await id('select id from transformer where utility_id = $1', [utilityId]);
    const balancePoint = await id(
      `select id from metering_point where utility_id = $1 and kind = 'transformer'`,
      [utilityId],
    );
    const points = await client.query<{ id: number }>(
      `select id from metering_point where utility_id = $1 and kind = 'household' order by id`,
      [utilityId],
    );
    const pointIds = points.rows.map((row) => row.id);
    const load = syntheticTransformer({ seed: 4, homes: HOMES, hidden: (hour) => (hour < 700 ? 0 : 6.6) });
    const balance = balanceTransformer(load, new BalanceWorkspace(60));
    await writeBalances(client, AS_OF, [{ meteringPointId: balancePoint, pointIds, balance }]);
    const alert = await id(
      `insert into alert (metering_point_id, kind, state, score, since, opened_at, last_seen_as_of)
       values ($1, 'mining_suspected', 'firing', 0.97, '2026-02-01', now(), '2026-03-01') returning id`,
      [pointIds[0]],
    );
    const upload = await id(
      `insert into upload (utility_id, kind, filename, sha256, bytes, status, refusal, received_at, finished_at)
       values ($1, 'readings', $2, repeat('0', 64), 1, 'refused', $3, now(), now()) returning id`,
      [utilityId, `${code}.csv`, `${code} was not readable`],
    );
    await client.query(
      `insert into upload_profile (utility_id, name, options, changed_at, changed_by)
       values ($1, $2, '{}', now(), 'test')`,
      [utilityId, `${code}-profile`],
    );
    return { transformers: transformer, 'metering-points': pointIds[0], alerts: alert, uploads: upload };
  } finally {
    await client.end();
  }
}
