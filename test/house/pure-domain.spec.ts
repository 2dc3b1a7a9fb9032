import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

/**
 * What import rules can't see: globals that bring the clock, randomness, the environment or the outside world into a
 * decision. Read from the syntax tree, so that comments and strings may name them.
 */
const src = path.resolve(import.meta.dirname, '../../src');

const FORBIDDEN_MEMBERS = new Set(['Date.now', 'Math.random', 'performance.now', 'crypto.getRandomValues']);
const FORBIDDEN_NAMES = new Set([
  ...['process', 'performance', 'crypto', 'fetch', 'console', 'globalThis', 'require'],
  ...['randomBytes', 'randomFillSync', 'randomInt', 'randomUUID', 'webcrypto'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
]);

describe('domain/', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /(^|\/)domain\/.*\.ts$/.test(name) && !name.endsWith('.spec.ts'),
  );

  test('is found', () => expect(files.length).toBeGreaterThan(5));

  test.each(files)('%s asks no clock, chance or environment', (name) => {
    expect(impurities(readFileSync(path.join(src, name), 'utf8'))).toEqual([]);
  });
});

test.each([
  ['const t = Date.now();', ['1: Date.now']],
  ['const t = new Date();', ['1: new Date()']],
  ['const t = Date();', ['1: Date()']],
  ['const day = new Date(86_400_000 * 3).toISOString();', []],
  ['let x = 1;\nx += Math.random();', ['2: Math.random']],
  ['const home = process.env.HOME;', ['1: process']],
  ['const { now } = performance;', ['1: performance']],
  [`import { createHash } from 'node:crypto'; createHash('sha256');`, []],
  [`import { randomUUID } from 'node:crypto';`, ['1: randomUUID']],
  ['// process.env is not read here\nconst text = "Date.now";', []],
  ['const facts = { process: 1 }; facts.process;', []],
  ['const today = Temporal.Now.plainDateISO();', ['1: Temporal.Now']],
])('%j has %j', (code, expected) => {
  expect(impurities(code)).toEqual(expected);
});

/** `line: what` for everything in `code` that a decision may not use. */
function impurities(code: string): string[] {
  const file = ts.createSourceFile('domain.ts', code, ts.ScriptTarget.ES2023, true);
  const found: string[] = [];
  visit(file);
  return found;

  function visit(node: ts.Node): void {
    const what = impurityOf(node);
    if (what) found.push(`${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${what}`);
    else ts.forEachChild(node, visit);
  }
}

function impurityOf(node: ts.Node): string | null {
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText();
    return FORBIDDEN_MEMBERS.has(text) || text === 'Temporal.Now' ? text : null;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
    return 'new Date()';
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
  if (ts.isIdentifier(node) && FORBIDDEN_NAMES.has(node.text) && !isOnlyAName(node)) return node.text;
  return null;
}

/** `x.process`, `{ process: 1 }` and `process: string` name something of their own. */
function isOnlyAName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent)) &&
      parent.name === node)
  );
}
