import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { DeliveryLoop } from '../../src/alerts/deliveries/delivery-loop.js';
import { addSubscription } from '../../src/alerts/deliveries/subscriptions.js';
import { scoringRound } from '../../src/alerts/scoring-round.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { createLog, type Log } from '../../src/telemetry/log.js';
import { startTracing } from '../../src/telemetry/tracing.js';
import { rescore, seedPoints } from '../alerts/changing-alerts.js';
import { WebhookReceiver } from '../alerts/webhook-receiver.js';
import { asPerson, mintKey, signIn, withKey } from '../support/access.js';
import { testService, type TestService } from '../support/http-app.js';
import { eventually, TestProcess } from '../support/process.js';
import { OtlpReceiver } from './otlp-receiver.js';

type Line = Readonly<Record<string, unknown>>;

const PERSONAL = {
  name: 'Иванов Иван Иванович',
  address: 'Иркутск, ул. Ленина, 1',
  email: 'ivan.ivanov@example.org',
  phone: '+7 914 123-45-67',
};

let service: TestService;
let utilityKey: string;
/** What the service has logged since the test began. */
let logged: Line[] = [];
const log = capture({ logLevel: 'verbose', logFormat: 'json' });

beforeAll(async () => {
  service = await testService({ log, env: { GRIDWARDEN_NAMING_EVIDENCE: '0' } });
  utilityKey = await mintKey(service.database, 'utility', 'irkutsk');
});
afterAll(() => service.close());
beforeEach(() => {
  logged = [];
});

describe('the log', () => {
  test('says of a request its method, route, status and time, under the id that the answer has', async () => {
    const { headers } = await stranger().get('/healthz').expect(200);
    const id = headers['x-request-id'];
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await lineOf(id)).toMatchObject({
      ...{ level: 'debug', context: 'HTTP', msg: 'answered', method: 'GET', route: '/healthz', status: 200 },
      ...{ ms: expect.any(Number), time: expect.stringMatching(/^\d{4}-.*Z$/), pid: process.pid },
    });
  });

  test('takes over a request id that is sane, and says it in the problem document too', async () => {
    const id = 'edge-1:0000017';
    const { body, headers } = await stranger().get('/api/v1/cases/7').set('x-request-id', id).expect(401);
    expect([headers['x-request-id'], body.request_id]).toEqual([id, id]);
    expect(await lineOf(id)).toMatchObject({ level: 'info', route: '/api/v1/cases/:id', status: 401 });
    const other = await stranger().get('/healthz').set('x-request-id', 'anna@example.org');
    expect(other.headers['x-request-id']).not.toContain('anna');
  });

  test('holds an unforeseen error with its stack under the request’s id', async () => {
    const { dataSource } = service.database;
    const auditor = withKey(service.app, await mintKey(service.database, 'auditor'));
    await dataSource.query('alter table alert rename to alert_away');
    const { body } = await auditor.get('/api/v1/alerts').expect(500);
    await dataSource.query('alter table alert_away rename to alert');
    expect(logged.filter(({ request_id }) => request_id === body.request_id)).toMatchObject([
      {
        level: 'error',
        stack: expect.stringContaining('\n    at '),
        msg: expect.stringContaining(body.instance),
      },
      { level: 'error', status: 500, msg: 'answered' },
    ]);
  });

  test('shows no less than its level, and text where text is wanted', () => {
    const texts: string[] = [];
    const quiet = createLog({ logLevel: 'warn', logFormat: 'text' }, (text) => texts.push(text));
    quiet.info('nobody reads this');
    quiet.warn({ context: 'Uploads', upload: 7 }, 'it waits');
    expect(texts).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d WARN {2}\[Uploads\] it waits upload=7\n$/),
    ]);
  });
});

describe('nothing of people reaches the log', () => {
  test('from what they send and ask for', async () => {
    const { name, address, email } = PERSONAL;
    const registry = `metering_point,territory,consumer_name,address\nH-secret-1,RU-IRK,${name},"${address}"\nH2,,,\n`;
    await upload('registry', registry);
    const inspector = await signIn(service.database, 'inspector');
    const agent = asPerson(service.app, inspector);
    const [{ id }] = await service.database.dataSource.query<{ id: number }[]>(
      `select id from metering_point where external_id = 'H-secret-1'`,
    );
    await agent.post(`/api/v1/metering-points/${id}/disclosures`).send({ reason: name }).expect(201);
    await agent.get(`/api/v1/metering-points?metering_point=H-secret-1&token=${inspector.token}`);
    await stranger().post('/api/v1/session').send({ login: email, password: 'correct horse' });
    await stranger()
      .get(`/api/v1/cases?q=${encodeURIComponent(name)}`)
      .set('cookie', `a=${inspector.token}`);
    await stranger()
      .get(`/nowhere/${encodeURIComponent(name)}?email=${email}`)
      .expect(404);
    await upload('readings', `metering_point,start,kwh\nH-secret-1,${name},1\n`);
    expect(logged.length).toBeGreaterThan(6);
    const secrets = [
      name,
      'Иванов',
      encodeURIComponent('Иванов'),
      address,
      email,
      'correct horse',
      'H-secret-1',
    ];
    expect(found([...secrets, inspector.token, inspector.login, utilityKey, 'cookie'])).toEqual([]);
  });

  test('from an error of the database, and from objects that code hands over', async () => {
    const { name, address, email, phone } = PERSONAL;
    const { dataSource } = service.database;
    const error = await dataSource.query(`select '${name}'::date`).catch((reason: Error) => reason);
    const logger = new Logger('Test');
    logger.error('A query failed', (error as Error).stack);
    logger.error(error);
    logger.warn(`write to ${email} or call ${phone}, see /x?name=${encodeURIComponent(name)}`);
    log.warn(
      { name, address, email, row: { name }, of: { headers: { cookie: 'a=1' } }, err: error },
      'structured',
    );
    expect(logged).toHaveLength(4);
    expect(logged[0].stack).toContain('invalid input syntax for type date: [value]');
    expect(found([name, 'Иванов', address, email, phone, 'a=1'])).toEqual([]);
  });
});

describe('traces', () => {
  let receiver: OtlpReceiver;
  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    const end = await startTracing({ otlpEndpoint: receiver.url, traceRatio: 1 });
    await stranger()
      .get('/api/v1/cases/7?token=secret')
      .set('traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')
      .set('x-request-id', 'traced-request');
    await upload('registry', 'metering_point,territory\nT1,RU-IRK\n');
    await upload('readings', `metering_point,start,kwh\n${hours('T1', 24 * 40)}`);
    await score();
    await deliver();
    await end();
  });
  afterAll(() => receiver.close());

  test('go to the collector, under our name', () => {
    expect([...receiver.paths]).toEqual(['/v1/traces']);
    expect([...receiver.services]).toEqual(['gridwarden']);
  });

  test('hold requests by route, on the caller’s trace, and nothing else of their address', async () => {
    const [span] = receiver.named('GET /api/v1/cases/:id');
    expect(span).toMatchObject({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentSpanId: '00f067aa0ba902b7',
      attributes: {
        ...{ 'http.request.method': 'GET', 'http.route': '/api/v1/cases/:id' },
        'http.response.status_code': 401,
      },
    });
    expect(JSON.stringify(receiver.spans)).not.toContain('secret');
  });

  test('hold loads, and scoring with its stages', () => {
    const loads = receiver.named('upload.load').map(({ attributes }) => attributes);
    expect(loads.slice(-2)).toEqual([
      { 'gridwarden.upload.kind': 'registry', 'gridwarden.upload.status': 'loaded' },
      { 'gridwarden.upload.kind': 'readings', 'gridwarden.upload.status': 'loaded' },
    ]);
    const [round] = receiver.named('scoring.round');
    const below = ({ spanId }: { spanId: string }) =>
      receiver.spans.filter((span) => span.parentSpanId === spanId).map(({ name }) => name);
    expect(round.attributes).toEqual({ 'gridwarden.did': 'scored' });
    expect(below(round)).toEqual(['scoring.score', 'scoring.alerts']);
    expect(below(receiver.named('scoring.score')[0])).toEqual([
      ...['scoring.plan', 'scoring.context', 'scoring.blocks', 'scoring.finish'],
    ]);
  });

  test('hold deliveries', () => {
    expect(receiver.named('webhook.deliver')[0].attributes).toEqual({
      'gridwarden.attempt': 1,
      'gridwarden.result': 'delivered',
    });
  });

  test('are found from the log', () => {
    expect(traced).toMatchObject({ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' });
  });

  let traced: Line | undefined;
  beforeAll(() => {
    traced = allLogged.find(({ request_id }) => request_id === 'traced-request');
  });

  test('that nobody asks for load nothing of OpenTelemetry', async () => {
    const child = TestProcess.start('telemetry/loaded-modules.ts', []);
    expect(await child.answer()).toBe(0);
    expect(await child.answer()).toBeGreaterThan(10);
    expect(await new Promise((resolve) => child.child.once('exit', resolve))).toBe(0);
  });
});

const allLogged: Line[] = [];

function capture(config: Parameters<typeof createLog>[0]): Log {
  return createLog(config, (text) => {
    const line = JSON.parse(text) as Line;
    logged.push(line);
    allLogged.push(line);
  });
}

function stranger() {
  return request(service.app.getHttpServer());
}

/** It comes when the connection has been given up, a moment after the answer. */
async function lineOf(id: string): Promise<Line> {
  const find = () => logged.find(({ request_id, msg }) => request_id === id && msg === 'answered');
  await eventually(() => find() !== undefined);
  return find()!;
}

/** Those of `texts` that some line holds. */
function found(texts: readonly string[]): string[] {
  const whole = logged.map((line) => JSON.stringify(line)).join('\n');
  return texts.filter((text) => whole.includes(text) || whole.includes(JSON.stringify(text).slice(1, -1)));
}

async function upload(kind: string, content: string): Promise<void> {
  const http = withKey(service.app, utilityKey);
  const { headers } = await http
    .post(`/api/v1/uploads?kind=${kind}&filename=a.csv`)
    .set('content-type', 'text/csv')
    .send(content)
    .expect(202);
  const isOpen = async () => {
    const { body } = await http.get(headers.location);
    return body.status === 'received' || body.status === 'loading';
  };
  await eventually(async () => !(await isOpen()), 30_000);
}

function hours(point: string, count: number): string {
  const start = Date.parse('2026-01-01T00:00:00Z');
  return Array.from(
    { length: count },
    (_, hour) => `${point},${new Date(start + hour * 3_600_000).toISOString().slice(0, 16)}+00:00,2\n`,
  ).join('');
}

async function score(): Promise<void> {
  const leader = { term: new AbortController().signal };
  const parts = { db: service.database, rulebook: loadRulebook(service.config.rulebookFile), leader };
  const result = await scoringRound({ ...parts, score: scorePoints }, new Date());
  expect(result.did).toBe('scored');
}

async function deliver(): Promise<void> {
  const receiver = await WebhookReceiver.start();
  const client = await service.database.connect();
  await addSubscription(client, {
    ...{ channel: 'webhook', name: 'grid', target: receiver.url, language: 'en', createdBy: 'test' },
    ...{ territory: null, kinds: null, states: null },
  });
  const loop = new DeliveryLoop(service.database.dataSource, {
    ...{ allowed: ['127.0.0.0/8'], publicUrl: null, leaseSeconds: 60, pollMs: 20, pause: () => 1 },
    ...{ onAttempt: () => {}, onError: () => {} },
  });
  loop.start();
  await rescore(service.database, client, {
    points: await seedPoints(client, 1),
    suspected: true,
    afterDays: 1,
  });
  await eventually(() => receiver.taken.size > 0);
  await loop.stop();
  await client.end();
  await receiver.close();
}
