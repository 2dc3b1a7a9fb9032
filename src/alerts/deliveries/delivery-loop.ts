import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { Queryable } from '../../database/queryable.js';
import { inSpan } from '../../telemetry/tracing.js';
import type { AllowedNetworks } from './address-policy.js';
import { claimDue, closeSubscription, recordAttempt, type ClaimedDelivery } from './delivery-queue.js';
import type { AttemptResult } from './domain/attempt-result.js';
import type { pauseAfter } from './domain/backoff.js';
import { messageIdOf, webhookBody } from './domain/outgoing-event.js';
import { postWebhook, type PostRequest } from './post-webhook.js';
import { activeSubscriptions, signingSecrets, type Subscription } from './subscriptions.js';

/** Sent at a time to one endpoint by one process. */
const LANE_WIDTH = 8;

export interface DeliveryLoopOptions {
  readonly allowed: AllowedNetworks;
  readonly publicUrl: string | null;
  /** Longer than an attempt may take, or a slow one is sent twice at once. */
  readonly leaseSeconds: number;
  /** Between two looks for endpoints with something due. */
  readonly pollMs: number;
  /** Seconds until the next attempt, null after the last: {@link pauseAfter}, but for tests that can't wait for days. */
  readonly pause: typeof pauseAfter;
  readonly onAttempt: (result: AttemptResult) => void;
  readonly onError: (error: Error) => void;
}

/**
 * Sends what is due until it is stopped. Each endpoint has a lane of its own: one that hangs holds up nobody else. Any
 * number of processes may run one over the same database.
 */
export class DeliveryLoop {
  private readonly stopping = new AbortController();
  private readonly lanes = new Map<number, Promise<void>>();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Queryable,
    private readonly options: DeliveryLoopOptions,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** Takes up nothing more and waits for what is on its way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await Promise.all(this.lanes.values());
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.openLanes();
      } catch (error) {
        this.options.onError(error as Error);
      }
      await sleep(this.options.pollMs, undefined, { signal: this.stopping.signal }).catch(() => {});
    }
  }

  private async openLanes(): Promise<void> {
    for (const endpoint of await activeSubscriptions(this.db, 'webhook')) {
      if (this.lanes.has(endpoint.id)) continue;
      const lane = this.runLane(endpoint)
        .catch((error: Error) => this.options.onError(error))
        .finally(() => this.lanes.delete(endpoint.id));
      this.lanes.set(endpoint.id, lane);
    }
  }

  /** Until nothing is due. */
  private async runLane(endpoint: Subscription): Promise<void> {
    const { leaseSeconds } = this.options;
    while (!this.stopping.signal.aborted) {
      const due = await claimDue(this.db, { subscription: endpoint.id, limit: LANE_WIDTH, leaseSeconds });
      if (due.length === 0) return;
      const secrets = await signingSecrets(this.db, endpoint.id);
      await Promise.all(due.map((delivery) => this.deliver(endpoint, delivery, secrets)));
    }
  }

  private async deliver(
    endpoint: Subscription,
    delivery: ClaimedDelivery,
    secrets: readonly string[],
  ): Promise<void> {
    const request = requestFor(endpoint, delivery, secrets, this.options.publicUrl);
    const outcome = await inSpan(
      'webhook.deliver',
      () => postWebhook(request, this.options.allowed),
      ({ result: how }) => ({ 'gridwarden.attempt': delivery.attempt, 'gridwarden.result': how }),
    );
    const { result, wishedSeconds } = outcome;
    const pauseSeconds =
      result === 'gone'
        ? null
        : this.options.pause(delivery.attempt, { chance: Math.random(), wishedSeconds });
    await recordAttempt(this.db, { ...outcome, delivery, pauseSeconds });
    if (result === 'gone') await closeSubscription(this.db, endpoint.id);
    this.options.onAttempt(result);
  }
}

/** Signed with every secret that is in force, so that a receiver may know the old one or the new one. */
function requestFor(
  { target }: Subscription,
  delivery: ClaimedDelivery,
  secrets: readonly string[],
  publicUrl: string | null,
): PostRequest {
  const body = webhookBody(delivery, publicUrl);
  const id = messageIdOf(delivery);
  const now = new Date();
  return {
    url: new URL(target),
    body,
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
    },
  };
}
