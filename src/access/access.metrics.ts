import { Injectable } from '@nestjs/common';
import { Counter, type Metric } from 'prom-client';
import { AccessRefusal } from './refusal.js';

/** Who was not let in, and why. */
@Injectable()
export class AccessMetrics {
  readonly refused = new Counter({
    name: 'gridwarden_access_refused_total',
    help: 'Requests refused by reason: none (no credentials), wrong, expired, role, scope, stale, foreign_page, throttled, no_rule.',
    labelNames: ['reason'] as const,
    registers: [],
  });

  readonly all: Metric[] = [this.refused];

  /** What `work` gives; counts its refusal. */
  async count<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof AccessRefusal) this.refused.inc({ reason: error.reason });
      throw error;
    }
  }
}
