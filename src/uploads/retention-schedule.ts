import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { DATABASE } from '../database/database.token.js';
import { addLeaderJob } from '../database/leader-job.js';
import { LeaderLock } from '../database/leader-lock.js';
import type { Database } from '../database/open-database.js';
import { applyRetention } from './retention.js';
import { spoolIn } from './spool.js';

/** Drops what is older than the settings keep, by the leader alone; off while nothing is set. */
@Injectable()
export class RetentionSchedule implements OnApplicationBootstrap {
  readonly logger = new Logger('Retention');

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly database: Database,
    readonly leader: LeaderLock,
    readonly jobs: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const { readingsKeptMonths, rawFilesKeptDays, retentionCron } = this.config;
    if (readingsKeptMonths === null && rawFilesKeptDays === null) return;
    addLeaderJob(this, {
      name: 'retention',
      cronTime: retentionCron,
      work: () => this.drop(),
      onFailure: 'Retention failed; the next time repeats it.',
    });
  }

  private async drop(): Promise<void> {
    const client = await this.database.connect();
    try {
      const { months, files } = await applyRetention(client, spoolIn(this.config), this.config, new Date());
      if (months.length + files > 0)
        this.logger.log(
          `Dropped by retention: ${months.length} months of readings, ${files} received files.`,
        );
    } finally {
      await client.end();
    }
  }
}
