/**
 * `npm run torture [-- JEST ARGUMENTS]`: the tests that take a number of trials, with many more of them than in the suite.
 * TAMPERINGS (10,000) and TAMPERING_SEED change how many and which.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { exitWith, root } from './setup.mjs';

const SPECS = ['test/audit/tampering.spec.ts'];

await exitWith(
  () =>
    new Promise((resolve, reject) => {
      const child = spawn(
        process.execPath,
        [path.join('scripts', 'test.mjs'), ...SPECS, ...process.argv.slice(2)],
        { cwd: root, stdio: 'inherit', env: { TAMPERINGS: '10000', ...process.env } },
      );
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? 1));
    }),
);
