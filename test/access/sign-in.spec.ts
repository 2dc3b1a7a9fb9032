import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { firstStartText } from '../../src/access/first-start.js';
import { linkPath } from '../../src/access/people.js';
import { addPerson, blockPerson, newSignInToken } from '../../src/access/person.repository.js';
import { asPerson, signIn } from '../support/access.js';
import { testService, type TestService } from '../support/http-app.js';

const PASSWORD = 'лошадь скрепка батарейка';
const HOUR_MS = 3_600_000;

let service: TestService;
beforeAll(async () => {
  service = await testService();
});
afterAll(() => service.close());

const http = () => request(service.app.getHttpServer());
const sql = (text: string, values: unknown[] = []) => service.database.dataSource.query(text, values);

describe('the first start', () => {
  const operator = { login: 'olga', name: 'Ольга', password: PASSWORD };
  const tokenIn = (text: string | null) => /\/welcome#operator=(\w+)/.exec(text!)![1];
  const text = () => firstStartText(service.database.dataSource, 'http://x', new Date());

  test('prints a link that makes the operator, once, while there is nobody', async () => {
    const [first, second] = [tokenIn(await text()), tokenIn(await text())];
    await http()
      .post('/api/v1/operator')
      .send({ ...operator, token: 'x' })
      .expect(401);
    await http()
      .post('/api/v1/operator')
      .send({ ...operator, password: 'password12', token: first })
      .expect(422);
    const answers = await Promise.all(
      [first, second].map((token) =>
        http()
          .post('/api/v1/operator')
          .send({ ...operator, token }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401]);
    expect(answers.find(({ status }) => status === 201)!.body).toMatchObject({
      role: 'operator',
      utility: null,
      person: { login: 'olga', name: 'Ольга' },
    });
    await http()
      .post('/api/v1/operator')
      .send({ ...operator, login: 'second', token: second })
      .expect(401);
    expect(await text()).toBeNull();
    await http().post('/api/v1/session').send({ login: 'olga', password: PASSWORD }).expect(201);
  });

  test('is on a page that runs nothing but its own script', async () => {
    const { text: page, headers } = await http().get('/welcome').expect(200);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'; connect-src 'self';/,
    );
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/https?:|\son\w+=|style=/);
  });

  test('leaves no password anywhere that somebody could know', async () => {
    const hashes: { argon2id: string }[] = await sql('select argon2id from person_password');
    expect(hashes).toHaveLength(1);
    expect(hashes[0].argon2id).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });
});

describe('a password', () => {
  test('opens a session, for nobody else’s and no other', async () => {
    const login = await add();
    const wrong = await http()
      .post('/api/v1/session')
      .send({ login, password: `${PASSWORD}!` });
    const unknown = await http().post('/api/v1/session').send({ login: 'nobody', password: PASSWORD });
    expect(wrong.status).toBe(401);
    expect({ ...unknown.body, request_id: wrong.body.request_id }).toEqual(wrong.body);
    expect(wrong.headers['set-cookie']).toBeUndefined();
    const { body } = await http().post('/api/v1/session').send({ login, password: PASSWORD }).expect(201);
    expect(body).toMatchObject({ role: 'inspector', person: { login, method: 'password' } });
  });

  test('of somebody who is blocked opens nothing', async () => {
    const login = await add();
    await blockPerson(service.database.dataSource, { login, by: 'test', now: new Date() });
    await http().post('/api/v1/session').send({ login, password: PASSWORD }).expect(401);
  });

  test('too many wrong ones slow down that login, at that address, and nobody else', async () => {
    const [login, other] = [await add(), await add()];
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      const { status } = await http().post('/api/v1/session').send({ login, password: 'wrong' });
      statuses.push(status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
    const { headers, body } = await http().post('/api/v1/session').send({ login, password: PASSWORD });
    expect(body).toMatchObject({ status: 429, reason: 'throttled' });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    await http().post('/api/v1/session').send({ login: other, password: PASSWORD }).expect(201);
  });

  test('can be changed by who signed in lately; their other sessions end', async () => {
    const person = await signIn(service.database, 'supervisor');
    const stale = await signIn(service.database, 'supervisor', { authenticatedAt: new Date(0) });
    await asPerson(service.app, stale)
      .put('/api/v1/session/password')
      .send({ password: PASSWORD })
      .expect(403);
    await asPerson(service.app, person)
      .put('/api/v1/session/password')
      .send({ password: 'aaaaaaaaaaaa' })
      .expect(422);
    await asPerson(service.app, person)
      .put('/api/v1/session/password')
      .send({ password: PASSWORD })
      .expect(204);
    const { login } = person;
    const there = await http().post('/api/v1/session').send({ login, password: PASSWORD }).expect(201);
    await asPerson(service.app, person)
      .put('/api/v1/session/password')
      .send({ password: `${PASSWORD} 2` })
      .expect(204);
    await http().get('/api/v1/session').set('cookie', cookieOf(there)).expect(401);
    await asPerson(service.app, person).get('/api/v1/session').expect(200);
  });

  test('makes a session fresh again', async () => {
    const person = await signIn(service.database, 'auditor', { authenticatedAt: new Date(0) });
    const { personId } = person;
    const again = (password: string) =>
      asPerson(service.app, person).post('/api/v1/session/authentication').send({ password });
    await again(PASSWORD).expect(401);
    await sql(`insert into person_password select $1, argon2id, now() from person_password limit 1`, [
      personId,
    ]);
    await again('wrong').expect(401);
    const before = await asPerson(service.app, person).get('/api/v1/session');
    expect(Date.parse(before.body.person.fresh_until)).toBeLessThan(Date.now());
    await again(PASSWORD).expect(204);
    const after = await asPerson(service.app, person).get('/api/v1/session');
    expect(Date.parse(after.body.person.fresh_until)).toBeGreaterThan(Date.now());
  });
});

describe('a one-time link', () => {
  test('signs in once', async () => {
    const login = await add();
    const token = await link(login);
    await http().post('/api/v1/session').send({ token }).expect(201);
    await http().post('/api/v1/session').send({ token }).expect(401);
    const recorded = await sql(
      `select 1 from audit_entry where kind = 'person.link_used' and subject = 'person:' || (
         select person_id from person_identity where login = $1)`,
      [login],
    );
    expect(recorded).toHaveLength(1);
  });

  test.each([
    ['a later one', (login: string) => link(login)],
    [
      'blocking',
      (login: string) => blockPerson(service.database.dataSource, { login, by: 'test', now: new Date() }),
    ],
    ['its end', () => sql(`update sign_in_token set expires_at = now()`)],
  ])('is void after %s', async (_, after) => {
    const login = await add();
    const token = await link(login);
    await after(login);
    await http().post('/api/v1/session').send({ token }).expect(401);
  });

  test('has its token where no server sees it', () => {
    expect(new URL(linkPath('token', 'abc'), 'http://x').pathname).toBe('/welcome');
  });
});

describe('a session', () => {
  test('is in a cookie for this host alone, out of the reach of scripts and other sites', async () => {
    const send = (headers: Record<string, string>) => async () => {
      const token = await link(await add());
      return cookieLine(await http().post('/api/v1/session').set(headers).send({ token }));
    };
    expect(await send({})()).toMatch(
      /^gridwarden-loopback=\w{43}; Max-Age=43200; Path=\/; .*HttpOnly; SameSite=Strict$/,
    );
    expect(await send({ 'x-forwarded-proto': 'https' })()).toMatch(
      /^__Host-gridwarden=\w{43}; Max-Age=43200; Path=\/; .*HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  test('of plain loopback is none for requests that came another way', async () => {
    const { token } = await signIn(service.database, 'auditor');
    const get = () => http().get('/api/v1/session').set('cookie', `gridwarden-loopback=${token}`);
    await get().expect(200);
    await get().set('x-forwarded-proto', 'https').expect(401);
    await get().set('host', '10.1.2.3').expect(401);
  });

  test.each([
    ['15 minutes without a request', `last_seen_at = now() - interval '15 minutes'`],
    ['12 hours', `created_at = now() - interval '12 hours'`],
    ['signing out', `ended_at = now()`],
  ])('is over after %s', async (_, change) => {
    const person = await signIn(service.database, 'auditor');
    await asPerson(service.app, person).get('/api/v1/session').expect(200);
    await sql(`update session set ${change} where person_id = $1`, [person.personId]);
    const { status, body } = await asPerson(service.app, person).get('/api/v1/session');
    expect({ status, reason: body.reason }).toEqual({ status: 401, reason: 'expired' });
  });

  test('ends with signing out, and with blocking, at once', async () => {
    const person = await signIn(service.database, 'inspector');
    const other = await signIn(service.database, 'inspector');
    await asPerson(service.app, person).delete('/api/v1/session').expect(204);
    await asPerson(service.app, person).get('/api/v1/session').expect(401);
    await blockPerson(service.database.dataSource, { login: other.login, by: 'test', now: new Date() });
    await asPerson(service.app, other).get('/api/v1/session').expect(401);
  });

  test('has the rights the person has now, not those of its beginning', async () => {
    const person = await signIn(service.database, 'auditor');
    await sql(`update person set role = 'supervisor' where id = $1`, [person.personId]);
    await asPerson(service.app, person).get('/api/v1/people').expect(403);
  });

  test('is stored as a hash only', async () => {
    const { token } = await signIn(service.database, 'auditor');
    const rows: object[] = await sql('select * from session');
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

describe('a request that writes, with a session', () => {
  const write = (headers: Record<string, string | undefined>, person: { token: string }) => {
    const sent = asPerson(service.app, person).post('/api/v1/session/authentication');
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined) sent.unset(name);
      else sent.set(name, value);
    }
    return sent.send({ password: 'x' });
  };

  test.each([
    ['without the header beside the cookie', { 'x-csrf-token': undefined }],
    ['with another session’s header', { 'x-csrf-token': '0'.repeat(64) }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from another port or subdomain', { 'sec-fetch-site': 'same-site' }],
    ['from another origin in an old browser', { origin: 'http://127.0.0.1:1' }],
  ])('%s is refused', async (_, headers) => {
    const { status, body } = await write(headers, await signIn(service.database, 'auditor'));
    expect({ status, reason: body.reason }).toEqual({ status: 403, reason: 'foreign_page' });
  });

  test('from our own page goes on to the password', async () => {
    const person = await signIn(service.database, 'auditor');
    const { body } = await write({ 'sec-fetch-site': 'same-origin' }, person);
    expect(body.reason).toBe('wrong');
  });
});

describe('an operator', () => {
  test('adds people, gives them links, and blocks them', async () => {
    const operator = asPerson(service.app, await signIn(service.database, 'operator'));
    const login = `vera-${Math.random().toString(36).slice(2)}`;
    const person = { login, name: 'Вера', role: 'utility' };
    await operator.post('/api/v1/people').send(person).expect(400);
    await operator
      .post('/api/v1/people')
      .send({ ...person, role: 'auditor', utility: 'x' })
      .expect(400);
    await operator
      .post('/api/v1/people')
      .send({ ...person, role: 'metrics' })
      .expect(400);
    const added = await operator
      .post('/api/v1/people')
      .send({ ...person, utility: 'irkutsk' })
      .expect(201);
    await operator
      .post('/api/v1/people')
      .send({ ...person, utility: 'irkutsk' })
      .expect(422);
    const token = /^\/welcome#token=(\w+)$/.exec(added.body.path)![1];
    const session = await http().post('/api/v1/session').send({ token }).expect(201);
    expect(session.body).toMatchObject({ role: 'utility', utility: 'irkutsk', person: { name: 'Вера' } });
    const people: { login: string; id: number }[] = (await operator.get('/api/v1/people')).body.items;
    const { id } = people.find((one) => one.login === login)!;
    await operator.post(`/api/v1/people/${id}/link`).expect(201);
    await operator.post(`/api/v1/people/${id}/block`).expect(204);
    await operator.post(`/api/v1/people/${id}/link`).expect(404);
    await http().get('/api/v1/session').set('cookie', cookieOf(session)).expect(401);
  });
});

test('who asks too much waits', async () => {
  const busy = await testService({ env: { GRIDWARDEN_REQUESTS_PER_MINUTE: '3' } });
  const [one, other] = [await signIn(busy.database, 'auditor'), await signIn(busy.database, 'auditor')];
  const ask = async (person: { token: string }) =>
    (await asPerson(busy.app, person).get('/api/v1/session')).status;
  const statuses = [await ask(one), await ask(one), await ask(one), await ask(one), await ask(other)];
  const strangers: number[] = [];
  for (let n = 0; n < 26; n += 1)
    strangers.push((await request(busy.app.getHttpServer()).get('/healthz')).status);
  await busy.close();
  expect(statuses).toEqual([200, 200, 200, 429, 200]);
  expect(strangers).toEqual([...Array<number>(25).fill(200), 429]);
});

async function add(): Promise<string> {
  const login = `anna-${Math.random().toString(36).slice(2)}`;
  const now = new Date();
  const person = { login, name: 'Анна', role: 'inspector', utilityId: null, createdBy: 'test', now } as const;
  const id = await addPerson(service.database.dataSource, person);
  await sql(`insert into person_password select $1, argon2id, now() from person_password limit 1`, [id]);
  return login;
}

function link(login: string): Promise<string> {
  const now = new Date();
  const expiresAt = new Date(now.getTime() + HOUR_MS);
  return newSignInToken(service.database.dataSource, { login, by: 'test', expiresAt, now });
}

function cookieLine(response: request.Response): string {
  return (response.headers['set-cookie'] as unknown as string[])[0];
}

function cookieOf(response: request.Response): string {
  return cookieLine(response).split(';')[0];
}
