import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { loadConfig } from '../../src/config/config.js';
import type { Database } from '../../src/database/open-database.js';
import { AppModule } from '../../src/app.module.js';
import { HealthController } from '../../src/http/health.controller.js';
import { createHttpApp } from '../../src/http/http-app.js';
import { mintKey, withKey } from '../support/access.js';
import { testDatabase, testRunFolder } from '../support/database.js';

let app: NestExpressApplication;
let database: Database;
let dataDir: string;
let auditorKey: string;
/** Without a key: whoever comes by. */
const stranger = () => request(app.getHttpServer());
const http = () => withKey(app, auditorKey);

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(testRunFolder(), 'http-'));
  database = await testDatabase();
  auditorKey = await mintKey(database, 'auditor');
  // No scheduled scoring and no log lines in between.
  const env = {
    GRIDWARDEN_DATA_DIR: dataDir,
    GRIDWARDEN_LOG_LEVEL: 'fatal',
    GRIDWARDEN_SCORING_CRON: '0 0 1 1 *',
  };
  const config = loadConfig(env);
  app = await createHttpApp(AppModule.over(config, database), config);
  await app.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await app.close();
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('health', () => {
  test('alive', async () => {
    const { status, body } = await http().get('/healthz');
    expect({ status, body }).toEqual({ status: 200, body: { status: 'ok' } });
  });

  test('ready', async () => {
    const { status, body } = await http().get('/readyz');
    expect({ status, body }).toEqual({ status: 200, body: { status: 'ok' } });
  });

  test('not ready while a migration is missing; alive all the same', async () => {
    const [last]: { id: number; name: string; timestamp: string }[] = await database.dataSource.query(
      'select * from migrations order by id desc limit 1',
    );
    await database.dataSource.query('delete from migrations where id = $1', [last.id]);
    const ready = await http().get('/readyz');
    await database.dataSource.query('insert into migrations (name, timestamp) values ($1, $2)', [
      last.name,
      last.timestamp,
    ]);
    expect(ready.status).toBe(503);
    expect(ready.body.detail).toBe(`database: not migrated: ${last.name}`);
    expect((await http().get('/healthz')).status).toBe(200);
    expect((await http().get('/readyz')).status).toBe(200);
  });
});

test('not ready while a disk has less room than is asked for', async () => {
  const config = loadConfig({ GRIDWARDEN_DATA_DIR: dataDir, GRIDWARDEN_LEAST_FREE_BYTES: String(2 ** 52) });
  await expect(new HealthController(config, database).ready()).rejects.toThrow(
    /^disk: \d+ MiB free for the data folder, less than 4294967296 MiB$/,
  );
});

describe('an error is a problem document', () => {
  const cases: {
    name: string;
    path: string;
    status: number;
    title: string;
    detail: RegExp;
    errors?: string[];
  }[] = [
    { name: 'an unknown route', path: '/api/v1/nothing', status: 404, title: 'Not Found', detail: /nothing/ },
    { name: 'an unknown alert', path: '/api/v1/alerts/999', status: 404, title: 'Not Found', detail: /999/ },
    {
      name: 'a wrong query',
      path: '/api/v1/alerts?limit=many&nonsense=1',
      status: 400,
      title: 'Bad Request',
      detail: /errors/,
      errors: ['limit', ''],
    },
    {
      name: 'a wrong id',
      path: '/api/v1/uploads/one',
      status: 400,
      title: 'Bad Request',
      detail: /errors/,
      errors: [''],
    },
    { name: 'a broken escape', path: '/api/v1/alerts/%ff', status: 400, title: 'Bad Request', detail: /./ },
  ];

  test.each(cases)('$name', async ({ path: url, status, title, detail, errors }) => {
    const response = await http().get(url);
    expect(response.status).toBe(status);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toMatchObject({ type: 'about:blank', title, status, instance: url.split('?')[0] });
    expect(response.body.detail).toMatch(detail);
    expect(response.body.errors?.map(({ field }: { field: string }) => field)).toEqual(errors);
  });

  test('and says nothing of what went wrong inside, but the id to look for', async () => {
    await database.dataSource.query('alter table alert rename to alert_away');
    const { status, body } = await http().get('/api/v1/alerts');
    await database.dataSource.query('alter table alert_away rename to alert');
    expect(status).toBe(500);
    expect(body.instance).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(body.detail).toContain(body.instance);
    expect(JSON.stringify(body)).not.toMatch(/alert_away|relation|select/);
  });
});

describe('who may come', () => {
  test('a page under a name that resolves to this machine may not', async () => {
    const { status, body } = await http().get('/api/v1/alerts').set('host', 'evil.example:8787');
    expect({ status, title: body.title }).toEqual({ status: 421, title: 'Misdirected Request' });
  });

  test('a monitor may ask under any name, and needs its key all the same', async () => {
    const asked = (path: string) => stranger().get(path).set('host', 'gridwarden:8787');
    expect((await asked('/readyz')).status).toBe(200);
    expect((await asked('/metrics')).status).toBe(401);
  });

  test('another site may not write', async () => {
    const { status } = await stranger()
      .post('/api/v1/session')
      .set('sec-fetch-site', 'cross-site')
      .send({ token: 'x' });
    expect(status).toBe(403);
  });

  test.each(['localhost:8787', '127.0.0.1:8787', '[::1]:8787'])('%s may', async (host) => {
    expect((await stranger().get('/healthz').set('host', host)).status).toBe(200);
  });

  test('nothing may frame, sniff or keep an answer', async () => {
    const { headers } = await http().get('/api/v1/alerts');
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    expect(headers['x-powered-by']).toBeUndefined();
  });
});

describe('OpenAPI', () => {
  test('lists the routes, with what they take', async () => {
    const { body } = await http().get('/api/openapi.json');
    expect(Object.keys(body.paths).sort()).toEqual(
      expect.arrayContaining([
        '/api/v1/alerts',
        '/api/v1/alerts/{id}',
        '/api/v1/uploads',
        '/api/v1/uploads/{id}',
        '/healthz',
        '/readyz',
      ]),
    );
    expect(Object.keys(body.paths)).not.toContain('/metrics');
    const parameters = body.paths['/api/v1/alerts'].get.parameters as { name: string }[];
    expect(parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(['state', 'limit', 'cursor']));
  });

  test('has a page that its own policy lets work', async () => {
    const page = await http().get('/api/docs');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    const inline = [...page.text.matchAll(/<script(?![^>]*\bsrc=)[^>]*>\s*\S/g)];
    expect(inline).toEqual([]);
    for (const [, source] of page.text.matchAll(/<script[^>]*\bsrc="([^"]+)"/g)) {
      const { status, type } = await http().get(new URL(source, 'http://x/api/docs').pathname);
      expect({ source, status, type }).toEqual({
        source,
        status: 200,
        type: expect.stringMatching(/javascript/),
      });
    }
  });
});

describe('/metrics', () => {
  test('has every module’s metrics, and areas for labels, never a path', async () => {
    await http().get('/api/v1/alerts/12345');
    await http().get('/api/v1/nowhere/6789');
    const { text, headers, status } = await http().get('/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const name of [
      'build_info',
      'http_request_duration_seconds',
      'metering_points',
      'alerts',
      'rulebook_rules',
    ]) {
      expect(text).toMatch(new RegExp(`^# TYPE gridwarden_${name} `, 'm'));
    }
    expect(text).toMatch(/_total\{area="alerts",status="404"\} \d/);
    expect(text).toMatch(/_total\{area="other",status="404"\} \d/);
    expect(text).toMatch(/_seconds_count\{area="alerts",method="read"\} \d/);
    // Of the labels: a number of bytes or seconds may hold these digits by chance.
    expect(text).not.toMatch(/\{[^}\n]*(?:12345|6789)/);
  });

  const promtool = spawnSync('promtool', ['--version']).status === 0;
  if (!promtool)
    process.stderr.write(
      'promtool is not on the PATH (npm test fetches it): /metrics is not checked with it\n',
    );
  (promtool ? test : test.skip)('passes promtool check metrics', async () => {
    const { text } = await http().get('/metrics');
    // It prints and exits with 3 for what it would have named otherwise.
    expect(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })).toBe('');
  });
});

test('an upload is streamed in, and its receipt can be asked for', async () => {
  const sent = await withKey(app, await mintKey(database, 'utility', 'test'))
    .post('/api/v1/uploads?kind=readings&utility=test&filename=a.csv')
    .set('content-type', 'application/json')
    .send('metering_point,start,kwh\nP1,2026-01-01T00:00+08:00,1.5\n');
  expect(sent.status).toBe(202);
  const receipt = await http().get(sent.headers.location);
  expect(receipt.body).toMatchObject({ filename: 'a.csv', bytes: 55 });
});
