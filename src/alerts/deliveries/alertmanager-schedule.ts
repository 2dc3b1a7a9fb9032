import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { DATABASE } from '../../database/database.module.js';
import { LeaderLock } from '../../database/leader-lock.js';
import type { Database } from '../../database/open-database.js';
import { inSpan } from '../../telemetry/tracing.js';
import { postToAlertmanagers } from './alertmanager.js';
import { DeliveriesMetrics } from './deliveries.metrics.js';

/** The leader tells the Alertmanagers what fires, again and again, as Prometheus does. */
@Injectable()
export class AlertmanagerSchedule implements OnApplicationBootstrap {
  private readonly logger = new Logger(AlertmanagerSchedule.name);
  private busy = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly db: Database,
    private readonly leader: LeaderLock,
    private readonly jobs: SchedulerRegistry,
    private readonly metrics: DeliveriesMetrics,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.alertmanagerUrls.length === 0) return;
    const interval = setInterval(() => void this.round(), this.config.alertmanagerSeconds * 1000);
    this.jobs.addInterval('alertmanager', interval);
  }

  private async round(): Promise<void> {
    if (this.busy || !this.leader.isLeader) return;
    this.busy = true;
    try {
      await this.post(new Date());
    } catch (error) {
      this.metrics.posts.inc({ result: 'failed' });
      this.logger.error(
        'The Alertmanagers were not told what fires; the next round will.',
        (error as Error).stack,
      );
    } finally {
      this.busy = false;
    }
  }

  private async post(now: Date): Promise<void> {
    const { alertmanagerUrls: urls, publicUrl } = this.config;
    const { told, failures, unposted } = await inSpan(
      'alertmanager.post',
      () => postToAlertmanagers(this.db.dataSource, { urls, publicUrl, now }),
      (round) => ({ 'gridwarden.told': round.told, 'gridwarden.failures': round.failures.length }),
    );
    this.metrics.posts.inc({ result: 'posted' }, told);
    this.metrics.posts.inc({ result: 'failed' }, failures.length);
    this.metrics.unposted.set(unposted);
    if (failures.length === 0) this.metrics.lastPost.set(now.getTime() / 1000);
    for (const failure of failures) this.logger.warn(`${failure}; the next round tries again.`);
  }
}
