/** `npm run check`: everything a change must pass, as one readable list; the output of what failed comes below it. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { exitWith, root, setup } from './setup.mjs';

const bin = (name) => path.join('node_modules', '.bin', name);

/** In the order of how soon they answer. The tests come last and hold the README's commands too. */
const STEPS = [
  { name: 'format', command: bin('prettier'), args: ['--check', '--log-level=warn', '.'] },
  {
    name: 'boundaries',
    command: bin('depcruise'),
    args: ['src', 'migrations', 'web/src', '--output-type', 'err'],
  },
  { name: 'types', command: bin('tsc'), args: ['-p', 'tsconfig.json', '--noEmit'] },
  { name: 'pages', command: bin('tsc'), args: ['-p', 'web/tsconfig.json'] },
  { name: 'lint', command: bin('eslint'), args: ['.', '--max-warnings=0'] },
  { name: 'tests', command: process.execPath, args: [path.join('scripts', 'test.mjs')] },
];

await exitWith(async () => {
  await setup();
  const failures = [];
  for (const step of STEPS) {
    const startedAt = performance.now();
    const { passed, output } = await runStep(step);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${passed ? '✔' : '✘'} ${step.name.padEnd(12)}${seconds.padStart(6)} s`);
    if (!passed) failures.push({ name: step.name, output });
  }
  for (const { name, output } of failures) console.log(`\n── ${name}\n${output.trimEnd()}`);
  return failures.length === 0 ? 0 : 1;
});

function runStep({ command, args }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ passed: code === 0, output: Buffer.concat(chunks).toString() }));
  });
}
