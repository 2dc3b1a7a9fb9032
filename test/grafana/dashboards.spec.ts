import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { DASHBOARDS } from '../../grafana/source/dashboards.js';
import { projectRoot } from '../../src/config/project-root.js';

const grafana = path.join(projectRoot, 'grafana');
const names = Object.keys(DASHBOARDS).sort();

interface BuiltPanel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr?: string }[];
}
const panelsOf = (name: string) => DASHBOARDS[name].panels as unknown as readonly BuiltPanel[];

it('five dashboards, and no file that no code builds', () => {
  expect(names).toEqual(['detection', 'inspection', 'intake', 'integrity', 'service']);
  expect(readdirSync(path.join(grafana, 'dashboards')).sort()).toEqual(names.map((name) => `${name}.json`));
});

describe.each(names)('%s', (name) => {
  const text = readFileSync(path.join(grafana, 'dashboards', `${name}.json`), 'utf8');

  it('is checked in as the code builds it (scripts/build-dashboards.mjs)', () => {
    expect(text).toBe(`${JSON.stringify(DASHBOARDS[name], null, 2)}\n`);
  });

  it('answers a question, which the README repeats', () => {
    const { description } = DASHBOARDS[name];
    expect(description).toMatch(/\?$/);
    expect(readFileSync(path.join(grafana, 'README.md'), 'utf8')).toContain(
      `${name}.json) | ${description} |`,
    );
  });

  it('says of every panel what it tells', () => {
    const panels = panelsOf(name).filter(({ type }) => type !== 'row');
    expect(panels.length).toBeGreaterThan(4);
    for (const { title, description, targets } of panels)
      expect({ title, description, targets: targets?.length }).toEqual({
        title: expect.stringMatching(/^[A-Z]/),
        description: expect.stringMatching(/\.$/),
        targets: expect.any(Number),
      });
  });

  it('has no panels that overlap or leave the page', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panelsOf(name)) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect({ at: `${x},${y}`, title, also: taken.get(`${x},${y}`) }).toMatchObject({ also: undefined });
          taken.set(`${x},${y}`, title);
        }
    }
  });

  it('is what @grafana/schema says a dashboard is', () => {
    expect(typeErrors(text)).toEqual([]);
  });

  it('asks only for metrics that the code exports', () => {
    const exported = exportedNames();
    const asked = panelsOf(name)
      .flatMap(({ targets = [] }) => targets)
      .flatMap(({ expr }) => expr?.match(/\bgridwarden[_:][\w:]+/g) ?? []);
    expect(asked.length).toBeGreaterThan(3);
    const unknown = asked.filter(
      (metric) => !exported.has(metric) && !exported.has(metric.replace(/_(bucket|sum|count)$/, '')),
    );
    expect(unknown).toEqual([]);
  });
});

it('the type check bites', () => {
  const [name] = names;
  const broken = JSON.stringify({ ...DASHBOARDS[name], graphTooltip: 'crosshair', panels: [{ title: 7 }] });
  expect(typeErrors(broken).join(' ')).toMatch(/is not assignable/);
});

it('the provisioning names what is there', () => {
  const provisioning = readdirSync(path.join(grafana, 'provisioning'), { recursive: true, encoding: 'utf8' });
  expect(provisioning.filter((file) => file.endsWith('.yaml')).sort()).toEqual([
    'alerting/gridwarden.yaml',
    'dashboards/gridwarden.yaml',
    'datasources/gridwarden.yaml',
  ]);
  expect(existsSync(path.join(projectRoot, 'docs/runbook.md'))).toBe(true);
});

/** Names of our own metrics, and of the rules' recorded series. */
function exportedNames(): Set<string> {
  const src = path.join(projectRoot, 'src');
  const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.metrics\.ts$|metrics\/registry\.ts$/.test(file))
    .map((file) => readFileSync(path.join(src, file), 'utf8'));
  const rules = readFileSync(path.join(grafana, 'prometheus/rules.yml'), 'utf8');
  return new Set([
    ...sources.flatMap((source) => [...source.matchAll(/name: '(gridwarden_\w+)'/g)].map(([, name]) => name)),
    ...[...rules.matchAll(/- record: (\S+)/g)].map(([, name]) => name),
  ]);
}

/**
 * What the compiler says against the JSON as a dashboard of Grafana's own types. JSON has no enums: where the types have
 * one, its values are meant.
 */
function typeErrors(json: string): string[] {
  const file = path.join(projectRoot, 'test/grafana/dashboard-in-memory.ts');
  const text = `import type { Dashboard } from '@grafana/schema';
    type Plain<T> = T extends string ? \`\${T}\` : T extends number ? T | (\`\${T}\` extends \`\${infer N extends number}\` ? N : never)
      : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
    export const dashboard: Plain<Dashboard> = ${json};`;
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2023) : getSourceFile(name, ...rest);
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, '\n').split('\n').slice(0, 6).join(' '),
    );
}
