import type { Queryable } from '../database/queryable.js';
import type { PointView } from './metering-points.schemas.js';

export interface PointFilter {
  /** Null: points of every utility. */
  readonly utilityId: number | null;
  readonly meteringPoint: string | null;
  readonly transformer: string | null;
  readonly territory: string | null;
}

const SELECT = `
  select p.id, u.code as utility, p.external_id as metering_point, p.household, p.territory_code as territory,
    t.code as transformer, p.tariff_category, p.electric_heating, p.contracted_kw, p.declared_load_kw,
    p.declared_purpose,
    i.metering_point_id is not null as has_identity
  from metering_point p join utility u on u.id = p.utility_id left join transformer t on t.id = p.transformer_id
  left join household_identity i on i.metering_point_id = p.id`;

/** At most `limit` households' points with a larger id than `after`, in the order of their ids. */
export async function listPoints(
  db: Queryable,
  filter: PointFilter,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<PointView[]> {
  return db.query<PointView[]>(
    `${SELECT}
     where p.kind = 'household' and p.id > $1
       and ($2::integer is null or p.utility_id = $2)
       and ($3::text is null or p.external_id = $3)
       and ($4::text is null or t.code = $4)
       and ($5::text is null or p.territory_code in (
         select r.code from territory r where r.code = $5 or r.parent_code = $5))
     order by p.id limit $6`,
    [after, filter.utilityId, filter.meteringPoint, filter.transformer, filter.territory, limit],
  );
}

/** Null when there is no such point of a household, or it is another utility's than `utilityId` (null: of any). */
export async function findPoint(
  db: Queryable,
  id: number,
  utilityId: number | null,
): Promise<PointView | null> {
  const [point] = await db.query<PointView[]>(
    `${SELECT} where p.kind = 'household' and p.id = $1 and ($2::integer is null or p.utility_id = $2)`,
    [id, utilityId],
  );
  return point ?? null;
}
