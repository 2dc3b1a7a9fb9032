import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';

const root = path.resolve(import.meta.dirname, '../..');
const text = readFileSync(path.join(root, 'Dockerfile'), 'utf8');

describe('the Dockerfile', () => {
  const dockerfile = DockerfileParser.parse(text);
  const instructions = dockerfile.getInstructions().map((instruction) => ({
    keyword: instruction.getKeyword(),
    value: instruction.getTextContent().replace(/^\w+\s+/, ''),
  }));
  /** Position of the first instruction of that kind whose arguments match; −1 when there is none. */
  const find = (keyword: string, pattern: RegExp, from = 0): number =>
    instructions.findIndex((line, at) => at >= from && line.keyword === keyword && pattern.test(line.value));
  const lastStage = instructions.findLastIndex(({ keyword }) => keyword === 'FROM');

  test('is valid', () => {
    expect(validate(text, {}).map(({ message, range }) => [range.start.line + 1, message])).toEqual([]);
  });

  test('pins every base to a full version of a Node.js that package.json allows', () => {
    const bases = dockerfile.getFROMs().map((from) => from.getImage() ?? '');
    expect(bases).toHaveLength(3);
    for (const base of bases) expect(base).toMatch(/^node:(20\.(19|[2-9]\d)|2[2-9]\.\d+)\.\d+-\w+-slim$/);
  });

  test('copies the lock file before the sources, so that a change of code does not install again', () => {
    const install = find('RUN', /^npm ci/);
    expect(find('COPY', /package-lock\.json/)).toBeLessThan(install);
    expect(find('COPY', /^src /)).toBeGreaterThan(install);
  });

  test('takes no development dependency, source or test into the image', () => {
    expect(find('RUN', /^npm ci .*--omit=dev/)).toBeGreaterThan(0);
    const copied = instructions.slice(lastStage).filter(({ keyword }) => keyword === 'COPY');
    expect(copied.map(({ value }) => value)).toEqual([
      '--from=dependencies /app/node_modules node_modules',
      '--from=build /app/dist dist',
      '--from=build /app/web/dist web/dist',
      'package.json ./',
      'rulebook rulebook',
    ]);
  });

  test('runs as a user without rights, who owns the data and not the code', () => {
    const user = find('USER', /./, lastStage);
    expect(instructions[user]?.value).toMatch(/^(?!root|0\b)\w+$/);
    expect(user).toBeGreaterThan(instructions.findLastIndex(({ keyword }) => keyword === 'COPY'));
    expect(text).not.toMatch(/--chown/);
    expect(find('VOLUME', /^\/data$/, lastStage)).toBeGreaterThan(user);
  });

  test('is watched, and started without a shell, so that SIGTERM reaches node', () => {
    expect(find('HEALTHCHECK', /CMD \["node", "-e", ".*\/readyz/s, lastStage)).toBeGreaterThan(0);
    expect(find('ENTRYPOINT', /^\["node"/, lastStage)).toBeGreaterThan(0);
    expect(find('CMD', /^\["serve"\]$/, lastStage)).toBeGreaterThan(0);
  });

  test('brings in nothing from elsewhere and no secret', () => {
    expect(find('ADD', /./)).toBe(-1);
    for (const { keyword, value } of instructions) {
      if (keyword === 'RUN') expect(value).not.toMatch(/curl|wget|https?:/);
      if (keyword === 'ENV' || keyword === 'ARG') expect(value).not.toMatch(/secret|password|token|key/i);
    }
    expect(readFileSync(path.join(root, '.dockerignore'), 'utf8').split('\n')).toContain('*');
  });

  test('has a health check that is a program node understands', () => {
    const line = instructions[find('HEALTHCHECK', /./)].value;
    const command = JSON.parse(line.slice(line.indexOf('['))) as string[];
    expect(() => new Script(command[2])).not.toThrow();
  });
});
