import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Metric } from 'prom-client';
import { DATABASE } from '../../database/database.module.js';
import { keptFor } from '../../database/kept-for.js';
import type { Database } from '../../database/open-database.js';
import { ATTEMPT_RESULTS, type AttemptResult } from './domain/attempt-result.js';

/** While a receiver is away the outbox grows by all that changes. */
const KEPT_MS = 10_000;

const POST_RESULTS = ['posted', 'failed'] as const;

/** How alerts leave, and what is still owed. */
@Injectable()
export class DeliveriesMetrics {
  readonly attempts = new Counter({
    name: 'gridwarden_webhook_attempts_total',
    help: 'Attempts of this instance to deliver a webhook, by how they ended.',
    labelNames: ['result'],
    registers: [],
  });
  readonly posts = new Counter({
    name: 'gridwarden_alertmanager_posts_total',
    help: 'Rounds of this instance of telling an Alertmanager what fires, by how they ended.',
    labelNames: ['result'],
    registers: [],
  });
  readonly lastPost = new Gauge({
    name: 'gridwarden_alertmanager_last_success_timestamp_seconds',
    help: 'When this instance last told every Alertmanager what fires; 0: not since it started.',
    registers: [],
  });
  readonly unposted = new Gauge({
    name: 'gridwarden_alertmanager_unposted_alerts',
    help: 'Firing alerts beyond the most that one round posts.',
    registers: [],
  });
  readonly exports = new Counter({
    name: 'gridwarden_scheduled_exports_total',
    help: 'Scheduled exports of this instance, by how they ended.',
    labelNames: ['result'],
    registers: [],
  });
  readonly digests = new Counter({
    name: 'gridwarden_digest_mails_total',
    help: 'Digest mails of this instance, by how they ended.',
    labelNames: ['result'],
    registers: [],
  });
  readonly deliveries: Gauge<'state'>;
  readonly oldestWaiting: Gauge;
  readonly all: Metric[];

  constructor(@Inject(DATABASE) { dataSource }: Database) {
    const owed = keptFor(KEPT_MS, async () => {
      const [row]: { waiting: number; dead: number; oldest: number }[] = await dataSource.query(
        `select count(*) filter (where d.state = 'waiting' and s.removed_at is null)::int as waiting,
           count(*) filter (where d.state = 'dead' and s.removed_at is null)::int as dead,
           coalesce(extract(epoch from min(d.made_at) filter (where d.state = 'waiting')), 0)::float8 as oldest
         from alert_delivery d join alert_subscription s on s.id = d.subscription_id
         where d.state in ('waiting', 'dead') and s.channel = 'webhook'`,
      );
      return row;
    });
    this.deliveries = new Gauge({
      name: 'gridwarden_webhook_deliveries',
      help: 'Webhook messages that wait for an attempt, and those given up: "gridwarden webhook replay" sends them again.',
      labelNames: ['state'],
      registers: [],
      async collect() {
        const { waiting, dead } = await owed();
        this.set({ state: 'waiting' }, waiting);
        this.set({ state: 'dead' }, dead);
      },
    });
    this.oldestWaiting = new Gauge({
      name: 'gridwarden_webhook_oldest_waiting_timestamp_seconds',
      help: 'When the oldest webhook message that still waits was made; 0: none waits.',
      registers: [],
      async collect() {
        this.set((await owed()).oldest);
      },
    });
    for (const result of ATTEMPT_RESULTS) this.attempts.inc({ result }, 0);
    for (const result of POST_RESULTS) this.posts.inc({ result }, 0);
    for (const result of ['done', 'failed']) {
      this.exports.inc({ result }, 0);
      this.digests.inc({ result }, 0);
    }
    this.all = [
      ...[this.attempts, this.deliveries, this.oldestWaiting],
      ...[this.posts, this.lastPost, this.unposted, this.exports, this.digests],
    ];
  }

  observeAttempt(result: AttemptResult): void {
    this.attempts.inc({ result });
  }
}
