import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Client } from 'pg';
import type { Agent } from 'supertest';
import type { PersonRole } from '../../src/access/domain/roles.js';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/config/config.js';
import type { Database } from '../../src/database/open-database.js';
import { createHttpApp } from '../../src/http/http-app.js';
import { asPerson, signIn } from '../support/access.js';
import { testDatabase, testRunFolder } from '../support/database.js';

export interface Worker {
  readonly id: number;
  readonly http: Agent;
}

/** The whole service over a database of its own, with nothing scheduled but the sealing of decisions. */
export class CasesApp {
  private constructor(
    readonly app: NestExpressApplication,
    readonly db: Database,
    readonly client: Client,
    readonly dataDir: string,
  ) {}

  static async start(): Promise<CasesApp> {
    const dataDir = mkdtempSync(path.join(testRunFolder(), 'cases-'));
    const db = await testDatabase();
    const config = loadConfig({
      GRIDWARDEN_DATA_DIR: dataDir,
      GRIDWARDEN_LOG_LEVEL: 'fatal',
      GRIDWARDEN_SCORING_CRON: '0 0 1 1 *',
      GRIDWARDEN_DEALING_CRON: '0 0 1 1 *',
    });
    const app = await createHttpApp(AppModule.over(config, db), config);
    await app.listen(0, '127.0.0.1');
    return new CasesApp(app, db, await db.connect(), dataDir);
  }

  async stop(): Promise<void> {
    await this.client.end();
    await this.app.close();
    await this.db.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Somebody of an organisation, signed in. */
  async worker(role: PersonRole, organisation?: string, authenticatedAt?: Date): Promise<Worker> {
    const person = await signIn(this.db, role, { authenticatedAt });
    if (organisation !== undefined)
      await this.client.query('insert into case_worker (person_id, organisation) values ($1, $2)', [
        person.personId,
        organisation,
      ]);
    return { id: person.personId, http: asPerson(this.app, person) };
  }
}
