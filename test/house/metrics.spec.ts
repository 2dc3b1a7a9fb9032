import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const src = path.resolve(import.meta.dirname, '../../src');

test('every module’s metrics class is on the registry', () => {
  const wiring = readFileSync(path.join(src, 'metrics/metrics.module.ts'), 'utf8');
  const [, sources] = /const SOURCES = \[([^\]]+)\]/.exec(wiring)!;
  const classes = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.metrics.ts'))
    .map((name) => /export class (\w+)/.exec(readFileSync(path.join(src, name), 'utf8'))![1]);
  expect(classes.length).toBeGreaterThan(3);
  expect(sources.match(/\w+/g)!.sort()).toEqual(classes.sort());
});
