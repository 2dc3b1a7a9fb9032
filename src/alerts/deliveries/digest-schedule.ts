import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { DATABASE } from '../../database/database.module.js';
import { addLeaderJob } from '../../database/leader-job.js';
import { LeaderLock } from '../../database/leader-lock.js';
import type { Database } from '../../database/open-database.js';
import { DeliveriesMetrics } from './deliveries.metrics.js';
import { sendDigests } from './digest.js';
import { sendThrough } from './smtp.js';

/** The leader mails the digests when their time comes; without an SMTP server nothing is ever mailed. */
@Injectable()
export class DigestSchedule implements OnApplicationBootstrap {
  readonly logger = new Logger(DigestSchedule.name);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly db: Database,
    readonly leader: LeaderLock,
    readonly jobs: SchedulerRegistry,
    private readonly metrics: DeliveriesMetrics,
  ) {}

  onApplicationBootstrap(): void {
    const { smtpUrl } = this.config;
    if (smtpUrl === null) return;
    addLeaderJob(this, {
      name: 'digest',
      cronTime: this.config.digestCron,
      work: () => this.send(smtpUrl),
      onFailure: 'Digests failed; the next ones hold what these would have.',
    });
  }

  private async send(smtpUrl: string): Promise<void> {
    const { mailFrom: from, publicUrl } = this.config;
    try {
      const results = await sendDigests(this.db, { from, publicUrl, send: sendThrough(smtpUrl) });
      const failed = results.filter((result) => result !== 'sent');
      this.metrics.digests.inc({ result: 'done' }, results.length - failed.length);
      this.metrics.digests.inc({ result: 'failed' }, failed.length);
      if (failed.length > 0)
        this.logger.warn(
          `${failed.length} of ${results.length} digests were not taken (${[...new Set(failed)].join(', ')}); the next ones hold what they held.`,
        );
    } catch (error) {
      this.metrics.digests.inc({ result: 'failed' });
      throw error;
    }
  }
}
