import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { DATABASE } from '../../database/database.module.js';
import type { Database } from '../../database/open-database.js';
import { pauseAfter } from './domain/backoff.js';
import { DeliveriesMetrics } from './deliveries.metrics.js';
import { DeliveryLoop } from './delivery-loop.js';
import { ATTEMPT_TIMEOUT_MS } from './post-webhook.js';

const POLL_MS = 1_000;
const LEASE_SECONDS = (4 * ATTEMPT_TIMEOUT_MS) / 1000;

/** The delivery loop, for as long as the service runs. */
@Injectable()
export class WebhookDeliveries implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(WebhookDeliveries.name);
  private readonly loop: DeliveryLoop;
  /** A database that is away fails every look; once is enough to say so. */
  private lastError = '';

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(DATABASE) { dataSource }: Database,
    metrics: DeliveriesMetrics,
  ) {
    this.loop = new DeliveryLoop(dataSource, {
      allowed: config.webhookNetworks,
      publicUrl: config.publicUrl,
      leaseSeconds: LEASE_SECONDS,
      pollMs: POLL_MS,
      pause: pauseAfter,
      onAttempt: (result) => {
        this.lastError = '';
        metrics.observeAttempt(result);
      },
      onError: (error) => this.report(error),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  private report(error: Error): void {
    if (error.message === this.lastError) return;
    this.lastError = error.message;
    this.logger.error('Webhooks can not be delivered; what is owed stays queued.', error.stack);
  }
}
