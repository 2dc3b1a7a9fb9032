import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../src/config/project-root.js';

interface Assembly {
  readonly TARGET: string;
  readonly compiled: () => Promise<string>;
}

test('the compiled order statistics are those of their source (npm run assembly)', async () => {
  const script = pathToFileURL(path.join(projectRoot, 'scripts/assembly.mjs')).href;
  const { TARGET, compiled } = (await import(script)) as Assembly;
  expect(await readFile(TARGET, 'utf8')).toBe(await compiled());
});
