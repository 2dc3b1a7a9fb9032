import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessRefusal } from '../access/refusal.js';
import {
  disclose,
  MANY_HOUSEHOLDS_PER_HOUR,
  MOST_HOUSEHOLDS_PER_HOUR,
  type Asked,
  type Shown,
} from './disclosures.js';
import { GridMetrics } from './grid.metrics.js';

/** Who has had the most of an hour may well have had it long ago; asking again costs little. */
const RETRY_SECONDS = 600;

/** Shows whose household it is: recorded, counted, and not without end, whichever page asks. */
@Injectable()
export class Identities {
  private readonly logger = new Logger('Disclosures');

  constructor(
    private readonly dataSource: DataSource,
    private readonly metrics: GridMetrics,
  ) {}

  /** Null when there is no such point, or it is a transformer's. @throws AccessRefusal after the most of an hour */
  async show(asked: Omit<Asked, 'now'>): Promise<Shown | null> {
    const shown = await disclose(this.dataSource, { ...asked, now: new Date() });
    if (shown === 'too-many')
      throw new AccessRefusal(
        'throttled',
        `${MOST_HOUSEHOLDS_PER_HOUR} households within an hour are the most that are shown.`,
        RETRY_SECONDS,
      );
    if (shown === null) return null;
    this.metrics.disclosures.inc();
    if (shown.householdsThisHour >= MANY_HOUSEHOLDS_PER_HOUR)
      this.logger.warn(`${asked.actor} was shown ${shown.householdsThisHour} households within an hour`);
    return shown;
  }
}
