/**
 * `npm run torture [-- JEST ARGUMENTS]`: the tests that take a number of trials, with many more of them than in the suite.
 * TAMPERINGS (10,000) and TAMPERING_SEED, APP_KILLS (1,000), DATABASE_KILLS (300) and KILL_SEED change how many and which.
 * `npm run torture -- pages [TIMES] [JEST ARGUMENTS]`: what people do in the browser, from sign-in to dossier, TIMES (20)
 * times in a row; the first failure ends it.
 * `npm run fuzz`: FUZZ_CASES (ten million) broken files from FUZZ_SEED on.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { exitWith, root, say } from './setup.mjs';

const HARD = [
  'test/audit/tampering.spec.ts',
  'test/cases/cases-api.spec.ts',
  'test/uploads/kill.spec.ts',
  'test/uploads/disk-full.spec.ts',
];
const PAGES = ['shell', 'case', 'work-pages'].map((name) => `test/web/${name}.spec.ts`);
/** Flows alone: what axe finds, and how pages look, does not change from one time to the next. */
const FLOWS = ['--testNamePattern', '^(?!.*axe finds nothing)'];

await exitWith(() => {
  const [mode, ...rest] = process.argv.slice(2);
  if (mode === 'fuzz') return test(['test/uploads/fuzz', ...rest], { FUZZ_CASES: '10000000' });
  if (mode === 'pages') return repeat(rest);
  const numbers = { TAMPERINGS: '10000', APP_KILLS: '1000', DATABASE_KILLS: '300', DISK_FULL: '1' };
  return test([...HARD, ...process.argv.slice(2)], numbers);
});

async function repeat(args) {
  const isNumber = /^\d+$/.test(args[0] ?? '');
  const times = isNumber ? Number(args[0]) : 20;
  for (let time = 1; time <= times; time++) {
    const code = await test([...PAGES, ...FLOWS, ...args.slice(isNumber ? 1 : 0)]);
    say(`flows, time ${time} of ${times}: ${code === 0 ? 'all pass' : 'failed'}`);
    if (code !== 0) return code;
  }
  return 0;
}

/** Jest's exit code; 1 when a signal ended it. */
function test(args, numbers = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join('scripts', 'test.mjs'), ...args], {
      cwd: root,
      stdio: 'inherit',
      env: { ...numbers, ...process.env },
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
