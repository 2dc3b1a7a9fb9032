import { expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';

it('the sizing table of docs/scale-out.md is what scripts/sizing.mjs works out', () => {
  const table = execFileSync(process.execPath, [path.join(projectRoot, 'scripts', 'sizing.mjs')], {
    encoding: 'utf8',
  });
  expect(table.split('\n').length).toBeGreaterThan(5);
  expect(readFileSync(path.join(projectRoot, 'docs', 'scale-out.md'), 'utf8')).toContain(table.trim());
});
