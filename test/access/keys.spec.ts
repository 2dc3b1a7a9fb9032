import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { addKey, revokeKey } from '../../src/access/api-key.repository.js';
import { digestOf, keyPrefix, keyText } from '../../src/access/domain/secret-text.js';
import { asPerson, mintKey, signIn, withKey } from '../support/access.js';
import { testService, type TestService } from '../support/http-app.js';

let service: TestService;
beforeAll(async () => {
  service = await testService();
});
afterAll(() => service.close());

const sql = (text: string, values: unknown[] = []) => service.database.dataSource.query(text, values);

async function answerTo(authorization: string) {
  const { status, body } = await request(service.app.getHttpServer())
    .get('/api/v1/session')
    .set('authorization', authorization);
  return { status, reason: body.reason, key: body.key };
}

describe('a key', () => {
  test('comes in, and is stored as SHA-256 only', async () => {
    const key = await mintKey(service.database, 'auditor');
    expect(await answerTo(`Bearer ${key}`)).toMatchObject({
      status: 200,
      key: { scopes: ['read', 'write'] },
    });
    const rows: { secret_sha256: string }[] = await sql('select * from api_key where prefix = $1', [
      keyPrefix(key),
    ]);
    expect(rows[0].secret_sha256).toBe(digestOf(key));
    expect(JSON.stringify(rows)).not.toContain(key.split('_')[2]);
  });

  test('that is mistyped is told from a leaked one by its checksum, without the database', async () => {
    const key = await mintKey(service.database, 'auditor');
    const mistyped = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
    expect(await answerTo(`Bearer ${mistyped}`)).toMatchObject({ status: 401, reason: 'wrong' });
    const used: { last_used_at: unknown }[] = await sql(
      'select last_used_at from api_key where prefix = $1',
      [keyPrefix(key)],
    );
    expect(used[0].last_used_at).toBeNull();
  });

  test.each([
    ['another scheme', (key: string) => `Basic ${key}`],
    ['nothing', () => 'Bearer '],
    ['a good prefix with another secret', (key: string) => `Bearer ${otherSecret(key)}`],
  ])('%s is none', async (_, shown) => {
    const key = await mintKey(service.database, 'auditor');
    expect(await answerTo(shown(key))).toMatchObject({ status: 401, reason: 'wrong' });
  });

  test('that expired or was revoked is told so', async () => {
    const [old, revoked] = [
      await mintKey(service.database, 'auditor'),
      await mintKey(service.database, 'auditor'),
    ];
    await sql(
      `update api_key set created_at = now() - interval '2 days', expires_at = now() - interval '1 day' where prefix = $1`,
      [keyPrefix(old)],
    );
    await revokeKey(service.database.dataSource, {
      prefix: keyPrefix(revoked)!,
      by: 'test',
      now: new Date(),
    });
    expect(await answerTo(`Bearer ${old}`)).toMatchObject({ status: 401, reason: 'expired' });
    expect(await answerTo(`Bearer ${revoked}`)).toMatchObject({ status: 401, reason: 'expired' });
  });

  test('tried too often with a wrong secret slows down that key at that address', async () => {
    const key = await mintKey(service.database, 'auditor');
    const statuses = new Set<number>();
    for (let n = 0; n < 10; n += 1) statuses.add((await answerTo(`Bearer ${otherSecret(key)}`)).status);
    expect(statuses).toEqual(new Set([401]));
    expect(await answerTo(`Bearer ${key}`)).toMatchObject({ status: 429 });
    expect(await answerTo(`Bearer ${await mintKey(service.database, 'auditor')}`)).toMatchObject({
      status: 200,
    });
  });

  test('of role metrics scrapes, and nothing else', async () => {
    const agent = withKey(service.app, await mintKey(service.database, 'metrics'));
    await agent.get('/metrics').expect(200);
    await agent.get('/api/v1/alerts').expect(403);
  });
});

describe('rotation', () => {
  const now = new Date();
  const expiresAt = new Date(now.getTime() + 3_600_000);
  const another = (owner: string, change: object = {}) =>
    addKey(service.database.dataSource, {
      owner,
      role: 'auditor',
      scopes: ['read'],
      utilityId: null,
      expiresAt,
      createdBy: 'test',
      now,
      ...change,
    });

  test('two live keys of an owner work side by side, and there is no third', async () => {
    const [first, second] = [await another('nightly'), await another('nightly')];
    expect((await answerTo(`Bearer ${first}`)).status).toBe(200);
    expect((await answerTo(`Bearer ${second}`)).status).toBe(200);
    await expect(another('nightly')).rejects.toThrow(/has two live keys/);
    await revokeKey(service.database.dataSource, { prefix: keyPrefix(first)!, by: 'test', now: new Date() });
    expect((await answerTo(`Bearer ${await another('nightly')}`)).status).toBe(200);
  });

  test('of three at once two are made', async () => {
    const made = await Promise.allSettled([1, 2, 3].map(() => another('at-once')));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  });

  test('gives no other rights', async () => {
    await another('weekly');
    await expect(another('weekly', { role: 'operator' })).rejects.toThrow(/other rights/);
  });
});

describe('over HTTP', () => {
  test('an operator who signed in lately makes keys; nobody sees one again', async () => {
    const operator = asPerson(service.app, await signIn(service.database, 'operator'));
    const asked = { owner: 'exporter', role: 'utility', utility: 'irkutsk', scopes: ['write'], days: 30 };
    const { body } = await operator.post('/api/v1/keys').send(asked).expect(201);
    expect(await answerTo(`Bearer ${body.key}`)).toMatchObject({ status: 403, reason: 'scope' });
    const list = await operator.get('/api/v1/keys').expect(200);
    expect(list.body.items[0]).toMatchObject({
      owner: 'exporter',
      scopes: ['write'],
      utility: 'irkutsk',
      state: 'live',
      created_by: expect.stringMatching(/^person \d+$/),
    });
    expect(list.text).not.toContain(body.key);
    await operator.delete(`/api/v1/keys/${keyPrefix(body.key)}`).expect(204);
    await operator.delete(`/api/v1/keys/${keyPrefix(body.key)}`).expect(422);
    expect((await answerTo(`Bearer ${body.key}`)).status).toBe(401);
  });

  test('a key makes no keys and no people, whatever its role', async () => {
    const agent = withKey(service.app, await mintKey(service.database, 'operator'));
    await agent.post('/api/v1/keys').send({ owner: 'x', role: 'operator' }).expect(403);
    await agent.post('/api/v1/people').send({ login: 'xx', name: 'X', role: 'operator' }).expect(403);
  });
});

/** A key with the same prefix, another secret and the checksum that goes with it: anybody can make one. */
function otherSecret(key: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const value = [...keyPrefix(key)!].reduce((sum, digit) => sum * 62n + BigInt(digits.indexOf(digit)), 0n);
  const prefix = Buffer.from(value.toString(16).padStart(12, '0'), 'hex');
  return keyText(prefix, randomBytes(32));
}
