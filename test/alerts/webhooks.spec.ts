import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Client } from 'pg';
import { Webhook } from 'standardwebhooks';
import { dropDeliveryHistory } from '../../src/alerts/deliveries/deliveries-retention.js';
import { DeliveryLoop, type DeliveryLoopOptions } from '../../src/alerts/deliveries/delivery-loop.js';
import { deliveryHistory, replay } from '../../src/alerts/deliveries/delivery-queue.js';
import type { AttemptResult } from '../../src/alerts/deliveries/domain/attempt-result.js';
import {
  addSubscription,
  listSubscriptions,
  removeSubscription,
  rotateSecret,
  subscriptionId,
  type NewSubscription,
} from '../../src/alerts/deliveries/subscriptions.js';
import { systemActor } from '../../src/audit/append-audit.js';
import type { Database } from '../../src/database/open-database.js';
import { BANNED_REGION, FREE_REGION } from '../detection/synthetic-points.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/process.js';
import { rescore, seedPoints } from './changing-alerts.js';
import { WebhookReceiver } from './webhook-receiver.js';

const BY = systemActor('test');

describe('webhooks', () => {
  let db: Database;
  let client: Client;
  let points: number[];
  let receiver: WebhookReceiver;
  const loops: DeliveryLoop[] = [];
  const errors: Error[] = [];
  let day = 0;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    points = await seedPoints(client, 3);
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });
  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
  });
  afterEach(async () => {
    await Promise.all(loops.splice(0).map((loop) => loop.stop()));
    await receiver.close();
    await client.query(
      'truncate delivery_attempt, alert_delivery, webhook_secret, alert_subscription cascade',
    );
    expect(errors.splice(0)).toEqual([]);
  });

  const endpoint = (over: Partial<NewSubscription> = {}) =>
    addSubscription(client, {
      ...{ channel: 'webhook', name: 'grid', target: receiver.url, language: 'en', createdBy: 'test' },
      ...{ territory: null, kinds: null, states: ['firing', 'resolved'] },
      ...over,
    }).then((secret) => secret!);

  function run(over: Partial<DeliveryLoopOptions> = {}): AttemptResult[] {
    const results: AttemptResult[] = [];
    const loop = new DeliveryLoop(db.dataSource, {
      ...{ allowed: ['127.0.0.0/8'], publicUrl: null, leaseSeconds: 60, pollMs: 20, pause: () => 0.05 },
      onAttempt: (result) => results.push(result),
      onError: (error) => errors.push(error),
      ...over,
    });
    loops.push(loop);
    loop.start();
    return results;
  }

  /** All of the points fire, or all resolve, in turn. */
  async function change(): Promise<void> {
    day += 10;
    const { fired, resolved } = await rescore(db, client, {
      points,
      suspected: (day / 10) % 2 === 1,
      afterDays: day,
    });
    expect(fired + resolved).toBe(points.length);
  }

  const states = async () =>
    (await client.query<{ state: string; attempts: number }>('select state, attempts from alert_delivery'))
      .rows;
  const ended = (state: string) =>
    eventually(async () => {
      const rows = await states();
      return rows.length === points.length && rows.every((row) => row.state === state);
    });

  it('tell, signed and thin, what changed to whom it concerns', async () => {
    const secret = await endpoint();
    await endpoint({ name: 'elsewhere', territory: FREE_REGION });
    await endpoint({ name: 'quota', kinds: ['quota_exceeded'] });
    run();
    await change();
    await ended('delivered');
    expect(receiver.received).toHaveLength(points.length);
    for (const { body, headers, id } of receiver.received) {
      expect(new Webhook(secret).verify(body, headers)).toMatchObject({ specversion: '1.0', id });
      expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
      expect(body).not.toMatch(/P-\d|RU-/);
    }
    const [, ...others] = await listSubscriptions(db.dataSource, 'webhook');
    expect(others.map(({ waiting, dead }) => waiting + dead)).toEqual([0, 0]);
  });

  it('are owed only by a change that happened: one that is rolled back owes nothing', async () => {
    await endpoint({ territory: BANNED_REGION });
    const events = async () => (await client.query('select from alert_event')).rowCount;
    const before = await events();
    await client.query(`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'no room'; end $$`);
    await client.query(`create trigger refuse before insert on alert_delivery execute function refuse()`);
    await expect(change()).rejects.toThrow('no room');
    await client.query('drop trigger refuse on alert_delivery');
    await client.query('drop function refuse');
    expect(await events()).toBe(before);
    expect(await states()).toEqual([]);
    day -= 10;
    await change();
    expect(await states()).toHaveLength(points.length);
  });

  it.each([
    [500, 'server_error', 500],
    [302, 'redirect_refused', 302],
    [404, 'rejected', 404],
    [429, 'too_many_requests', 429],
    ['cut', 'connection_broken', null],
  ] as const)(
    'answered %s, are repeated with the same id until they are taken',
    async (bad, result, status) => {
      await endpoint();
      receiver.answer = ({ id }) => (receiver.received.filter((one) => one.id === id).length < 2 ? bad : 204);
      const results = run();
      await change();
      await ended('delivered');
      expect(results.filter((one) => one === result)).toHaveLength(points.length * 2);
      expect(receiver.taken.size).toBe(points.length);
      const history = await deliveryHistory(
        db.dataSource,
        await subscriptionId(db.dataSource, 'webhook', 'grid'),
        99,
      );
      const first = history.filter(({ message }) => message === receiver.received[0].id);
      expect(first).toMatchObject([
        { attempt: 3, result: 'delivered', http_status: 204, state: 'delivered' },
        { attempt: 2, result, http_status: status },
        { attempt: 1, result, http_status: status },
      ]);
    },
  );

  it('given up, wait for a replay, which sends the same ids', async () => {
    await endpoint();
    receiver.answer = () => 500;
    run({ pause: (attempts) => (attempts < 3 ? 0.02 : null) });
    await change();
    await ended('dead');
    expect((await states()).map(({ attempts }) => attempts)).toEqual([3, 3, 3]);
    const tried = new Set(receiver.received.map(({ id }) => id));
    receiver.answer = () => 204;
    const id = await subscriptionId(db.dataSource, 'webhook', 'grid');
    expect(await replay(client, id, null)).toBe(points.length);
    await ended('delivered');
    expect(receiver.taken).toEqual(tried);
    expect(await replay(client, id, null)).toBe(0);
    const { rows } = await client.query<{ id: number }>('select id from alert_delivery order by id limit 1');
    expect(await replay(client, id, rows[0].id)).toBe(1);
    await eventually(
      () => receiver.received.filter(({ status }) => status === 204).length === points.length + 1,
    );
    expect(receiver.taken).toEqual(tried);
  });

  it('leave a history that is dropped when it is old, on record, but never what is owed', async () => {
    await endpoint();
    receiver.answer = () => 500;
    run({ pause: (attempt) => (attempt < 2 ? 0.01 : null) });
    await change();
    await ended('dead');
    const id = await subscriptionId(db.dataSource, 'webhook', 'grid');
    const [{ delivery }] = await deliveryHistory(db.dataSource, id, 1);
    await Promise.all(loops.splice(0).map((loop) => loop.stop()));
    await replay(client, id, delivery);
    await client.query(
      `insert into digest_mail (subscription_id, at, alerts, message_id, result)
       values ($1, now() - interval '40 days', 1, 'old', 'sent'), ($1, now() - interval '20 days', 1, 'new', 'sent')`,
      [id],
    );
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    expect(await dropDeliveryHistory(client, daysAgo(50))).toEqual({ deliveries: 0, mails: 0 });
    await client.query(`update alert_delivery set made_at = made_at - interval '40 days',
      ended_at = ended_at - interval '40 days'`);
    // In two batches.
    expect(await dropDeliveryHistory(client, daysAgo(30), { batch: 1 })).toEqual({ deliveries: 2, mails: 1 });
    const left = await deliveryHistory(db.dataSource, id, 100);
    expect(left.map((row) => [row.delivery, row.state])).toEqual([
      [delivery, 'waiting'],
      [delivery, 'waiting'],
    ]);
    expect((await client.query('select message_id from digest_mail')).rows).toEqual([{ message_id: 'new' }]);
    const { rows } = await client.query<{ body: string }>(
      `select body from audit_entry where kind = 'deliveries.dropped' order by seq`,
    );
    const bodies = rows.map(({ body }) => JSON.parse(body) as { deliveries: number; mails: number });
    expect(bodies.map(({ deliveries, mails }) => [deliveries, mails])).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });

  it('end at 410: nothing waits, nothing more is queued, and a replay opens it again', async () => {
    await endpoint();
    receiver.answer = () => 410;
    run();
    await change();
    await ended('dead');
    await change();
    expect(await states()).toHaveLength(points.length);
    const [{ goneAt, id }] = await listSubscriptions(db.dataSource, 'webhook');
    expect(goneAt).toBeInstanceOf(Date);
    receiver.answer = () => 204;
    await replay(client, id, null);
    await ended('delivered');
  });

  it('are signed by the old secret and the new one while both are in force', async () => {
    const old = await endpoint();
    const id = await subscriptionId(db.dataSource, 'webhook', 'grid');
    const fresh = await rotateSecret(client, id, 3600, BY);
    run();
    await change();
    await ended('delivered');
    const [{ body, headers }] = receiver.received;
    expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
    for (const secret of [old, fresh]) expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
    await rotateSecret(client, id, 0, BY);
    await rotateSecret(client, id, 0, BY);
    await replay(client, id, (await deliveryHistory(db.dataSource, id, 1))[0].delivery);
    await eventually(() => receiver.received.length === points.length + 1);
    const last = receiver.received.at(-1)!;
    // The overlap of the first rotation was cut short by the later ones.
    expect(() => new Webhook(old).verify(last.body, last.headers)).toThrow('No matching signature');
    expect(() => new Webhook(fresh).verify(last.body, last.headers)).toThrow('No matching signature');
    expect(last.headers['webhook-signature'].split(' ')).toHaveLength(1);
  });

  it('to an address inside, which no setting allows, are never sent', async () => {
    await endpoint();
    const results = run({ allowed: [], pause: () => null });
    await change();
    await ended('dead');
    expect(results).toEqual(['address_refused', 'address_refused', 'address_refused']);
    expect(receiver.received).toEqual([]);
  });

  it('whose endpoint speaks no TLS where https is asked for, are not sent in the clear', async () => {
    await endpoint({ target: receiver.url.replace('http:', 'https:') });
    const results = run({ pause: () => null });
    await change();
    await ended('dead');
    expect(new Set(results)).toEqual(new Set(['certificate_refused']));
    expect(receiver.received).toEqual([]);
  });

  it('one endpoint that hangs holds up no other', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    await endpoint({ name: 'silent', target: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` });
    await endpoint();
    run();
    await change();
    await eventually(() => receiver.taken.size === points.length, 3_000);
    await eventually(() => sockets.length === points.length);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('are shared by instances: no message is in two hands at once', async () => {
    await endpoint({ states: null });
    const under = new Set<string>();
    let twice = 0;
    receiver.answer = ({ id }) => {
      if (under.has(id)) twice++;
      under.add(id);
      return 204;
    };
    for (let n = 0; n < 4; n++) run();
    for (let n = 0; n < 4; n++) await change();
    await eventually(async () => (await states()).every(({ state }) => state === 'delivered'));
    expect(receiver.received.length).toBe((await states()).length);
    expect(twice).toBe(0);
  });

  it('to an endpoint that was removed are owed no longer, and its secret is gone', async () => {
    await endpoint();
    await change();
    await removeSubscription(client, await subscriptionId(db.dataSource, 'webhook', 'grid'), BY);
    run();
    await ended('dead');
    expect(receiver.received).toEqual([]);
    expect((await client.query('select from webhook_secret')).rowCount).toBe(0);
    const { rows } = await client.query<{ kind: string; body: string }>(
      `select kind, body from audit_entry where kind like 'subscription.%' order by seq desc limit 2`,
    );
    expect(rows.map(({ kind }) => kind)).toEqual(['subscription.removed', 'subscription.added']);
    expect(rows[1].body).not.toContain('127.0.0.1');
    await expect(subscriptionId(db.dataSource, 'webhook', 'grid')).rejects.toThrow(
      'no webhook subscription grid',
    );
  });

  it('have one name each, a territory that exists, and an end to how many there may be', async () => {
    await endpoint();
    await expect(endpoint()).rejects.toThrow('a webhook subscription grid already');
    await expect(endpoint({ name: 'x', territory: 'RU-XX' })).rejects.toThrow('no territory RU-XX');
    await client.query(`insert into alert_subscription (channel, name, target, created_at, created_by)
      select 'webhook', 'n' || n, 'https://example.org', now(), 'test' from generate_series(1, 49) n`);
    await expect(endpoint({ name: 'one-more' })).rejects.toThrow('There are 50 webhook subscriptions');
  });
});
