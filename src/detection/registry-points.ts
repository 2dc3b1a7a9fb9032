import type { ClientBase } from 'pg';
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

/** The household metering points of `ids`, in that order. */
export async function registryPoints(client: ClientBase, ids: Ids): Promise<RegistryPoint[]> {
  const { rows } = await client.query<RegistryPoint>(
    `select p.id, p.external_id as "meteringPoint", p.territory_code as "territoryCode",
       p.tariff_category as "tariffCategory", p.electric_heating as "electricHeating",
       p.contracted_kw as "contractedKw", p.declared_load_kw as "declaredLoadKw",
       p.declared_purpose as "declaredPurpose", p.transformer_id as "transformerId",
       case when p.household is not null and exists (
         select from metering_point o where o.utility_id = p.utility_id and o.household = p.household
         and o.kind = 'household' and o.id <> p.id) then p.utility_id || ' ' || p.household end as "sharedHousehold"
     from metering_point p where p.id = any ($1) order by p.id`,
    [Array.from(ids)],
  );
  return rows;
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
