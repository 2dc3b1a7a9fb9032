import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { DATABASE } from '../../database/database.module.js';
import { addLeaderJob } from '../../database/leader-job.js';
import { LeaderLock } from '../../database/leader-lock.js';
import type { Database } from '../../database/open-database.js';
import { dropDeliveryHistory } from './deliveries-retention.js';

const DAY_MS = 86_400_000;

/** The leader drops the history of messages that ended longer ago than is kept. */
@Injectable()
export class DeliveriesRetentionSchedule implements OnApplicationBootstrap {
  readonly logger = new Logger('DeliveriesRetention');

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly database: Database,
    readonly leader: LeaderLock,
    readonly jobs: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    addLeaderJob(this, {
      name: 'deliveries-retention',
      cronTime: this.config.retentionCron,
      work: () => this.drop(),
      onFailure: 'Retention of deliveries failed; the next time repeats it.',
    });
  }

  private async drop(): Promise<void> {
    const before = new Date(Date.now() - this.config.deliveriesKeptDays * DAY_MS);
    const client = await this.database.connect();
    try {
      const { deliveries, mails } = await dropDeliveryHistory(client, before);
      if (deliveries + mails > 0)
        this.logger.log(`Dropped by retention: the history of ${deliveries} messages and ${mails} digests.`);
    } finally {
      await client.end();
    }
  }
}
