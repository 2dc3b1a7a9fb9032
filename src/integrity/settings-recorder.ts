import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { appendIfNew, systemActor } from '../audit/append-audit.js';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { onConnection } from '../database/on-connection.js';
import { inTransaction } from '../database/transaction.js';

export const SETTINGS_IN_FORCE = 'settings.in_force';

/** Settings of the environment that guard the record, households, or the people who judge them; none is a secret. */
const GUARDING = [
  ...(['namingEvidence', 'proposalDays', 'requestsPerMinute', 'oidcIssuer', 'trustedProxies'] as const),
  ...(['drawDays', 'drawBeacon', 'reinspectDismissals', 'reinspectConfirmations'] as const),
  ...(['seededCases', 'randomVisits', 'checkpointCron', 'witnessKeys', 'checks'] as const),
  ...(['readingsKeptMonths', 'rawFilesKeptDays', 'deliveriesKeptDays'] as const),
] satisfies readonly (keyof Config)[];

/** Records, when a service starts, the settings it guards by from now on: whoever runs it can't change them quietly. */
@Injectable()
export class SettingsRecorder implements OnApplicationBootstrap {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly dataSource: DataSource,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const facts = Object.fromEntries(GUARDING.map((name) => [name, this.config[name]]));
    const body = JSON.parse(JSON.stringify(facts)) as Record<string, unknown>;
    await onConnection(this.dataSource, (client) =>
      inTransaction(client, () =>
        appendIfNew(client, {
          actor: systemActor('service'),
          kind: SETTINGS_IN_FORCE,
          subject: 'settings',
          body,
        }),
      ),
    );
  }
}
