import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { compiledWorker } from '../config/compiled-worker.js';
import { DATABASE } from '../database/database.token.js';
import type { Database } from '../database/open-database.js';
import { recordSpan } from '../telemetry/tracing.js';
import { receiptOf } from './receipt.js';
import { spoolIn } from './spool.js';
import { Upload } from './upload.entity.js';
import { UploadsMetrics } from './uploads.metrics.js';
import type { ThreadCommand, ThreadData, ThreadReport } from './uploads.thread.js';

/** How often to look for uploads that another process received, or whose loader was killed. */
const LOOK_EVERY_MS = 2_000;
/** A batch is stored within seconds; a thread that takes longer to stop is ended, its upload goes on at the next start. */
const STOP_WITHIN_MS = 15_000;

/** Runs the thread that loads received uploads, and starts it anew when it dies. */
@Injectable()
export class UploadLoader
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly logger = new Logger(UploadLoader.name);
  private thread: Worker | null = null;
  private stopping = false;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    private readonly metrics: UploadsMetrics,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await spoolIn(this.config).tidy(new Date());
    this.look();
  }

  /** Loads what has been received, now. */
  @Interval(LOOK_EVERY_MS)
  look(): void {
    if (this.stopping) return;
    this.thread ??= this.start();
    this.thread.postMessage('load' satisfies ThreadCommand);
  }

  /** While requests are finished, so that one after the other does not add up: nothing new is taken up from here on. */
  beforeApplicationShutdown(): void {
    this.stopping = true;
    this.thread?.postMessage('stop' satisfies ThreadCommand);
  }

  async onApplicationShutdown(): Promise<void> {
    const { thread } = this;
    if (thread === null) return;
    const ended = once(thread, 'exit');
    const deadline = setTimeout(() => void thread.terminate(), STOP_WITHIN_MS);
    await ended;
    clearTimeout(deadline);
  }

  private start(): Worker {
    const workerData: ThreadData = {
      databaseUrl: this.database.url,
      spoolFolder: join(this.config.dataDir, 'spool'),
      rejectedRowsKept: this.config.rejectedRowsKept,
      checks: this.config.checks,
    };
    const thread = new Worker(compiledWorker('uploads/uploads.thread.js'), { workerData });
    thread.on('message', (report: ThreadReport) => void this.hear(report));
    thread.on('error', (error) => this.logger.error(`The loading thread died: ${error.message}`));
    thread.on('exit', () => (this.thread = null));
    return thread;
  }

  private async hear(report: ThreadReport): Promise<void> {
    if (report.type === 'error') {
      this.metrics.loaderErrors.inc();
      this.logger.error(
        `Loading ${report.id === null ? 'uploads' : `upload ${report.id}`} failed: ${report.message}`,
      );
      return;
    }
    try {
      const upload = await this.database.dataSource.getRepository(Upload).findOneBy({ id: report.id });
      if (!upload) return;
      this.metrics.observeEnd(receiptOf(upload));
      const { startMs, endMs } = report;
      const about = { 'gridwarden.upload.kind': upload.kind, 'gridwarden.upload.status': upload.status };
      recordSpan({ name: 'upload.load', startMs, endMs }, about);
    } catch (error) {
      this.logger.error(`The receipt of upload ${report.id} can't be read: ${(error as Error).message}`);
    }
  }
}
