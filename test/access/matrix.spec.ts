import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import request from 'supertest';
import { PERSON_ROLES, ROLES, scopeOf, type Role } from '../../src/rights/domain/roles.js';
import type { RefusalReason } from '../../src/access/refusal.js';
import { AppModule } from '../../src/app.module.js';
import { asPerson, mintKey, signIn, withKey } from '../support/access.js';
import { testService, type TestService } from '../support/http-app.js';
import { answeredPaths, pathWith, routesOf, type Route } from '../support/routes.js';
import { addUtility, type ObjectIds } from './two-utilities.js';

/** What Express answers beside our controllers: the description of the API, which is the same for everybody. */
const DESCRIPTION = /^GET \/api\/(docs|openapi\.(json|yaml))/;
const LONG_AGO = new Date('2020-01-01');

let service: TestService;
let routes: Route[];

beforeAll(async () => {
  // The matrix is some hundreds of requests from one address within seconds, many of them to be refused.
  service = await testService();
  routes = routesOf(service.app);
});
afterAll(() => service.close());

test('every route says who may call it', () => {
  expect(routes.length).toBeGreaterThan(20);
  expect(withoutRule(routes)).toEqual([]);
});

test('Express answers nothing but these routes, and the description of the API', () => {
  const known = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  const others = answeredPaths(service.app).filter((path) => !known.has(path) && !DESCRIPTION.test(path));
  expect(others).toEqual([]);
});

describe('a route without a rule', () => {
  @Controller('forgotten')
  class ForgottenController {
    @Get()
    show(): string {
      return 'anything';
    }
  }
  let forgetful: TestService;
  beforeAll(async () => {
    @Module({})
    class Root {}
    forgetful = await testService({
      root: (...over) => ({
        module: Root,
        imports: [AppModule.over(...over)],
        controllers: [ForgottenController],
      }),
    });
  });
  afterAll(() => forgetful.close());

  test('is found', () => {
    expect(withoutRule(routesOf(forgetful.app))).toEqual(['GET /forgotten']);
  });

  test('lets nobody in', async () => {
    for (const role of ROLES) {
      const { status, body } = await withKey(forgetful.app, await mintKey(forgetful.database, role)).get(
        '/forgotten',
      );
      expect({ role, status, reason: body.reason }).toEqual({ role, status: 403, reason: 'no_rule' });
    }
  });
});

describe('route × role', () => {
  test('without credentials', async () => {
    const found = await eachRoute(async (route) => {
      const agent = request(service.app.getHttpServer());
      return {
        got: await reasonOf(agent, route),
        due: route.rule === 'public' ? undefined : 'none',
      };
    });
    expect(found).toEqual([]);
  });

  test.each(ROLES)('by a key of role %s', async (role) => {
    const agent = withKey(service.app, await mintKey(service.database, role));
    const found = await eachRoute(async (route) => ({
      got: await reasonOf(agent, route),
      due: dueFor(route, role, 'key'),
    }));
    expect(found).toEqual([]);
  });

  test.each(ROLES)('by a key of role %s that may only read', async (role) => {
    const agent = withKey(service.app, await mintKey(service.database, role, 'default', ['read']));
    const found = await eachRoute(async (route) => {
      const due = dueFor(route, role, 'key');
      const mayNotWrite = route.rule !== 'public' && due !== 'role' && scopeOf(route.method) === 'write';
      return { got: await reasonOf(agent, route), due: mayNotWrite ? 'scope' : due };
    });
    expect(found).toEqual([]);
  });

  test.each(PERSON_ROLES)('by a person of role %s', async (role) => {
    const found = await eachRoute(async (route) => ({
      // One of the routes signs them out: each route gets a session of its own.
      got: await reasonOf(asPerson(service.app, await signIn(service.database, role)), route),
      due: dueFor(route, role, 'fresh'),
    }));
    expect(found).toEqual([]);
  });

  test.each(PERSON_ROLES)('by a person of role %s who signed in long ago', async (role) => {
    const found = await eachRoute(async (route) => {
      const session = await signIn(service.database, role, { authenticatedAt: LONG_AGO });
      return {
        got: await reasonOf(asPerson(service.app, session), route),
        due: dueFor(route, role, 'stale'),
      };
    });
    expect(found).toEqual([]);
  });

  /** Why the guard should refuse; undefined: it should not. */
  function dueFor({ rule }: Route, role: Role, as: 'key' | 'fresh' | 'stale'): RefusalReason | undefined {
    if (rule === 'public') return undefined;
    if (rule === undefined) return 'no_rule';
    if (!rule.roles.includes(role)) return 'role';
    return rule.fresh && as !== 'fresh' ? 'stale' : undefined;
  }

  /** Calls every route, and names those where what was got is not what was due. */
  async function eachRoute(
    call: (route: Route) => Promise<{ got: string | undefined; due: string | undefined }>,
  ): Promise<string[]> {
    const wrong: string[] = [];
    for (const route of routes) {
      const { got, due } = await call(route);
      if (got !== due)
        wrong.push(`${route.method} ${route.path}: ${got ?? 'let in'}, not ${due ?? 'let in'}`);
    }
    return wrong;
  }

  /** The guard's reason to refuse; a route of our own may say `wrong` to a token or password, which is no refusal of its rule. */
  async function reasonOf(agent: Agent, { method, path }: Route): Promise<string | undefined> {
    const { status, body, headers } = await ask(agent, method, pathWith(path, '2147483647'));
    expect(status).not.toBe(500);
    if (method === 'HEAD') return headers['gridwarden-reason'];
    return body.reason === 'wrong' ? undefined : body.reason;
  }
});

describe('route × tenant', () => {
  const ALPHA = { code: 'ALPHA', territory: 'RU-IRK', mark: /ALPHA|RU-IRK/ };
  const BETA = { code: 'BETA', territory: 'RU-DA', mark: /BETA|RU-DA/ };
  /** They answer about the caller, or tell the law that holds for all, and not of anybody's objects. */
  const OF_NOBODY = new Set(['/api/v1/session', '/api/v1/rules']);
  let own: ObjectIds;
  let others: ObjectIds;
  let alpha: Agent;
  let auditor: Agent;

  beforeAll(async () => {
    own = await addUtility(service.database, ALPHA);
    others = await addUtility(service.database, BETA);
    alpha = withKey(service.app, await mintKey(service.database, 'utility', ALPHA.code));
    auditor = withKey(service.app, await mintKey(service.database, 'auditor'));
  });

  const tenantRoutes = () =>
    routes.filter(({ rule }) => rule !== 'public' && rule?.roles.includes('utility'));

  test('lists hold what is the caller’s utility’s, and nothing of another', async () => {
    const lists = tenantRoutes().filter(
      ({ method, path }) => method === 'GET' && !path.includes(':') && !OF_NOBODY.has(path),
    );
    expect(lists.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/api/v1/alerts', '/api/v1/metering-points', '/api/v1/uploads']),
    );
    for (const { path } of lists) {
      const { status, text } = await alpha.get(path);
      expect({ path, status }).toEqual({ path, status: 200 });
      expect(text).toMatch(ALPHA.mark);
      expect(text).not.toMatch(BETA.mark);
      // That there was something to leave out, one who sees all of it tells.
      expect((await auditor.get(path)).text).toMatch(BETA.mark);
    }
  });

  test('an object of another utility is not there; an own one is', async () => {
    const ofObjects = tenantRoutes().filter(({ path }) => path.includes('/:'));
    expect(ofObjects.length).toBeGreaterThan(3);
    for (const { method, path } of ofObjects) {
      const kind = /([^/]+)\/:/.exec(path)![1];
      // A new kind of object that utilities may see: test/access/two-utilities.ts makes one of each.
      expect(Object.keys(own)).toContain(kind);
      const missing = await ask(alpha, method, pathWith(path, '2147483647'));
      const foreign = await ask(alpha, method, pathWith(path, String(others[kind])));
      const seen = await ask(alpha, method, pathWith(path, String(own[kind])));
      expect({ path, missing: missing.status, foreign: foreign.status }).toEqual({
        path,
        missing: 404,
        foreign: 404,
      });
      expect(foreign.body.detail).toBe(missing.body.detail.replace('2147483647', String(others[kind])));
      expect({ path, status: seen.status }).not.toEqual({ path, status: 404 });
      expect(foreign.text).not.toMatch(BETA.mark);
    }
  });

  test('nothing a utility sends is taken as another’s', async () => {
    const sent = await alpha.post('/api/v1/uploads?utility=BETA').send('metering_point,start,kwh\n');
    expect(sent.status).toBe(404);
  });

  test('no route tells a name or address, but the one that records it', async () => {
    for (const { method, path } of routes.filter((route) => route.method === 'GET')) {
      const kind = /([^/]+)\/:/.exec(path)?.[1] ?? '';
      const { text = '' } = await ask(auditor, method, pathWith(path, String(own[kind] ?? 1)));
      expect({ path, tells: /secret (name|address)/.test(text) }).toEqual({ path, tells: false });
    }
  });
});

type Agent = Pick<ReturnType<typeof request.agent>, 'get' | 'post'>;

function ask(agent: Agent, method: string, path: string): request.Test {
  return (agent as ReturnType<typeof request.agent>)[method.toLowerCase() as 'get'](path).redirects(0);
}

function withoutRule(all: readonly Route[]): string[] {
  return all.filter(({ rule }) => rule === undefined).map(({ method, path }) => `${method} ${path}`);
}
