import path from 'node:path';
import { followAlerts } from '../../src/cases/follow-alerts.js';
import { updateAlerts } from '../../src/alerts/update-alerts.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { simulateRegion } from '../../src/simulation/simulate-region.js';
import type { TestService } from '../support/http-app.js';

/** Whose region it is. */
export const UTILITY = 'irkutsk';

/** A small simulated region with more miners than life has, so that pages have something to show. */
export async function smallRegion({ config }: Pick<TestService, 'config'>): Promise<{
  readonly registry: string;
  readonly others: readonly string[];
  readonly transformers: string;
}> {
  const outDir = path.join(config.dataDir, 'region');
  await simulateRegion({ points: 80, days: 62, seed: 11, outDir, layout: 'wide', minerShare: 0.12 });
  const file = (name: string) => path.join(outDir, name);
  return {
    registry: file('registry.csv'),
    others: ['readings_wide.csv', 'weather.csv'].map(file),
    transformers: file('transformer_readings.csv'),
  };
}

/** What a scoring round does, at once. */
export async function scoreNow({
  database,
  config,
}: Pick<TestService, 'database' | 'config'>): Promise<void> {
  const now = new Date();
  const summary = await scorePoints(database, { rulebook: loadRulebook(config.rulebookFile), now });
  await updateAlerts(database, summary!.runId, now, followAlerts);
}
