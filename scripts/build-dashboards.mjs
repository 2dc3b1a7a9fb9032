/**
 * Writes grafana/dashboards/*.json from grafana/source; test/grafana/dashboards.spec.ts says when that was forgotten.
 * `node --no-warnings --import ./test/support/typescript.mjs scripts/build-dashboards.mjs`
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DASHBOARDS } from '../grafana/source/dashboards.ts';
import { root } from './setup.mjs';

for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
  const file = path.join(root, 'grafana', 'dashboards', `${name}.json`);
  writeFileSync(file, `${JSON.stringify(dashboard, null, 2)}\n`);
}
