import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CONFIG } from '../config/config.module.js';
import { addTimedJob } from '../config/timed-job.js';
import type { Config } from '../config/config.js';
import { DATABASE } from '../database/database.module.js';
import { LeaderLock } from '../database/leader-lock.js';
import type { Database } from '../database/open-database.js';
import { DetectionMetrics } from '../detection/detection.metrics.js';
import { scoreInThread } from '../detection/score-in-thread.js';
import { isoFromDay } from '../grid/domain/calendar.js';
import type { Rulebook } from '../rulebook/domain/rule.js';
import { RULEBOOK } from '../rulebook/rulebook.token.js';
import { AlertsFollowers } from './alerts-followers.js';
import { AlertsMetrics } from './alerts.metrics.js';
import { scoringRound, type RoundResult } from './scoring-round.js';

/** Starts a scoring round whenever the configured times come; one that is still under way when the next is due skips it. */
@Injectable()
export class ScoringSchedule implements OnApplicationBootstrap {
  private readonly logger = new Logger(ScoringSchedule.name);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(RULEBOOK) private readonly rulebook: Rulebook,
    private readonly leader: LeaderLock,
    private readonly jobs: SchedulerRegistry,
    private readonly detectionMetrics: DetectionMetrics,
    private readonly alertsMetrics: AlertsMetrics,
    private readonly followers: AlertsFollowers,
  ) {}

  /** Registered by hand and not by `@Cron`: the times are a setting. Nest's scheduler stops it with the application. */
  onApplicationBootstrap(): void {
    addTimedJob(this.jobs, {
      name: 'scoring',
      cronTime: this.config.scoringCron,
      onTick: () => this.round(),
    });
  }

  /** A failed round is logged and counted; the next one takes up its marks. */
  private async round(): Promise<void> {
    const { db, rulebook, leader } = this;
    const { follow } = this.followers;
    const now = new Date();
    try {
      this.report(await scoringRound({ db, rulebook, leader, score: scoreInThread, follow }, now), now);
    } catch (error) {
      this.detectionMetrics.observeFailure();
      this.logger.error('A scoring round failed; the next one repeats it.', (error as Error).stack);
    }
  }

  private report(result: RoundResult, now: Date): void {
    if (!('alerts' in result)) return;
    this.alertsMetrics.observeUpdate(result.alerts);
    this.detectionMetrics.observeRun(result.did === 'scored' ? result.summary : null, now);
    if (result.did === 'nothing') return;
    const { summary, alerts } = result;
    this.logger.log(
      `Scored ${summary.points} metering points as of ${isoFromDay(summary.asOf)} in ${summary.seconds.toFixed(1)} s; ` +
        `alerts: ${alerts.opened} opened, ${alerts.fired} fired, ${alerts.resolved} resolved.`,
    );
  }
}
