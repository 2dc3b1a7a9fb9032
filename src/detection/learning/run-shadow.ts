import type { ClientBase } from 'pg';
import type { Rulebook } from '../../rulebook/domain/rule.js';
import { caseScoreInForce, withCaseScore } from '../case-threshold.js';
import { DEFAULT_SETTINGS } from '../domain/settings.js';
import { scoredPoints } from '../scored-points.js';
import { rejudge, ShadowComparison, type ShadowSummary } from './domain/shadow.js';
import { forThisRelease, weightsVersionIn } from './domain/weight-set.js';
import { knownSets, noteShadowRun, type StoredWeightSet } from './weight-sets.js';

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
  const { judgement } = withCaseScore(DEFAULT_SETTINGS, await caseScoreInForce(client));
  const comparison = new ShadowComparison();
  for await (const point of scoredPoints(client, rulebook)) {
    const from = sets.get(weightsVersionIn(point.settingsVersion));
    comparison.add(point, from === undefined ? null : rejudge(point, { from, to }, judgement));
  }
  const summary = comparison.summary();
  const { differences: _differences, ...counts } = summary;
  await noteShadowRun(client, { version: set.version, at: now, summary: counts });
  return summary;
}
