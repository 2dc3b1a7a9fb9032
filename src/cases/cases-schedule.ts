import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { DataSource } from 'typeorm';
import { AlertsFollowers } from '../alerts/alerts-followers.js';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { LeaderLock } from '../database/leader-lock.js';
import { CasesMetrics } from './cases.metrics.js';
import { dealDue } from './deal-due.js';
import { followAlerts } from './follow-alerts.js';
import { sealDueDecisions } from './seal-decisions.js';

/** Sealing waits for nobody's click, so its tick is a part of the seconds in which a decision can be undone. */
const SEAL_CRON = '*/2 * * * * *';

/** Makes cases follow the alerts, seals what was decided, and deals what waits. */
@Injectable()
export class CasesSchedule implements OnApplicationBootstrap {
  private readonly logger = new Logger('Cases');

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DataSource) private readonly dataSource: DataSource,
    private readonly leader: LeaderLock,
    private readonly jobs: SchedulerRegistry,
    private readonly metrics: CasesMetrics,
    followers: AlertsFollowers,
  ) {
    followers.add(followAlerts);
  }

  onApplicationBootstrap(): void {
    this.schedule('sealing decisions', SEAL_CRON, async () => {
      this.metrics.sealed.inc(await sealDueDecisions(this.dataSource, new Date()));
    });
    this.schedule('dealing cases', this.config.dealingCron, async () => {
      if (this.leader.term === null) return;
      this.metrics.dealt.inc(await dealDue(this.dataSource, new Date()));
    });
  }

  /** A failed tick is logged, and the next one does its work. */
  private schedule(name: string, cronTime: string, work: () => Promise<void>): void {
    const onTick = () =>
      work().catch((error: Error) =>
        this.logger.error(`${name} failed; the next tick repeats it.`, error.stack),
      );
    this.jobs.addCronJob(name, CronJob.from({ cronTime, onTick, waitForCompletion: true, start: true }));
  }
}
