import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { appendIfNew, systemActor } from '../audit/append-audit.js';
import { DATABASE } from '../database/database.token.js';
import type { Database } from '../database/open-database.js';
import { inTransaction } from '../database/transaction.js';
import { RULEBOOK } from './rulebook.token.js';
import type { LoadedRulebook } from './rulebook-file.js';

/** Records, when a service starts, by which rules it judges from now on, if they are not those of the last start. */
@Injectable()
export class RulebookRecord implements OnApplicationBootstrap {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(RULEBOOK) private readonly rulebook: LoadedRulebook,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const client = await this.database.connect();
    try {
      await inTransaction(client, () => recordRulebook(client, this.rulebook));
    } finally {
      await client.end();
    }
  }
}

async function recordRulebook(client: ClientBase, { version, document }: LoadedRulebook): Promise<void> {
  const rules = document.rules.map(({ id, status }) => ({ id, status }));
  await appendIfNew(client, {
    actor: systemActor('service'),
    kind: 'rulebook.in_force',
    subject: `rulebook:${document.id}`,
    body: { version, rules },
  });
}
