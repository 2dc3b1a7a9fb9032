import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { ROLES } from '../../src/rights/domain/roles.js';
import {
  FRESH_MINUTES,
  SESSION_HOURS,
  SESSION_IDLE_MINUTES,
} from '../../src/access/domain/session-limits.js';
import { testService, type TestService } from '../support/http-app.js';
import { routesOf, type Route } from '../support/routes.js';

const DOCUMENT = path.resolve(import.meta.dirname, '../../docs/access.md');
const TABLE = /(<!-- routes -->\n)[\s\S]*?(<!-- \/routes -->)/;

let service: TestService;
beforeAll(async () => {
  service = await testService();
});
afterAll(() => service.close());

test('docs/access.md says of every route who may call it (UPDATE_DOCS=1 writes it)', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  expect(text).toMatch(TABLE);
  const table = tableOf(routesOf(service.app));
  const due = text.replace(TABLE, (_, start: string, end: string) => `${start}\n${table}\n\n${end}`);
  if (process.env.UPDATE_DOCS === '1') writeFileSync(DOCUMENT, due);
  expect(readFileSync(DOCUMENT, 'utf8')).toBe(due);
});

test('docs/access.md has the limits that hold', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  expect(text).toContain(`${SESSION_IDLE_MINUTES} minutes without a request`);
  expect(text).toContain(`${SESSION_HOURS} hours`);
  expect(text).toContain(`${FRESH_MINUTES} minutes`);
});

/** Parameters that narrow or sort by use, or sound like it: the first two of cases, a price, and load that no meter measured. */
const BY_USE = [
  '/api/v1/cases min_kwh',
  '/api/v1/cases sort',
  '/api/v1/territories/hidden-load commercial_rub_per_kwh',
  '/api/v1/transformers min_hidden_kw',
];

test('no list of households is narrowed or sorted by use, but that of cases', async () => {
  const { body } = await request(service.app.getHttpServer()).get('/api/openapi.json').expect(200);
  const parameters = Object.entries(
    body.paths as Record<string, { get?: { parameters?: { in: string; name: string }[] } }>,
  ).flatMap(([path, { get }]) =>
    (get?.parameters ?? []).filter(({ in: where }) => where === 'query').map(({ name }) => `${path} ${name}`),
  );
  expect(parameters.length).toBeGreaterThan(50);
  const byUse = parameters.filter((one) =>
    / .*(kwh|kw$|wh$|energy|consum|usage|load|sort|order|high)/.test(one),
  );
  expect(byUse.sort()).toEqual(BY_USE);
});

function tableOf(routes: readonly Route[]): string {
  const header = ['route', 'anybody', ...ROLES];
  const rows = routes.map(({ method, path: route, rule }) => [
    `\`${method} ${route}\``,
    rule === 'public' ? 'yes' : '',
    ...ROLES.map((role) => {
      if (rule === 'public' || rule === undefined || !rule.roles.includes(role)) return '';
      return rule.fresh ? 'fresh' : 'yes';
    }),
  ]);
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
