import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../..');
const setupFile = pathToFileURL(path.join(root, 'scripts/setup.mjs')).href;

interface Setup {
  refuseOldNode(version: string): void;
  isInstalled(folder: string): boolean;
  isBuilt(folder: string): boolean;
  sourceDigest(folder: string): string;
}
const { refuseOldNode, isInstalled, isBuilt, sourceDigest } = (await import(setupFile)) as Setup;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'setup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['18.20.4', false],
  ['20.18.3', false],
  ['20.19.0', true],
  ['22.0.0', true],
])('Node.js %s is new enough: %s', (version, enough) => {
  if (enough) expect(() => refuseOldNode(version)).not.toThrow();
  else
    expect(() => refuseOldNode(version)).toThrow(
      `Gridwarden needs Node.js 20.19 or newer; this is ${version}.`,
    );
});

describe('dependencies are installed', () => {
  const wanted = {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.2.3' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  };

  const cases: { name: string; present: object | null; installed: boolean }[] = [
    { name: 'no node_modules', present: null, installed: false },
    { name: 'an install that did not end', present: {}, installed: false },
    { name: 'another version', present: { 'node_modules/a': { version: '1.2.2' } }, installed: false },
    {
      name: 'another version of an optional package',
      present: {
        'node_modules/a': { version: '1.2.3' },
        'node_modules/other-platform': { version: '0.9.0' },
      },
      installed: false,
    },
    {
      name: 'what the lock file says, without the other platforms',
      present: { 'node_modules/a': { version: '1.2.3' } },
      installed: true,
    },
  ];

  test.each(cases)('$name: $installed', ({ present, installed }) => {
    write('package-lock.json', JSON.stringify({ packages: wanted }));
    if (present) write('node_modules/.package-lock.json', JSON.stringify({ packages: present }));
    expect(isInstalled(folder)).toBe(installed);
  });

  test('in the folder these tests run in', () => expect(isInstalled(root)).toBe(true));
});

describe('the build is current', () => {
  beforeEach(() => {
    for (const name of ['package-lock.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json'])
      write(name, '{}');
    write('migrations/1.ts', 'one');
    write('src/a.ts', 'a');
    write('src/grid/b.ts', 'b');
    for (const name of ['index.html', 'public/icon.svg', 'src/main.tsx', 'tsconfig.json', 'vite.config.js'])
      write(`web/${name}`, 'web');
    write('web/dist/index.html', 'built');
    write('dist/.built-from', sourceDigest(folder));
  });

  test('until something changes', () => expect(isBuilt(folder)).toBe(true));

  const changes: { name: string; change: () => void; current: boolean }[] = [
    { name: 'a changed source', change: () => write('src/grid/b.ts', 'bb'), current: false },
    { name: 'a new source', change: () => write('src/grid/c.ts', 'c'), current: false },
    { name: 'a removed source', change: () => rmSync(path.join(folder, 'src/a.ts')), current: false },
    {
      name: 'an older source put back',
      change: () => utimesSync(path.join(folder, 'src/a.ts'), 1_000_000, 1_000_000),
      current: false,
    },
    { name: 'a changed setting', change: () => write('tsconfig.json', '{ }'), current: false },
    { name: 'no dist', change: () => rmSync(path.join(folder, 'dist'), { recursive: true }), current: false },
    { name: 'a changed page', change: () => write('web/src/main.tsx', 'other'), current: false },
    { name: 'no pages', change: () => rmSync(path.join(folder, 'web/dist/index.html')), current: false },
    { name: 'a test', change: () => write('src/a.spec.ts', 'test'), current: true },
    { name: 'a page of documentation', change: () => write('docs/a.md', 'text'), current: true },
  ];
  test.each(changes)('after $name: $current', ({ change, current }) => {
    change();
    expect(isBuilt(folder)).toBe(current);
  });
});

describe('two set-ups at once', () => {
  test('take turns', async () => {
    await Promise.all([lockedJob('a'), lockedJob('b'), lockedJob('c')]);
    const lines = readFileSync(path.join(folder, 'log'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(6);
    for (let at = 0; at < 6; at += 2) expect(lines[at + 1]).toBe(lines[at].replace('begins', 'ends'));
  });

  test('do not wait for one that died', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    write('.gridwarden/setup.lock', String(dead));
    await lockedJob('a');
    expect(readFileSync(path.join(folder, 'log'), 'utf8')).toBe('a begins\na ends\n');
  });

  /** A process that holds the lock for 150 ms and logs when. */
  function lockedJob(name: string): Promise<void> {
    const code = `
      import { appendFileSync } from 'node:fs';
      import { withLock } from ${JSON.stringify(setupFile)};
      const log = (text) => appendFileSync('log', '${name} ' + text + '\\n');
      await withLock('.gridwarden/setup.lock', async () => {
        log('begins');
        await new Promise((resolve) => setTimeout(resolve, 150));
        log('ends');
      });`;
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
        cwd: folder,
        stdio: 'ignore',
      });
      child.on('error', reject);
      child.on('close', (exit) => (exit === 0 ? resolve() : reject(new Error(`exit ${exit}`))));
    });
  }
});

describe('.ci/run', () => {
  const results = {
    numPassedTests: 7,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 0,
  };

  const cases: { name: string; results: object | null; npmExit: number; status: number; lastLine: string }[] =
    [
      { name: 'all passed', results, npmExit: 0, status: 0, lastLine: '7 passed, 0 failed' },
      {
        name: 'some failed, some were skipped',
        results: { ...results, numFailedTests: 2, numPendingTests: 3, numTodoTests: 1 },
        npmExit: 1,
        status: 1,
        lastLine: '7 passed, 2 failed, 4 skipped',
      },
      {
        name: 'a file that did not load counts as failed',
        results: { ...results, numRuntimeErrorTestSuites: 1 },
        npmExit: 1,
        status: 1,
        lastLine: '7 passed, 1 failed',
      },
      {
        name: 'a crash before the first test counts nothing',
        results: null,
        npmExit: 3,
        status: 3,
        lastLine: 'npm spoke',
      },
    ];

  test.each(cases)('$name', ({ results: written, npmExit, status, lastLine }) => {
    write('results.json', JSON.stringify(written));
    write(
      'npm',
      `#!/bin/sh\necho npm spoke\n[ -z "${written ? 'yes' : ''}" ] || cp '${folder}/results.json' "\${4#--outputFile=}"\nexit ${npmExit}\n`,
    );
    chmodSync(path.join(folder, 'npm'), 0o755);
    const run = spawnSync('bash', [path.join(root, '.ci/run')], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    });
    expect(run.stdout.trimEnd().split('\n').at(-1)).toBe(lastLine);
    expect(run.status).toBe(status);
  });
});

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}
