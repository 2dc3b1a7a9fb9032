import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildProgram, COMMANDS } from '../../src/cli.js';

/** A command in a document that does not exist any more is the first thing a newcomer meets. */
const root = path.resolve(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const documents = ['README.md', ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md') && existsSync(path.join(root, name)),
);

test('README.md is there', () => expect(documents).toContain('README.md'));

for (const name of documents) {
  const text = readFileSync(path.join(root, name), 'utf8');
  const commands = shellCommands(text);

  describe(name, () => {
    for (const command of commands.filter((one) => /^npm (run |test\b)/.test(one))) {
      test(`${command}: there is such a script`, () => {
        expect(Object.keys(scripts)).toContain(/^npm (?:run )?([\w:-]+)/.exec(command)![1]);
      });
    }

    for (const args of commands.flatMap((command) => ourArguments(command) ?? [])) {
      test(`gridwarden ${args.join(' ')}: there is such a command, with these options`, async () => {
        const program = await buildProgram(args);
        const command = program.commands.find((one) => one.name() === args[0]);
        expect(command !== undefined || args[0].startsWith('-') || args[0] === 'help').toBe(true);
        // `audit verify`: the options are those of the command below.
        const below = command?.commands.find((one) => one.name() === args[1]);
        const known = (below ?? command ?? program).options.flatMap((option) => [option.long, option.short]);
        for (const arg of args.slice(below ? 2 : 1)) {
          if (arg.startsWith('-')) expect([...known, '-h', '--help']).toContain(arg.split('=')[0]);
        }
      });
    }

    test('links to files that are there', () => {
      const targets = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(([, target]) => target);
      const missing = targets.filter((target) => !existsSync(path.resolve(root, path.dirname(name), target)));
      expect(missing).toEqual([]);
    });
  });
}

test('every command has a name that a document can use', () => {
  expect(Object.keys(COMMANDS)).toEqual(
    expect.arrayContaining(['serve', 'demo', 'ingest', 'score', 'alerts']),
  );
});

/** Commands of the document's shell blocks, one a line, without prompt, comment and continuation. */
function shellCommands(text: string): string[] {
  return [...text.matchAll(/^```(?:sh|bash|shell|console)\n([\s\S]*?)^```/gm)]
    .flatMap(([, block]) => block.replaceAll(/\\\n\s*/g, ' ').split('\n'))
    .map((line) =>
      line
        .replace(/^\$ /, '')
        .replace(/\s+#.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** What follows `gridwarden` in a command, up to a pipe or redirection; null when it is not ours. */
function ourArguments(command: string): string[][] | null {
  const match =
    /(?:^|\| )(?:npx gridwarden|gridwarden|npm run (gridwarden|demo|simulate) --) ([^|>&;]+)/.exec(command);
  if (!match) return null;
  const [, script, rest] = match;
  const args = rest.trim().split(/\s+/);
  return [script === 'demo' || script === 'simulate' ? [script, ...args] : args];
}
