import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DATABASE } from '../database/database.token.js';
import type { Database } from '../database/open-database.js';
import { putInForce } from './rulebook-change.js';
import type { LoadedRulebook } from './rulebook-file.js';
import { RULEBOOK } from './rulebook.token.js';

/** Records, when a service starts, by which rules it judges from now on. */
@Injectable()
export class RulebookRecorder implements OnApplicationBootstrap {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(RULEBOOK) private readonly rulebook: LoadedRulebook,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await putInForce(this.database, this.rulebook);
  }
}
