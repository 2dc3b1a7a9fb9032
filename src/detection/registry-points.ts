import type { ClientBase } from 'pg';
import { copyOut } from '../database/copy-binary.js';
import type { PointFacts } from './domain/types.js';
import type { Ids } from './ids.js';

/** A household metering point as the scorer needs it. */
export interface RegistryPoint extends PointFacts {
  readonly id: number;
  readonly territoryCode: string;
  readonly transformerId: number | null;
  /** Names the household where it owns other metering points too, so that its quota is counted over all of them. */
  readonly sharedHousehold: string | null;
}

/** A transformer's balance meter. */
export interface BalanceMeter {
  readonly id: number;
  readonly transformerId: number;
  /** The transformer's code in the registry. */
  readonly code: string;
  readonly territoryCode: string;
}

/** The household metering points of `ids` (ascending), in that order. */
export async function registryPoints(client: ClientBase, ids: Ids): Promise<RegistryPoint[]> {
  const points: RegistryPoint[] = [];
  const query = `
    select p.id, p.external_id, p.territory_code, p.transformer_id, p.tariff_category, p.electric_heating,
      p.contracted_kw, p.declared_load_kw, p.declared_purpose,
      case when p.household is not null and exists (
        select from metering_point o where o.utility_id = p.utility_id and o.household = p.household
        and o.kind = 'household' and o.id <> p.id) then p.utility_id || ' ' || p.household end
    from metering_point p where p.kind = 'household' and p.id = any('{${ids.join(',')}}'::integer[]) order by p.id`;
  await copyOut(client, `copy (${query}) to stdout (format binary)`, 10, (row) => {
    points.push({
      id: row.int4(0),
      meteringPoint: row.text(1),
      territoryCode: row.text(2),
      transformerId: row.isNull(3) ? null : row.int4(3),
      tariffCategory: row.isNull(4) ? null : row.text(4),
      electricHeating: row.isNull(5) ? null : row.bool(5),
      contractedKw: row.isNull(6) ? null : row.float8(6),
      declaredLoadKw: row.isNull(7) ? null : row.float8(7),
      declaredPurpose: row.isNull(8) ? null : row.text(8),
      sharedHousehold: row.isNull(9) ? null : row.text(9),
    });
  });
  return points;
}

/** Balance meters of these transformers, by id; a transformer may have none, or several that add up. */
export async function balanceMeters(
  client: ClientBase,
  transformerIds: readonly number[],
): Promise<BalanceMeter[]> {
  if (transformerIds.length === 0) return [];
  const { rows } = await client.query<BalanceMeter>(
    `select p.id, p.transformer_id as "transformerId", t.code, p.territory_code as "territoryCode"
     from metering_point p join transformer t on t.id = p.transformer_id
     where p.transformer_id = any ($1) and p.kind = 'transformer' order by p.id`,
    [transformerIds],
  );
  return rows;
}
