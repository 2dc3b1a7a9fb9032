/**
 * `npm run torture [-- JEST ARGUMENTS]`: the tests that take a number of trials, with many more of them than in the suite.
 * TAMPERINGS (10,000) and TAMPERING_SEED, APP_KILLS (1,000), DATABASE_KILLS (300) and KILL_SEED change how many and which.
 * `npm run fuzz`: FUZZ_CASES (ten million) broken files from FUZZ_SEED on.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { exitWith, root } from './setup.mjs';

const isFuzz = process.argv[2] === 'fuzz';
const specs = isFuzz
  ? ['test/uploads/fuzz']
  : [
      'test/audit/tampering.spec.ts',
      'test/cases/cases-api.spec.ts',
      'test/uploads/kill.spec.ts',
      'test/uploads/disk-full.spec.ts',
    ];
const numbers = isFuzz
  ? { FUZZ_CASES: '10000000' }
  : { TAMPERINGS: '10000', APP_KILLS: '1000', DATABASE_KILLS: '300', DISK_FULL: '1' };
const rest = process.argv.slice(isFuzz ? 3 : 2);

await exitWith(
  () =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [path.join('scripts', 'test.mjs'), ...specs, ...rest], {
        cwd: root,
        stdio: 'inherit',
        env: { ...numbers, ...process.env },
      });
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? 1));
    }),
);
