import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Controller, Get, Inject, ServiceUnavailableException } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../rights/allow.decorator.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { DATABASE } from '../database/database.module.js';
import type { Database } from '../database/open-database.js';

/** A probe that hangs is a probe that failed. */
const PROBE_TIMEOUT_MS = 2_000;
const MIB = 2 ** 20;

/** For supervisors and load balancers: alive, and able to work. */
@ApiTags('health')
@Public()
@Controller()
export class HealthController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  /** Says only that the process answers: a supervisor restarts what does not, and a restart mends no database. */
  @Get('healthz')
  @ApiOperation({ summary: 'The process is alive' })
  @ApiOkResponse({ description: 'Alive' })
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'The service can work: database, migrations, spool, room on its disks' })
  @ApiOkResponse({ description: 'Ready' })
  @ApiServiceUnavailableResponse({ description: 'Not ready; the detail says what is missing' })
  async ready(): Promise<{ status: 'ok' }> {
    const missing = await Promise.all([
      inTime('database', this.unappliedMigrations()),
      inTime('spool', this.unwritableSpool()),
      inTime('disk', this.fullDisk()),
    ]);
    const reasons = missing.filter((reason) => reason !== null);
    if (reasons.length > 0) throw new ServiceUnavailableException(reasons.join('; '));
    return { status: 'ok' };
  }

  /** What keeps the database from being used; null when it answers and holds every migration this version knows. */
  private async unappliedMigrations(): Promise<string | null> {
    const { dataSource } = this.database;
    const table = dataSource.options.migrationsTableName ?? 'migrations';
    const applied: { name: string }[] = await dataSource.query(`select name from "${table}"`);
    const names = new Set(applied.map(({ name }) => name));
    const missing = dataSource.migrations.map(({ name }) => name ?? '').filter((name) => !names.has(name));
    return missing.length === 0 ? null : `database: not migrated: ${missing.join(', ')}`;
  }

  private async unwritableSpool(): Promise<string | null> {
    const folder = this.spoolFolder;
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return null;
  }

  /** The spool may be a disk of its own. */
  private async fullDisk(): Promise<string | null> {
    const { dataDir, leastFreeBytes } = this.config;
    await mkdir(this.spoolFolder, { recursive: true });
    const disks = [
      { name: 'data folder', folder: dataDir },
      { name: 'spool', folder: this.spoolFolder },
    ];
    for (const { name, folder } of disks) {
      const { bavail, bsize } = await statfs(folder);
      if (bavail * bsize < leastFreeBytes)
        return `disk: ${mib(bavail * bsize)} free for the ${name}, less than ${mib(leastFreeBytes)}`;
    }
    return null;
  }

  private get spoolFolder(): string {
    return path.join(this.config.dataDir, 'spool');
  }
}

function mib(bytes: number): string {
  return `${Math.floor(bytes / MIB)} MiB`;
}

/** The probe's own answer, or why it gave none. Only the error's code goes out: its message may hold the address. */
async function inTime(name: string, probe: Promise<string | null>): Promise<string | null> {
  const timeout = new AbortController();
  try {
    return await Promise.race([
      probe,
      after(PROBE_TIMEOUT_MS, `${name}: no answer in ${PROBE_TIMEOUT_MS / 1000} s`, {
        signal: timeout.signal,
        ref: false,
      }),
    ]);
  } catch (error) {
    return `${name}: ${(error as NodeJS.ErrnoException).code ?? 'failed'}`;
  } finally {
    timeout.abort();
  }
}
