import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { settingsFacts } from '../../src/config/config.js';
import { projectRoot } from '../../src/config/project-root.js';

const FILE = path.join(projectRoot, 'docs', 'settings.md');
const HEAD = `# Settings

Every setting is a variable of the environment, parsed once at the start; an unknown \`GRIDWARDEN_…\` or a wrong value stops the start
with one sentence. An empty variable counts as not set. A secret may lie in a file instead: \`DATABASE_URL_FILE=/run/secrets/…\`.

This page is made from \`src/config/config.ts\` (\`UPDATE_DOCS=1 npm run jest -- test/house/settings\`).

`;

test('docs/settings.md says what the schema says', () => {
  const page = HEAD + settingsFacts().map(section).join('\n');
  if (process.env.UPDATE_DOCS) writeFileSync(FILE, page);
  expect(readFileSync(FILE, 'utf8')).toBe(page);
});

test('every setting is explained where it is declared', () => {
  const unexplained = settingsFacts().filter(({ name }) => !comments().has(name));
  expect(unexplained.map(({ name }) => name)).toEqual([]);
});

function section({
  name,
  variable,
  byDefault,
  allowed,
  isSecret,
}: ReturnType<typeof settingsFacts>[number]): string {
  const shown = byDefault?.replace(`${projectRoot}${path.sep}`, '');
  const facts = [
    shown === undefined || shown === '' ? 'not set by default' : `default \`${shown}\``,
    ...(allowed === null || /^Invalid/.test(allowed) ? [] : [`allowed: ${allowed.replaceAll('*', '\\*')}`]),
    ...(isSecret ? [`a secret, also as \`${variable}_FILE\``] : []),
  ];
  return `## ${variable}\n\n${(comments().get(name) ?? '').replace(/\b([Nn])ull: /g, '$1ot set: ')}\n\n${facts.map((fact) => `- ${fact}\n`).join('')}`;
}

let found: Map<string, string> | null = null;

/** The comment before each property of SETTINGS. */
function comments(): Map<string, string> {
  if (found !== null) return found;
  found = new Map();
  const file = path.join(projectRoot, 'src', 'config', 'config.ts');
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);
  const collect = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isObjectLiteralExpression(node.initializer)) {
      const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
      if (comment) found!.set(node.name.getText(), ts.getTextOfJSDocComment(comment.comment) ?? '');
    }
    ts.forEachChild(node, collect);
  };
  collect(source);
  return found;
}
