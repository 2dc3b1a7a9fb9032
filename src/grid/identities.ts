import { ForbiddenException, Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller.js';
import { AccessRefusal } from '../access/refusal.js';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { disclose, MANY_HOUSEHOLDS_PER_HOUR, MOST_HOUSEHOLDS_PER_HOUR, type Shown } from './disclosures.js';
import { GridMetrics } from './grid.metrics.js';

/** Who has had the most of an hour may well have had it long ago; asking again costs little. */
const RETRY_SECONDS = 600;

/** Who asks for which household, and why. */
interface Question {
  readonly meteringPointId: number;
  readonly caller: Pick<Caller, 'actor' | 'role'>;
  readonly reason: string | null;
}

/** Shows whose household it is: recorded, counted, and not without end, whichever page asks. */
@Injectable()
export class Identities {
  private readonly logger = new Logger('Disclosures');

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly dataSource: DataSource,
    private readonly metrics: GridMetrics,
  ) {}

  /**
   * Null when there is no such point, or it is a transformer's.
   * @throws ForbiddenException not enough speaks for mining to name anybody; AccessRefusal after the most of an hour
   */
  async show({ meteringPointId, caller: { actor, role }, reason }: Question): Promise<Shown | null> {
    const { namingEvidence } = this.config;
    const evidenceNeeded = role === 'auditor' ? 0 : namingEvidence;
    const now = new Date();
    const shown = await disclose(this.dataSource, { meteringPointId, actor, reason, now, evidenceNeeded });
    if (shown === 'too-little')
      throw new ForbiddenException(
        `Fewer than ${namingEvidence} kinds of evidence speak for mining at metering point ${meteringPointId}: whose ` +
          'household it is, is not shown.',
      );
    if (shown === 'too-many')
      throw new AccessRefusal(
        'throttled',
        `${MOST_HOUSEHOLDS_PER_HOUR} households within an hour are the most that are shown.`,
        RETRY_SECONDS,
      );
    if (shown === null) return null;
    this.metrics.disclosures.inc();
    if (shown.householdsThisHour >= MANY_HOUSEHOLDS_PER_HOUR)
      this.logger.warn(`${actor} was shown ${shown.householdsThisHour} households within an hour`);
    return shown;
  }
}
