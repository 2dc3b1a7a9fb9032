/** `npm run real-homes`: prints the table of docs/detection.md. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/config.js';
import { openDatabase } from '../../src/database/open-database.js';
import { runRigTrial, trialTable } from './rig-trial.js';

const folder = process.argv[2] ?? process.env.SHARED_METER_DATA ?? join('..', 'shared', 'data');
const dataDir = await mkdtemp(join(tmpdir(), 'gridwarden-trial-'));
const config = loadConfig({ GRIDWARDEN_DATA_DIR: dataDir });
const database = await openDatabase(config);
try {
  const trial = await runRigTrial(database, config, folder, { say: (line) => console.error(line) });
  for (const rig of trial.rigs.filter(
    ({ foundAfterDays, onsetErrorDays }) => foundAfterDays === null || (onsetErrorDays ?? 99) > 1,
  ))
    console.error(rig);
  for (const alarm of trial.falseAlarms) console.error(alarm);
  console.log(trialTable(trial));
} finally {
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
}
