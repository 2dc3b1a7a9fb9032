import type { Logger } from '@nestjs/common';
import type { SchedulerRegistry } from '@nestjs/schedule';
import { addTimedJob } from '../config/timed-job.js';
import type { LeaderLock } from './leader-lock.js';

export interface LeaderJob {
  /** As the registry of jobs knows it. */
  readonly name: string;
  readonly cronTime: string;
  readonly work: () => Promise<unknown>;
  /** What the log says when the work fails: what that means, and what happens next. */
  readonly onFailure: string;
}

/** Runs a job at its times on whichever instance leads then. One that fails is logged, and runs again at its next time. */
export function addLeaderJob(
  { jobs, leader, logger }: { jobs: SchedulerRegistry; leader: LeaderLock; logger: Logger },
  { name, cronTime, work, onFailure }: LeaderJob,
): void {
  addTimedJob(jobs, {
    name,
    cronTime,
    onTick: async () => {
      if (!leader.isLeader) return;
      try {
        await work();
      } catch (error) {
        logger.error(onFailure, (error as Error).stack);
      }
    },
  });
}
