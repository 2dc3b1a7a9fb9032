import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { Webhook } from 'standardwebhooks';
import { addSubscription } from '../../src/alerts/deliveries/subscriptions.js';
import type { Database } from '../../src/database/open-database.js';
import { seeded } from '../../src/detection/evaluation/domain/seeded.js';
import { testDatabase } from '../support/database.js';
import { eventually, TestProcess } from '../support/process.js';
import { rescore, seedPoints } from './changing-alerts.js';
import { WebhookReceiver } from './webhook-receiver.js';

const POINTS = 150;
const KILLS = 10;
const WORKERS = 3;
const FAILURE_RATIO = 0.3;
const SEED = 20_261_121;

describe('a receiver that fails 30 % of the time, and workers that are killed', () => {
  let db: Database;
  let client: Client;
  let receiver: WebhookReceiver;
  let secret: string;
  const workers: TestProcess[] = [];
  const random = seeded(SEED);

  const startWorker = () => TestProcess.start('alerts/delivery-process.ts', [db.url]);

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    receiver = await WebhookReceiver.start();
    const failures = [500, 503, 429, 'cut'] as const;
    receiver.answer = () => (random() < FAILURE_RATIO ? failures[Math.floor(random() * 4)] : 204);
    secret = (await addSubscription(client, {
      ...{ channel: 'webhook', name: 'grid', target: receiver.url, language: 'en', createdBy: 'test' },
      ...{ territory: null, kinds: null, states: null },
    }))!;
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
    await receiver.close();
    await client.end();
    await db.close();
  });

  it(`lose nothing in ${KILLS} kills, and repeats carry the same id and the same bytes`, async () => {
    const points = await seedPoints(client, POINTS);
    for (let n = 0; n < WORKERS; n++) workers.push(startWorker());
    // Alerts open and fire, resolve, open and fire again; each change is owed, and each kill falls into one's delivery.
    for (let kill = 0; kill < KILLS; kill++) {
      const victim = workers[kill % WORKERS];
      await rescore(db, client, { points, suspected: kill % 2 === 0, afterDays: kill * 10 });
      await victim.answer();
      await sleep(random() * 200);
      await victim.end('SIGKILL');
      workers[kill % WORKERS] = startWorker();
    }
    await eventually(async () => {
      const { rows } = await client.query(`select from alert_delivery where state <> 'delivered' limit 1`);
      return rows.length === 0;
    }, 120_000);

    const { rows: events } = await client.query<{ n: number }>('select count(*)::int as n from alert_event');
    const { rows: owed } = await client.query<{ id: string }>(
      `select 'msg_' || replace(message_id::text, '-', '') as id from alert_delivery`,
    );
    // Opened and fired, then resolved, in turn.
    expect(events[0].n).toBe((POINTS * KILLS * 3) / 2);
    expect(owed).toHaveLength(events[0].n);
    expect(receiver.taken).toEqual(new Set(owed.map(({ id }) => id)));
    const bodies = new Map(receiver.received.map(({ id, body }) => [id, body]));
    for (const { id, body, headers } of receiver.received) {
      expect(body).toBe(bodies.get(id));
      expect(JSON.parse(body)).toMatchObject({ id });
      expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
    }
    // The trial was one: attempts failed, and messages that a killed worker had handed over came again.
    const failed = receiver.received.filter(({ status }) => status !== 204).length;
    expect(failed / receiver.received.length).toBeGreaterThan(FAILURE_RATIO / 2);
    const { rows: lost } = await client.query<{ n: number }>(
      `select count(*)::int as n from alert_delivery d
       where (select count(*) from delivery_attempt t where t.delivery_id = d.id) < d.attempts`,
    );
    expect(lost[0].n).toBeGreaterThan(0);
  }, 300_000);
});
