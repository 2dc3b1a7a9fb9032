import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { projectRoot } from '../../src/config/project-root.js';

/** A piece of SQL in the source, with constants of the same file filled in; `?` where something is only known at run time. */
export interface SqlText {
  readonly file: string;
  readonly line: number;
  readonly sql: string;
}

/** Every string in src that looks like a statement. */
export function sqlTexts(): SqlText[] {
  const src = path.join(projectRoot, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'),
  );
  return files.sort().flatMap((name) => textsOf(name, readFileSync(path.join(src, name), 'utf8')));
}

function textsOf(file: string, source: string): SqlText[] {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.ES2023, true);
  const constants = new Map<string, string>();
  const found: SqlText[] = [];
  const textOf = (node: ts.Node): string | null => {
    if (ts.isStringLiteralLike(node)) return node.text;
    if (ts.isIdentifier(node)) return constants.get(node.text) ?? null;
    if (!ts.isTemplateExpression(node)) return null;
    return node.templateSpans.reduce(
      (text, span) => text + (textOf(span.expression) ?? '?') + span.literal.text,
      node.head.text,
    );
  };
  const learn = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      const text = textOf(node.initializer);
      if (text !== null) constants.set(node.name.text, text);
    }
    ts.forEachChild(node, learn);
  };
  const visit = (node: ts.Node): void => {
    const text = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ? textOf(node) : null;
    if (text === null) return ts.forEachChild(node, visit);
    if (!/^\s*(select|with|insert|update|delete|copy|create temp)\b/i.test(text)) return;
    const line = parsed.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    found.push({ file, line, sql: text.replace(/--.*$/gm, '') });
  };
  // Twice: a constant may stand below the function that uses it.
  learn(parsed);
  learn(parsed);
  visit(parsed);
  return found;
}

/** A parenthesis with a query in it, or the statement itself. */
export interface QueryPart {
  /** Its own words, with a mark in place of each inner query. */
  readonly text: string;
  /** Alias to table, of its own from, join, using and update. */
  readonly tables: ReadonlyMap<string, string>;
  readonly inner: readonly QueryPart[];
}

/** What follows a table's name and is no alias. */
const NO_ALIAS =
  'on|where|join|left|right|inner|cross|full|group|order|limit|set|using|for|union|except|tablesample|select|returning|values';
const TABLE = new RegExp(
  String.raw`(?<!distinct )\b(from|join|using|update)\s+(?:only\s+)?([a-z_.]+)(?:\s+(?:as\s+)?(?!(?:${NO_ALIAS})\b)([a-z_]+))?`,
  'gi',
);

/** As much of SQL's grammar as tells which query names which tables; a parenthesis without `select` belongs to what is around it. */
export function parseQuery(sql: string): QueryPart {
  let text = '';
  const inner: QueryPart[] = [];
  for (let at = 0; at < sql.length; at++) {
    if (sql[at] !== '(') {
      text += sql[at];
      continue;
    }
    const end = closing(sql, at);
    const body = sql.slice(at + 1, end);
    if (/^\s*(select|with|insert|update|delete)\b/i.test(body)) {
      inner.push(parseQuery(body));
      text += ' (…) ';
    } else {
      const part = parseQuery(body);
      inner.push(...part.inner);
      text += `(${part.text})`;
    }
    at = end;
  }
  return { text, tables: tablesOf(text), inner };
}

function closing(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at++) {
    if (sql[at] === '(') depth++;
    if (sql[at] === ')' && --depth === 0) return at;
  }
  return sql.length;
}

function tablesOf(text: string): Map<string, string> {
  const tables = new Map<string, string>();
  for (const [, , table, alias = table] of text.matchAll(TABLE)) tables.set(alias, table);
  return tables;
}
