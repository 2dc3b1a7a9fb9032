import type { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';

export interface TimedJob {
  /** As the registry of jobs knows it. */
  readonly name: string;
  readonly cronTime: string;
  readonly onTick: () => Promise<void>;
}

/** Runs a job at its times until the application closes; a tick that finds the last one unfinished is passed over. */
export function addTimedJob(jobs: SchedulerRegistry, { name, cronTime, onTick }: TimedJob): void {
  const job = CronJob.from({
    cronTime,
    onTick,
    waitForCompletion: true,
    start: true,
  });
  jobs.addCronJob(name, job);
}
