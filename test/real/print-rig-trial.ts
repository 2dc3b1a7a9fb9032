/** `npm run real-homes [-- FOLDER] [--json]`: prints the table of docs/detection.md, or the trial as one JSON object. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/config.js';
import { openDatabase } from '../../src/database/open-database.js';
import { runRigTrial, trialTable } from './rig-trial.js';

const args = process.argv.slice(2).filter((arg) => arg !== '--json');
const folder = args[0] ?? process.env.SHARED_METER_DATA ?? join('..', 'shared', 'data');
const dataDir = await mkdtemp(join(tmpdir(), 'gridwarden-trial-'));
// Run as root, PostgreSQL is another user and must get through.
await chmod(dataDir, 0o711);
const config = loadConfig({ GRIDWARDEN_DATA_DIR: dataDir });
const database = await openDatabase(config);
try {
  const trial = await runRigTrial(database, config, folder, {
    say: (line) => process.stderr.isTTY && process.stderr.write(`${line}\n`),
  });
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(trial)}\n`);
  else {
    for (const rig of trial.rigs)
      if (rig.foundAfterDays === null || (rig.onsetErrorDays ?? 99) > 1)
        process.stderr.write(`${JSON.stringify(rig)}\n`);
    for (const alarm of trial.falseAlarms) process.stderr.write(`${JSON.stringify(alarm)}\n`);
    process.stdout.write(`${trialTable(trial)}\n`);
  }
} finally {
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
}
