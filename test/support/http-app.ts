import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../../src/app.module.js';
import { loadConfig, type Config } from '../../src/config/config.js';
import type { Database } from '../../src/database/open-database.js';
import { createHttpApp } from '../../src/http/http-app.js';
import { createLog, type Log } from '../../src/telemetry/log.js';
import { testDatabase, testRunFolder } from './database.js';

export interface TestService {
  readonly app: NestExpressApplication;
  readonly database: Database;
  readonly config: Config;
  /** `http://127.0.0.1:40123` */
  readonly url: string;
  close(): Promise<void>;
}

/** The whole service on a database of its own, listening on a free port or the one in `env`; quiet, and without scheduled scoring and dealing. */
export async function testService({
  env = {},
  root = (...over) => AppModule.over(...over),
  log,
}: {
  readonly env?: NodeJS.ProcessEnv;
  /** The module that holds all others; a test may put something beside them. */
  readonly root?: (config: Config, database: Database) => DynamicModule;
  /** Where the service's log goes; by default only what is fatal is said. */
  readonly log?: Log;
} = {}): Promise<TestService> {
  const dataDir = await mkdtemp(path.join(testRunFolder(), 'service-'));
  const database = await testDatabase();
  const config = loadConfig({
    GRIDWARDEN_DATA_DIR: dataDir,
    GRIDWARDEN_LOG_LEVEL: 'fatal',
    GRIDWARDEN_SCORING_CRON: '0 0 1 1 *',
    GRIDWARDEN_DEALING_CRON: '0 0 1 1 *',
    ...env,
  });
  const app = await createHttpApp(root(config, database), config, log ?? createLog(config));
  await app.listen(Number(env.GRIDWARDEN_PORT ?? 0), '127.0.0.1');
  const close = async (): Promise<void> => {
    await app.close();
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { app, database, config, url: await app.getUrl(), close };
}
