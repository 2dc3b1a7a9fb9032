import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { addTimedJob } from '../../config/timed-job.js';
import { DATABASE } from '../../database/database.module.js';
import { LeaderLock } from '../../database/leader-lock.js';
import type { Database } from '../../database/open-database.js';
import { ANY_ALERT } from '../alert-list.js';
import { DeliveriesMetrics } from '../deliveries/deliveries.metrics.js';
import type { FinishedExport } from './export-alerts.js';
import { exportToFile } from './export-to-file.js';
import type { ExportFormat } from './export-writers.js';

/** The leader writes all open and resolved alerts to a folder when the configured times come. */
@Injectable()
export class ScheduledExport implements OnApplicationBootstrap {
  private readonly logger = new Logger(ScheduledExport.name);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly db: Database,
    private readonly leader: LeaderLock,
    private readonly jobs: SchedulerRegistry,
    private readonly metrics: DeliveriesMetrics,
  ) {}

  onApplicationBootstrap(): void {
    const { exportFolder } = this.config;
    if (exportFolder === null) return;
    addTimedJob(this.jobs, {
      name: 'export',
      cronTime: this.config.exportCron,
      onTick: () => this.write(exportFolder),
    });
  }

  private async write(folder: string): Promise<void> {
    if (!this.leader.isLeader) return;
    try {
      await exportToFolder(this.db, { folder, format: this.config.exportFormat, now: new Date() });
      this.metrics.exports.inc({ result: 'done' });
    } catch (error) {
      this.metrics.exports.inc({ result: 'failed' });
      this.logger.error(
        `The export to ${folder} failed; the next one holds everything.`,
        (error as Error).stack,
      );
    }
  }
}

/** `alerts-20260131T060000Z.csv`, and beside it its SHA-256 as `sha256sum -c` reads it. */
export async function exportToFolder(
  db: Pick<Database, 'connect'>,
  { folder, format, now }: { folder: string; format: ExportFormat; now: Date },
): Promise<FinishedExport & { readonly file: string }> {
  const name = `alerts-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z.${format}`;
  const file = path.join(folder, name);
  await mkdir(folder, { recursive: true });
  const done = await exportToFile(
    db,
    { actor: 'schedule', reason: 'scheduled export', destination: 'schedule', format, filter: ANY_ALERT },
    file,
  );
  await writeFile(`${file}.sha256`, `${done.sha256}  ${name}\n`, { mode: 0o600 });
  return { ...done, file };
}
