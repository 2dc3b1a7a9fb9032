import type { ClientBase } from 'pg';
import { dayFromIso } from '../grid/domain/calendar.js';
import type { Rulebook } from '../rulebook/domain/rule.js';
import type { PointFacts } from './domain/types.js';
import type { ScoredPoint } from './learning/domain/shadow.js';
import { TerritorySurroundings } from './territory-surroundings.js';

/** With their findings some 20 MB. */
const PAGE_POINTS = 2_000;

interface Row extends PointFacts, Omit<ScoredPoint, 'facts' | 'legal'> {
  readonly id: number;
  readonly asOf: string;
  readonly settingsVersion: string;
}

export interface StoredScore extends ScoredPoint {
  /** Of the run that made it. */
  readonly settingsVersion: string;
}

/**
 * Households' stored scores with what a verdict needs, in pages; those without evidence (nothing in the load to explain) are
 * left out.
 *
 * @param between the lowest score, and the one that is too high
 */
export async function* scoredPoints(
  client: Pick<ClientBase, 'query'>,
  rulebook: Rulebook,
  [from, below]: readonly [number, number] = [0, Infinity],
): AsyncGenerator<StoredScore> {
  const law = await TerritorySurroundings.ofLaw(client, rulebook);
  for (let afterId = 0; ;) {
    const { rows } = await client.query<Row>(
      `select s.metering_point_id as id, p.external_id as "meteringPoint", p.territory_code as territory,
         p.tariff_category as "tariffCategory", p.electric_heating as "electricHeating",
         p.contracted_kw as "contractedKw", p.declared_load_kw as "declaredLoadKw",
         p.declared_purpose as "declaredPurpose", to_char(s.as_of, 'YYYY-MM-DD') as "asOf",
         s.score, s.case_worthy as "caseWorthy", s.kind, coalesce(s.findings, '[]') as findings, s.evidence,
         r.settings_version as "settingsVersion"
       from score s
       join metering_point p on p.id = s.metering_point_id and p.kind = 'household'
       join scoring_run r on r.id = s.run_id
       where s.metering_point_id > $1 and s.evidence is not null and s.score >= $2 and s.score < $3
       order by s.metering_point_id limit $4`,
      [afterId, from, below, PAGE_POINTS],
    );
    for (const row of rows)
      yield { ...row, facts: row, legal: law.legal(row.territory, dayFromIso(row.asOf)! - 1) };
    if (rows.length < PAGE_POINTS) return;
    afterId = rows[rows.length - 1].id;
  }
}
