import type { Client } from 'pg';
import type { Agent } from 'supertest';
import { setOrganisation } from '../../src/access/person.repository.js';
import type { PersonRole } from '../../src/rights/domain/roles.js';
import { asPerson, signIn } from '../support/access.js';
import { testService, type TestService } from '../support/http-app.js';

export interface Worker {
  readonly id: number;
  readonly http: Agent;
}

/** The whole service over a database of its own, with nothing scheduled but the sealing of decisions. */
export class CasesApp {
  private constructor(
    readonly service: TestService,
    readonly client: Client,
  ) {}

  static async start(): Promise<CasesApp> {
    const service = await testService();
    return new CasesApp(service, await service.database.connect());
  }

  get app() {
    return this.service.app;
  }

  get db() {
    return this.service.database;
  }

  async stop(): Promise<void> {
    await this.client.end();
    await this.service.close();
  }

  /** Somebody of an organisation, signed in. */
  async worker(role: PersonRole, organisation?: string, authenticatedAt?: Date): Promise<Worker> {
    const person = await signIn(this.db, role, { authenticatedAt });
    if (organisation !== undefined)
      await setOrganisation(this.db.dataSource, { login: person.login, organisation, by: 'test' });
    return { id: person.personId, http: asPerson(this.app, person) };
  }
}
