import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { addPoints, seedRegistry } from '../detection/synthetic-points.js';
import { withKey } from '../support/access.js';
import { testRunFolder } from '../support/database.js';
import { testService, type TestService } from '../support/http-app.js';

const root = path.resolve(import.meta.dirname, '../..');
let service: TestService;
let dataDir: string;

beforeAll(async () => {
  service = await testService();
  dataDir = mkdtempSync(path.join(testRunFolder(), 'commands-'));
});
afterAll(async () => {
  await service.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** The command line acts on the database as the operator of this machine, and needs no key for it. */
function gridwarden(args: string, input = '') {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/gridwarden.mjs', ...args.split(' ')],
    {
      cwd: root,
      encoding: 'utf8',
      input,
      env: { ...process.env, GRIDWARDEN_DATA_DIR: dataDir, DATABASE_URL: service.database.url },
    },
  );
  return { status, stdout, stderr };
}

describe('gridwarden key', () => {
  test('adds one that works at once, lists it without itself, and revokes it', async () => {
    const made = gridwarden(
      'key add --owner nightly --role utility --utility irkutsk --scope read --days 30',
    );
    expect(made).toMatchObject({ status: 0, stdout: expect.stringMatching(/^gw_\w+\n$/) });
    const key = made.stdout.trim();
    const { body } = await withKey(service.app, key).get('/api/v1/session').expect(200);
    expect(body).toMatchObject({ role: 'utility', utility: 'irkutsk', key: { scopes: ['read'] } });
    const [row] = JSON.parse(gridwarden('key list --json').stdout) as {
      prefix: string;
      created_by: string;
    }[];
    expect(row).toMatchObject({ owner: 'nightly', state: 'live', created_by: 'command line' });
    const table = gridwarden('key list').stdout;
    expect(table).toMatch(/^prefix +owner +role +may +utility/);
    expect(table).not.toContain(key);
    expect(gridwarden(`key revoke ${row.prefix}`).status).toBe(0);
    await withKey(service.app, key).get('/api/v1/session').expect(401);
    expect(gridwarden(`key revoke ${row.prefix}`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no key'),
    });
  }, 60_000);

  test.each([
    ['key add --owner x --role utility', /needs a utility/],
    ['key add --owner x --role metrics --utility irkutsk', /bound to none/],
    ['key add --owner x --role king', /Allowed choices are utility/],
    ['key add --owner x --role metrics --days 1000', /from 1 to 730/],
  ])('%s is wrong usage', (args, said) => {
    expect(gridwarden(args)).toMatchObject({ status: 2, stderr: expect.stringMatching(said) });
  });
});

describe('gridwarden user', () => {
  const post = (body: object) => request(service.app.getHttpServer()).post('/api/v1/session').send(body);

  test('adds one who comes in by the link, sets a password, and is blocked', async () => {
    const made = gridwarden('user add --login anna --name Анна --role inspector');
    expect(made.status).toBe(0);
    const token = /^http:\/\/127\.0\.0\.1:8787\/welcome#token=(\w+)\n$/.exec(made.stdout)![1];
    await post({ token }).expect(201);
    expect(gridwarden('user password anna', 'qwerty123456\n')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/qwerty/),
    });
    expect(gridwarden('user password anna', 'корова под луной 7\n').status).toBe(0);
    const login = { login: 'anna', password: 'корова под луной 7' };
    await post(login).expect(201);
    expect(gridwarden('user list').stdout).toMatch(/^anna +Анна +inspector +- +\S+ +active$/m);
    expect(gridwarden('user block anna').status).toBe(0);
    await post(login).expect(401);
    expect(gridwarden('user link anna')).toMatchObject({ status: 1 });
  }, 60_000);
});

describe('what chance and a household are told of', () => {
  test('gridwarden audit draws makes the draws of a log again', () => {
    expect(gridwarden('audit draws')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/nothing was drawn yet|secret fixed/),
    });
    expect(JSON.parse(gridwarden('audit draws --json').stdout)).toEqual(expect.any(Array));
  }, 60_000);

  test('gridwarden household-file prints a household’s file in Russian, on record', async () => {
    const client = await service.database.connect();
    try {
      await seedRegistry(client);
      await addPoints(client, [{ externalId: 'P-17', household: 'H-17' }]);
      const printed = gridwarden('household-file P-17');
      expect(printed).toMatchObject({ status: 0, stdout: expect.stringMatching(/P-17/) });
      expect(printed.stdout).toMatch(/[а-яё]{4}/i);
      const { rows } = await client.query(`select from audit_entry where kind = 'export.household_file'`);
      expect(rows).toHaveLength(1);
      expect(gridwarden('household-file P-18')).toMatchObject({ stdout: '' });
    } finally {
      await client.end();
    }
  }, 60_000);
});
