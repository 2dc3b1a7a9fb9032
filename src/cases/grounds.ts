import type { ClientBase } from 'pg';
import type { Evidence } from '../detection/domain/types.js';
import { leadingAlert, type FiringAlert } from './domain/case-alerts.js';
import type { Grounds } from './domain/reopening.js';

/** A metering point with the alerts that fire for it, as cases need it. */
export interface PointGrounds {
  readonly meteringPointId: number;
  readonly utilityId: number;
  readonly territory: string;
  readonly transformerId: number | null;
  readonly names: readonly string[];
  readonly firing: readonly FiringAlert[];
  readonly current: Grounds;
}

/** A month of which less than this is read says too little of its pace. */
const LEAST_MONTH_SHARE = 0.2;
/** Of a mean month (8,766 h a year). */
const MONTH_HOURS = 730.5;

type Row = Omit<PointGrounds, 'current' | 'firing'> & {
  readonly monthKwh: number | null;
  readonly firing: readonly (FiringAlert & { readonly evidence: readonly Evidence[] })[];
};

/** What each of the metering points is suspected of now; a point that nothing fires for has no firing alerts. */
export async function readGrounds(
  client: ClientBase,
  meteringPointIds: readonly number[],
): Promise<PointGrounds[]> {
  const { rows } = await client.query<Row>(
    `with judged as (
       select distinct on (metering_point_id) metering_point_id, metered_kwh * intervals_expected / intervals_present as kwh
       from quota_judgement
       where metering_point_id = any ($1) and intervals_present >= ${LEAST_MONTH_SHARE} * intervals_expected
       order by metering_point_id, month desc)
     select p.id as "meteringPointId", p.utility_id as "utilityId", p.territory_code as territory,
       p.transformer_id as "transformerId", array_remove(array[p.external_id, p.household, t.code], null) as names,
       coalesce(j.kwh, b.hidden_kw * ${MONTH_HOURS}) as "monthKwh", a.firing
     from metering_point p
     left join transformer t on t.id = p.transformer_id
     left join transformer_balance b on b.metering_point_id = p.id
     left join judged j on j.metering_point_id = p.id
     cross join lateral (
       select coalesce(jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'score', score,
         'since', to_char(since, 'YYYY-MM-DD'), 'evidence', evidence) order by id), '[]') as firing
       from alert where metering_point_id = p.id and state = 'firing') a
     where p.id = any ($1) order by p.id`,
    [meteringPointIds],
  );
  return rows.map(({ monthKwh, firing, ...point }) => {
    const leading = leadingAlert(firing);
    const current = { score: leading?.score ?? 0, monthKwh, detectors: speakingFor(leading?.evidence ?? []) };
    return { ...point, firing: firing.map(({ evidence: _, ...alert }) => alert), current };
  });
}

/** Detectors that speak for mining; the place speaks for everybody in it. */
function speakingFor(evidence: readonly Evidence[]): Record<string, number> {
  return Object.fromEntries(
    evidence
      .filter(({ kind, logOdds }) => kind !== 'context' && logOdds > 0)
      .map(({ detector, logOdds }) => [detector, logOdds]),
  );
}
