import type { ClientBase } from 'pg';
import type { PointFacts } from './domain/types.js';

/** A household metering point as the scorer needs it. */
export interface RegistryPoint extends PointFacts {
  readonly id: number;
  readonly territoryCode: string;
  /** The household owns other metering points too, so its quota is counted over all of them. */
  readonly sharesHousehold: boolean;
}

/** Which metering points a run scores: all, or those in the run's `scoring_target`. */
export type PointSelection = 'all' | 'targets';

/**
 * Household metering points after `afterId`, ascending, at most `limit`: one page of the walk through the registry.
 * Points that come later with a smaller id can't be, ids only grow.
 */
export async function nextPoints(
  client: ClientBase,
  selection: PointSelection,
  afterId: number,
  limit: number,
): Promise<RegistryPoint[]> {
  const targets = selection === 'targets' ? 'join scoring_target using (id)' : '';
  const { rows } = await client.query<RegistryPoint>(
    `select p.id, p.external_id as "meteringPoint", p.territory_code as "territoryCode",
       p.tariff_category as "tariffCategory", p.electric_heating as "electricHeating",
       p.contracted_kw as "contractedKw", p.declared_load_kw as "declaredLoadKw",
       p.declared_purpose as "declaredPurpose",
       p.household is not null and exists (
         select from metering_point o where o.utility_id = p.utility_id and o.household = p.household
         and o.kind = 'household' and o.id <> p.id) as "sharesHousehold"
     from metering_point p ${targets}
     where p.kind = 'household' and p.id > $1 order by p.id limit $2`,
    [afterId, limit],
  );
  return rows;
}

/** How many points {@link nextPoints} will walk through. */
export async function countPoints(client: ClientBase, selection: PointSelection): Promise<number> {
  const targets = selection === 'targets' ? 'join scoring_target using (id)' : '';
  const { rows } = await client.query<{ points: number }>(
    `select count(*)::int as points from metering_point p ${targets} where p.kind = 'household'`,
  );
  return rows[0].points;
}
