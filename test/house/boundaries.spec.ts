import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../..');

describe('imports', () => {
  test('keep the house rules', () => {
    expect(violations(root)).toEqual([]);
  });
});

describe('the rules bite', () => {
  let found: string[];

  /** Each wrong import with names of its own, so that one run over all of them tells which are seen. */
  const cases: { name: string; files: Record<string, string>; expected: string }[] = [
    {
      name: 'a module importing a later one',
      files: {
        'src/config/later.ts': `import '../detection/one.js';`,
        'src/detection/one.ts': 'export const one = 1;',
      },
      expected: 'config-imports-upwards: src/config/later.ts → src/detection/one.ts',
    },
    {
      name: 'a module importing only a type of a later one',
      files: {
        'src/grid/type.ts': `import type { T } from '../alerts/type.js'; export type A = T;`,
        'src/alerts/type.ts': 'export type T = 1;',
      },
      expected: 'grid-imports-upwards: src/grid/type.ts → src/alerts/type.ts',
    },
    {
      name: 'a module importing the wiring above it',
      files: { 'src/alerts/wiring.ts': `import '../cli.js';`, 'src/cli.ts': 'export const cli = 1;' },
      expected: 'alerts-imports-upwards: src/alerts/wiring.ts → src/cli.ts',
    },
    {
      name: 'a folder nobody put in order',
      files: {
        'src/helpers/stray.ts': `import '../config/known.js';`,
        'src/config/known.ts': 'export const b = 1;',
      },
      expected: 'folder-outside-the-order: src/helpers/stray.ts → src/config/known.ts',
    },
    {
      name: 'a cycle',
      files: {
        'src/grid/hen.ts': `import { egg } from './egg.js'; export const hen = () => egg;`,
        'src/grid/egg.ts': `import { hen } from './hen.js'; export const egg = () => hen;`,
      },
      expected: 'no-cycle: src/grid/egg.ts → src/grid/hen.ts',
    },
    {
      name: 'a decision that reads files',
      files: { 'src/grid/domain/reads.ts': `import { readFileSync } from 'node:fs'; readFileSync('x');` },
      expected: 'domain-without-machinery: src/grid/domain/reads.ts → fs',
    },
    {
      name: 'a decision that asks the repository beside it',
      files: {
        'src/grid/domain/asks.ts': `import '../repository.js';`,
        'src/grid/repository.ts': 'export const b = 1;',
      },
      expected: 'domain-imports-domain-only: src/grid/domain/asks.ts → src/grid/repository.ts',
    },
    {
      name: 'a file that nothing reaches',
      files: { 'src/main.ts': 'export const main = 1;', 'src/grid/dead.ts': 'export const dead = 1;' },
      expected: 'no-unreachable-file: src/grid/dead.ts → src/grid/dead.ts',
    },
    {
      name: 'a page that imports code of the service',
      files: {
        'web/src/pages/a/a.tsx': `import { c } from '../../../../src/config/c.js'; export const a = c;`,
        'src/config/c.ts': 'export const c = 1;',
      },
      expected: 'pages-stand-alone: web/src/pages/a/a.tsx → src/config/c.ts',
    },
    {
      name: 'a page that imports another page',
      files: {
        'web/src/pages/b/b.ts': `import { d } from '../d/d.js'; export const b = d;`,
        'web/src/pages/d/d.ts': 'export const d = 1;',
      },
      expected: 'page-imports-page: web/src/pages/b/b.ts → web/src/pages/d/d.ts',
    },
    {
      name: 'production code importing a test',
      files: {
        'src/grid/helped.ts': `import '../../test/helper.js';`,
        'test/helper.ts': 'export const b = 1;',
      },
      expected: 'no-test-in-production-code: src/grid/helped.ts → test/helper.ts',
    },
  ];

  beforeAll(() => {
    const folder = mkdtempSync(path.join(tmpdir(), 'boundaries-'));
    const tsconfig = { compilerOptions: { module: 'nodenext', moduleResolution: 'nodenext' } };
    write(folder, { 'tsconfig.json': JSON.stringify(tsconfig), 'package.json': '{"type":"module"}' });
    for (const { files } of cases) write(folder, files);
    found = violations(folder);
    rmSync(folder, { recursive: true });
  });

  test.each(cases)('on $name', ({ expected }) => expect(found).toContain(expected));
});

/** `rule: from → to` of every violation that dependency-cruiser reports in `folder` under our rules. */
function violations(folder: string): string[] {
  const run = spawnSync(
    process.execPath,
    [
      path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      ...['--config', path.join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', 'src', 'web/src'],
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
  );
  if (!run.stdout.startsWith('{')) throw new Error(`dependency-cruiser failed: ${run.stderr}`);
  const { summary } = JSON.parse(run.stdout) as {
    summary: { violations: { rule: { name: string }; from: string; to: string }[]; totalCruised: number };
  };
  expect(summary.totalCruised).toBeGreaterThan(0);
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}

function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}
