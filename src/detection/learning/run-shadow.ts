import type { ClientBase } from 'pg';
import { dayFromIso } from '../../grid/domain/calendar.js';
import type { Rulebook } from '../../rulebook/domain/rule.js';
import { DEFAULT_SETTINGS } from '../domain/settings.js';
import type { Evidence, Finding, PointFacts, ScoreKind } from '../domain/types.js';
import { TerritorySurroundings } from '../territory-surroundings.js';
import { rejudge, ShadowComparison, type ShadowSummary } from './domain/shadow.js';
import { forThisRelease, weightsVersionIn } from './domain/weight-set.js';
import { knownSets, noteShadowRun, type StoredWeightSet } from './weight-sets.js';

/** With their findings some 20 MB. */
const PAGE_POINTS = 2_000;

interface Row extends PointFacts {
  readonly id: number;
  readonly territory: string;
  readonly asOf: string;
  readonly score: number;
  readonly caseWorthy: boolean;
  readonly kind: ScoreKind;
  readonly findings: Finding[] | null;
  readonly evidence: Evidence[];
  readonly settingsVersion: string;
}

/**
 * Weighs all stored evidence anew with a set and notes that it did: what would change if the set were adopted, without
 * changing anything. Scores without evidence (nothing in the load to explain) have nothing to weigh and stay.
 */
export async function runShadow(
  client: ClientBase,
  set: StoredWeightSet,
  { rulebook, now }: { readonly rulebook: Rulebook; readonly now: Date },
): Promise<ShadowSummary> {
  const sets = await knownSets(client);
  const to = forThisRelease(set);
  const legalAt = await lawOf(client, rulebook);
  const comparison = new ShadowComparison();
  for await (const row of scoredPoints(client)) {
    const from = sets.get(weightsVersionIn(row.settingsVersion));
    const { territory, score, caseWorthy, kind, findings, evidence } = row;
    const legal = legalAt(territory, dayFromIso(row.asOf)! - 1);
    const point = {
      facts: row,
      territory,
      legal,
      score,
      caseWorthy,
      kind,
      findings: findings ?? [],
      evidence,
    };
    comparison.add(
      point,
      from === undefined ? null : rejudge(point, { from, to }, DEFAULT_SETTINGS.judgement),
    );
  }
  const summary = comparison.summary();
  const { differences: _differences, ...counts } = summary;
  await noteShadowRun(client, { version: set.version, at: now, summary: counts });
  return summary;
}

export async function lawOf(client: ClientBase, rulebook: Rulebook): Promise<TerritorySurroundings['legal']> {
  const { rows } = await client.query<{ code: string; parent: string | null }>(
    'select code, parent_code as parent from territory',
  );
  const parents = new Map(rows.map(({ code, parent }) => [code, parent]));
  const surroundings = new TerritorySurroundings({ parents, temperatures: new Map() }, rulebook);
  return (territory, day) => surroundings.legal(territory, day);
}

async function* scoredPoints(client: ClientBase): AsyncGenerator<Row> {
  for (let afterId = 0; ;) {
    const { rows } = await client.query<Row>(
      `select s.metering_point_id as id, p.external_id as "meteringPoint", p.territory_code as territory,
         p.tariff_category as "tariffCategory", p.electric_heating as "electricHeating",
         p.contracted_kw as "contractedKw", p.declared_load_kw as "declaredLoadKw",
         p.declared_purpose as "declaredPurpose", to_char(s.as_of, 'YYYY-MM-DD') as "asOf",
         s.score, s.case_worthy as "caseWorthy", s.kind, s.findings, s.evidence,
         r.settings_version as "settingsVersion"
       from score s
       join metering_point p on p.id = s.metering_point_id and p.kind = 'household'
       join scoring_run r on r.id = s.run_id
       where s.metering_point_id > $1 and s.evidence is not null
       order by s.metering_point_id limit $2`,
      [afterId, PAGE_POINTS],
    );
    yield* rows;
    if (rows.length < PAGE_POINTS) return;
    afterId = rows[rows.length - 1].id;
  }
}
