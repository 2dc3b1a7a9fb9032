import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { PERSON_ROLES } from '../../src/rights/domain/roles.js';
import { prepareAccess, type DemoAccess } from '../../src/demo/demo-access.js';
import { withKey } from '../support/access.js';
import { testService, type TestService } from '../support/http-app.js';

let service: TestService;
beforeAll(async () => {
  service = await testService();
});
afterAll(() => service.close());

test('a demo lets a person of each role in by what this run printed, and by nothing else', async () => {
  const first = await prepare();
  const second = await prepare();
  expect(second.accounts.map(({ login }) => login)).toEqual([...PERSON_ROLES]);
  for (const account of second.accounts) {
    const { body } = await signIn(account).expect(201);
    expect(body).toMatchObject({ role: account.login, utility: account.login === 'utility' ? 'demo' : null });
    expect(account.password).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
  }
  for (const account of first.accounts) await signIn(account).expect(401);
  await withKey(service.app, second.key).get('/api/v1/alerts').expect(200);
  await withKey(service.app, second.key).get('/metrics').expect(200);
  await withKey(service.app, first.key).get('/api/v1/alerts').expect(401);
});

function prepare(): Promise<DemoAccess> {
  return prepareAccess(service.database.dataSource, { utility: 'demo', now: new Date() });
}

function signIn(account: { readonly login: string; readonly password: string }): request.Test {
  return request(service.app.getHttpServer()).post('/api/v1/session').send(account);
}
