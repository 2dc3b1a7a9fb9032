import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CONFIG } from '../config/config.module.js';
import { addTimedJob } from '../config/timed-job.js';
import type { Config } from '../config/config.js';
import { DATABASE } from '../database/database.token.js';
import { LeaderLock } from '../database/leader-lock.js';
import type { Database } from '../database/open-database.js';
import { AuditMetrics } from './audit.metrics.js';
import { signLatest } from './checkpoints.js';
import type { Checkpoint } from './domain/checkpoint.js';
import { openLogKey } from './key-files.js';
import { postCheckpoint } from './post-checkpoint.js';

/** Signs the log whenever the configured times come, and hands new checkpoints out. One instance does so, the leader. */
@Injectable()
export class CheckpointSchedule implements OnApplicationBootstrap {
  private readonly logger = new Logger(CheckpointSchedule.name);
  /** Of the last checkpoint that arrived outside; after a restart the newest is sent once more. */
  private deliveredSize = -1;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly database: Database,
    private readonly leader: LeaderLock,
    private readonly jobs: SchedulerRegistry,
    private readonly metrics: AuditMetrics,
  ) {}

  /** Registered by hand and not by `@Cron`: the times are a setting. Nest's scheduler stops it with the application. */
  onApplicationBootstrap(): void {
    addTimedJob(this.jobs, {
      name: 'checkpoint',
      cronTime: this.config.checkpointCron,
      onTick: () => this.signAndDeliver(),
    });
  }

  /** Signs the log as it is now. */
  async sign(): Promise<Checkpoint> {
    const { key, isNew } = await openLogKey(this.config.dataDir, this.config.auditOrigin);
    if (isNew) this.logger.log(`New key of the audit log; for those who verify: ${key.verifier.text}`);
    const client = await this.database.connect();
    try {
      const now = new Date();
      const checkpoint = await signLatest(client, key, now);
      this.metrics.observeCheckpoint(checkpoint.size, now);
      return checkpoint;
    } finally {
      await client.end();
    }
  }

  /** {@link sign}, and handed out. Nothing where another instance leads; a failure is logged and counted, the next try mends it. */
  async signAndDeliver(): Promise<void> {
    if (!this.leader.isLeader) return;
    try {
      await this.deliver(await this.sign());
    } catch (error) {
      this.metrics.failures.inc();
      this.logger.error('The audit log was not signed, or not handed out.', (error as Error).stack);
    }
  }

  /** One that did not arrive is followed by the next, which covers what it covered. */
  private async deliver(checkpoint: Checkpoint): Promise<void> {
    const { checkpointWebhook } = this.config;
    if (checkpointWebhook === null || checkpoint.size === this.deliveredSize) return;
    await postCheckpoint(checkpointWebhook, checkpoint);
    this.deliveredSize = checkpoint.size;
  }
}
