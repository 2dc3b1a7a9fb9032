import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { ClientBase } from 'pg';
import { DataSource } from 'typeorm';
import { CheckpointSchedule } from '../audit/checkpoint-schedule.js';
import { LeaderLock } from '../database/leader-lock.js';
import { onConnection } from './case-transaction.js';

/** Whoever has decided may print at once: the signature is there before they have looked. */
const LOOK_MS = 2000;
/** After a failure, which has been logged, so that it is not logged every two seconds. */
const PAUSE_MS = 60_000;

/**
 * Has the audit log signed soon after a case was closed, so that its dossier can prove the decision. By looking at the log
 * and not at what this process did: any instance may have sealed the decision, and the one that leads signs.
 */
@Injectable()
export class ClosingCheckpoints implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private looking: Promise<void> | null = null;
  private pausedUntil = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly leader: LeaderLock,
    private readonly jobs: SchedulerRegistry,
    private readonly checkpoints: CheckpointSchedule,
  ) {}

  onApplicationBootstrap(): void {
    this.jobs.addInterval(
      'signing closed cases',
      setInterval(() => {
        this.looking ??= this.look().finally(() => (this.looking = null));
      }, LOOK_MS),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.looking;
  }

  private async look(): Promise<void> {
    if (!this.leader.isLeader || performance.now() < this.pausedUntil) return;
    try {
      if (!(await this.isUnsigned())) return;
      await this.checkpoints.signAndDeliver();
      if (await this.isUnsigned()) this.pausedUntil = performance.now() + PAUSE_MS;
    } catch {
      // The database is away: whoever uses it says so, and the next look is due.
    }
  }

  private isUnsigned(): Promise<boolean> {
    return onConnection(this.dataSource, hasUnsignedClosing);
  }
}

/** Whether a case was closed since the last checkpoint; two look-ups in indexes. */
async function hasUnsignedClosing(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ unsigned: boolean }>(
    `select exists (
       select from audit_entry where kind in ('case.confirmed', 'case.dismissed')
         and seq >= coalesce((select max(size) from audit_checkpoint), 0)) as unsigned`,
  );
  return rows[0].unsigned;
}
