import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { ClientBase } from 'pg';
import { DataSource } from 'typeorm';
import { inAuditedTransaction } from '../audit/audited-transaction.js';
import { openLogKey } from '../audit/key-files.js';
import type { SignerKey } from '../audit/domain/signed-note.js';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { addLeaderJob } from '../database/leader-job.js';
import { LeaderLock } from '../database/leader-lock.js';
import { onConnection } from '../database/on-connection.js';
import { commitPeriods, type DrawSettings } from './draw-periods.js';
import { openNextPeriod, seedKnownCases } from './open-draws.js';

const DRAWS_CRON = '*/10 * * * *';
/** Of periods that ended while nothing ran. */
const MOST_OPENED = 20;

/** Fixes secrets, puts known cases into the queue, and draws when a period is over. One instance does, the leader. */
@Injectable()
export class IntegritySchedule implements OnApplicationBootstrap {
  readonly logger = new Logger('Draws');

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DataSource) private readonly dataSource: DataSource,
    readonly leader: LeaderLock,
    readonly jobs: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    addLeaderJob(this, {
      name: 'draws',
      cronTime: DRAWS_CRON,
      work: () => this.run(new Date()),
      onFailure: 'Drawing failed; the next time repeats it.',
    });
  }

  /** What is due now. */
  async run(now: Date): Promise<void> {
    const { key } = await openLogKey(this.config.dataDir, this.config.auditOrigin);
    await this.change((client) => commitPeriods(client, key, settingsOf(this.config), now));
    await this.change((client) => seedKnownCases(client, key, now));
    for (let opened = 0; opened < MOST_OPENED; opened++) if ((await this.open(key, now)) === null) return;
  }

  private open(key: SignerKey, now: Date) {
    return this.change((client) => openNextPeriod(client, key, now));
  }

  private change<T>(work: (client: ClientBase) => Promise<T>): Promise<T> {
    return onConnection(this.dataSource, (client) => inAuditedTransaction(client, () => work(client)));
  }
}

export function settingsOf(config: Config): DrawSettings {
  return {
    drawDays: config.drawDays,
    beacon: config.drawBeacon,
    shares: {
      dismissals: config.reinspectDismissals,
      confirmations: config.reinspectConfirmations,
      seeded: config.seededCases,
      visits: config.randomVisits,
    },
  };
}
