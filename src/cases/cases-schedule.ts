import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DataSource } from 'typeorm';
import { AlertsFollowers } from '../alerts/alerts-followers.js';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { addLeaderJob } from '../database/leader-job.js';
import { LeaderLock } from '../database/leader-lock.js';
import { CasesMetrics } from './cases.metrics.js';
import { dealDue } from './deal-due.js';
import { lapseSecondLooks } from './lapse-second-looks.js';
import { followAlerts } from './follow-alerts.js';
import { sealDueDecisions } from './seal-decisions.js';

/** Sealing waits for nobody's click, so its tick is a part of the seconds in which a decision can be undone. */
const SEAL_MS = 2000;

/** Makes cases follow the alerts, seals what was decided, and deals what waits. */
@Injectable()
export class CasesSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly logger = new Logger('Cases');
  private sealing: Promise<void> | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DataSource) private readonly dataSource: DataSource,
    readonly leader: LeaderLock,
    readonly jobs: SchedulerRegistry,
    private readonly metrics: CasesMetrics,
    followers: AlertsFollowers,
  ) {
    followers.add(followAlerts);
  }

  /** Registered with Nest's scheduler, which stops both with the application. */
  onApplicationBootstrap(): void {
    this.jobs.addInterval(
      'sealing decisions',
      setInterval(() => {
        this.sealing ??= this.seal().finally(() => (this.sealing = null));
      }, SEAL_MS),
    );
    // One instance deals, so that a dealing is recorded once and not tried by each.
    addLeaderJob(this, {
      name: 'dealing cases',
      cronTime: this.config.dealingCron,
      work: () => this.deal(),
      onFailure: 'Dealing cases failed; the next time repeats it.',
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.sealing;
  }

  private async seal(): Promise<void> {
    try {
      this.metrics.sealed.inc(await sealDueDecisions(this.dataSource, new Date()));
    } catch (error) {
      this.logger.error('Sealing decisions failed; the next tick repeats it.', (error as Error).stack);
    }
  }

  private async deal(): Promise<void> {
    await lapseSecondLooks(this.dataSource, this.config.proposalDays, new Date());
    this.metrics.dealt.inc(await dealDue(this.dataSource, new Date()));
  }
}
