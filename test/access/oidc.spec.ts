import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { blockPerson, addPerson, listPeople } from '../../src/access/person.repository.js';
import { testService, type TestService } from '../support/http-app.js';
import { Browser, CLIENT, startIdentityProvider, type IdentityProvider } from './identity-provider.js';

const CALLBACK = '/api/v1/session/oidc/callback';
const ATTEMPT_COOKIE = 'gridwarden-oidc-loopback';

let service: TestService;
let provider: IdentityProvider;
let origin: string;

beforeAll(async () => {
  // The provider says at length that its defaults are for development.
  jest.spyOn(console, 'warn').mockImplementation(() => {});
  jest.spyOn(console, 'info').mockImplementation(() => {});
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  provider = await startIdentityProvider(`${origin}${CALLBACK}`);
  service = await testService({
    env: {
      GRIDWARDEN_PORT: String(port),
      GRIDWARDEN_PUBLIC_URL: origin,
      GRIDWARDEN_OIDC_ISSUER: provider.issuer,
      GRIDWARDEN_OIDC_CLIENT_ID: CLIENT.id,
      GRIDWARDEN_OIDC_CLIENT_SECRET: CLIENT.secret,
    },
  });
});
afterAll(async () => {
  await service.close();
  await provider.close();
});

let login: string;
let subject: string;
let browser: Browser;
beforeEach(async () => {
  login = `anna-${Math.random().toString(36).slice(2)}`;
  subject = `subject-of-${login}`;
  provider.names.set(subject, login);
  browser = new Browser();
  await add(login);
});

test('the page is told where signing in begins', async () => {
  expect(await (await fetch(`${origin}/api/v1/session/ways`)).json()).toEqual({
    password: true,
    oidc: { start: '/api/v1/session/oidc/start' },
  });
});

describe('signing in at the identity provider', () => {
  test('opens a session of the person with that login there', async () => {
    const { asked, response } = await signIn();
    expect(asked).toEqual(['login', 'consent']);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/');
    expect(response.headers.getSetCookie().join('\n')).toMatch(
      /^gridwarden-loopback=[0-9A-Za-z]{43};.*HttpOnly; SameSite=Strict$/m,
    );
    const session = await whoAmI();
    expect(session).toMatchObject({ role: 'inspector', person: { login, method: 'oidc' } });
    expect(Date.parse(session.person.fresh_until)).toBeGreaterThan(Date.now());
    expect(browser.cookie(origin, ATTEMPT_COOKIE)).toBeUndefined();
  });

  test('asks the provider with code, PKCE, state and nonce', async () => {
    const response = await browser.fetch(`${origin}/api/v1/session/oidc/start`);
    const asked = Object.fromEntries(new URL(response.headers.get('location')!).searchParams);
    expect(asked).toMatchObject({
      response_type: 'code',
      client_id: CLIENT.id,
      redirect_uri: `${origin}${CALLBACK}`,
      code_challenge_method: 'S256',
      max_age: '43200',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[name]).toMatch(/^[\w-]{43}$/);
  });

  test('once signed in there, asks for nothing, and is fresh only as far as the provider asked lately', async () => {
    await signIn();
    const before = (await whoAmI()).person.fresh_until;
    await service.database.dataSource.query(`update session set authenticated_at = '2020-01-01'`);
    const { asked } = await signIn();
    expect(asked).toEqual([]);
    // The time of the login there, not of our session.
    expect(Math.abs(Date.parse((await whoAmI()).person.fresh_until) - Date.parse(before))).toBeLessThan(
      2_000,
    );
  });

  test('proves again who it is where a fresh sign-in is asked for', async () => {
    await signIn();
    const { asked } = await signIn('?fresh=true');
    expect(asked).toContain('login');
    expect(Date.parse((await whoAmI()).person.fresh_until)).toBeGreaterThan(Date.now() + 4 * 60_000);
  });
});

describe('nobody gets in', () => {
  test('whom nobody has added', async () => {
    provider.names.set(subject, `stranger-${login}`);
    const { response } = await signIn();
    expect(await refusalOf(response)).toMatchObject({
      status: 401,
      reason: 'wrong',
      detail: expect.stringContaining(`stranger-${login}`),
    });
    expect(browser.cookie(origin, 'gridwarden-loopback')).toBeUndefined();
  });

  test('who is blocked', async () => {
    await blockPerson(service.database.dataSource, { login, by: 'test', now: new Date() });
    expect((await signIn()).response.status).toBe(401);
  });

  test('by a name that somebody else had there: the first one stays bound', async () => {
    await signIn();
    const impostor = new Browser();
    provider.names.set('another subject', login);
    expect((await signIn('', impostor, 'another subject')).response.status).toBe(401);
    // And who is renamed there is still who they are here.
    const other = `${login}-married`;
    await add(other);
    provider.names.set(subject, other);
    await signIn();
    expect((await whoAmI()).person.login).toBe(login);
    const people = await listPeople(service.database.dataSource);
    expect(people.find((person) => person.login === other)?.hasOidc).toBe(false);
    const bound = await service.database.dataSource.query<{ body: string }[]>(
      `select body from audit_entry where kind = 'person.oidc_bound' and subject = 'person:' || (
         select person_id from person_identity where login = $1)`,
      [login],
    );
    expect(bound).toHaveLength(1);
    expect(bound[0].body).not.toContain(subject);
  });

  test.each([
    ['without the cookie of the browser that asked', () => browser.setCookie(origin, ATTEMPT_COOKIE, '')],
    ['with the cookie of another attempt', () => changeAttempt({ state: 'x'.repeat(43) })],
    ['for another nonce', () => changeAttempt({ nonce: 'x'.repeat(43) })],
    ['for another code verifier', () => changeAttempt({ verifier: 'x'.repeat(43) })],
    ['with a cookie that is none of ours', () => browser.setCookie(origin, ATTEMPT_COOKIE, 'bm9uZQ')],
  ])('%s', async (_, change) => {
    const { address } = await comeBack();
    change();
    const response = await browser.fetch(address);
    expect(await refusalOf(response)).toMatchObject({ status: 401, reason: 'wrong' });
  });

  test.each([
    ['code', 'x'],
    ['state', 'x'],
    ['iss', 'http://127.0.0.1:1'],
  ])('with another %s in the address', async (name, value) => {
    const { address } = await comeBack();
    const url = new URL(address);
    url.searchParams.set(name, value);
    expect((await browser.fetch(url.href)).status).toBe(401);
  });

  test('with a code that was used', async () => {
    const { address } = await comeBack();
    const attempt = browser.cookie(origin, ATTEMPT_COOKIE)!;
    expect((await browser.fetch(address)).status).toBe(303);
    browser.setCookie(origin, ATTEMPT_COOKIE, attempt);
    expect((await browser.fetch(address)).status).toBe(401);
  });
});

test('a provider that does not answer is said to be away, and asked again later', async () => {
  const port = await freePort();
  const away = await testService({
    env: {
      GRIDWARDEN_PUBLIC_URL: 'https://grid.example',
      GRIDWARDEN_OIDC_ISSUER: `http://127.0.0.1:${port}`,
      GRIDWARDEN_OIDC_CLIENT_ID: CLIENT.id,
    },
  });
  const response = await fetch(`${away.url}/api/v1/session/oidc/start`, { redirect: 'manual' });
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('can’t be reached') });
  await away.close();
});

async function add(name: string): Promise<void> {
  const person = { login: name, name, role: 'inspector', utilityId: null, createdBy: 'test' } as const;
  await addPerson(service.database.dataSource, { ...person, now: new Date() });
}

function comeBack(query = '', by = browser, as = subject) {
  return by.signInAt(`${origin}/api/v1/session/oidc/start${query}`, as, `${origin}${CALLBACK}`);
}

async function signIn(query = '', by = browser, as = subject) {
  const { address, asked } = await comeBack(query, by, as);
  return { asked, response: await by.fetch(address) };
}

async function whoAmI(): Promise<{ role: string; person: { login: string; fresh_until: string } }> {
  return (await (await browser.fetch(`${origin}/api/v1/session`)).json()) as never;
}

async function refusalOf(response: Response) {
  return (await response.json()) as { status: number; reason: string; detail: string };
}

function changeAttempt(change: Record<string, string>): void {
  const attempt = JSON.parse(
    Buffer.from(browser.cookie(origin, ATTEMPT_COOKIE)!, 'base64url').toString(),
  ) as object;
  const changed = Buffer.from(JSON.stringify({ ...attempt, ...change })).toString('base64url');
  browser.setCookie(origin, ATTEMPT_COOKIE, changed);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
