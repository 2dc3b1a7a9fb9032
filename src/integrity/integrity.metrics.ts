import { Injectable } from '@nestjs/common';
import { Gauge, type Metric } from 'prom-client';
import { DataSource } from 'typeorm';
import { keptFor } from '../database/kept-for.js';
import { onConnection } from '../database/on-connection.js';
import { MEASURES, qualityOf, type Quality } from './domain/quality.js';
import { readObserved } from './read-quality.js';

const KEPT_MS = 15 * 60_000;
/** As fresh as any scrape needs it. */
const WAITING_KEPT_MS = 10_000;
const SPAN_MS = 365 * 86_400_000;

/** Quality of inspections without a name: how many stand out, and how well blind looks agree. */
@Injectable()
export class IntegrityMetrics {
  readonly remarks: Gauge<'measure'>;
  readonly agreement: Gauge;
  readonly waiting: Gauge<'what'>;
  readonly oldestWaiting: Gauge<'what'>;
  readonly all: Metric[];

  constructor(dataSource: DataSource) {
    const quality = keptFor(KEPT_MS, () => readQuality(dataSource, new Date()));
    this.remarks = new Gauge({
      name: 'gridwarden_inspection_remarks',
      help: 'Inspectors of whom something stands out of chance over the last year, by measure.',
      labelNames: ['measure'],
      registers: [],
      async collect() {
        const { inspectors } = await quality();
        for (const measure of MEASURES)
          this.set({ measure }, inspectors.filter(({ remarks }) => remarks.includes(measure)).length);
      },
    });
    this.agreement = new Gauge({
      name: 'gridwarden_blind_agreement_ratio',
      help: 'Share of blind second looks over the last year that came to the same as the first.',
      registers: [],
      async collect() {
        this.set((await quality()).everybody.blind_agreement.estimate);
      },
    });
    const waiting = keptFor(WAITING_KEPT_MS, () => readWaiting(dataSource));
    this.waiting = new Gauge({
      name: 'gridwarden_second_opinions_waiting',
      help: 'Cases at their second look, and proposals, that wait for a second person.',
      labelNames: ['what'],
      registers: [],
      async collect() {
        for (const { what, count } of await waiting()) this.set({ what }, count);
      },
    });
    this.oldestWaiting = new Gauge({
      name: 'gridwarden_oldest_waiting_second_opinion_timestamp_seconds',
      help: 'Since when the oldest of them has waited; 0 when none does.',
      labelNames: ['what'],
      registers: [],
      async collect() {
        for (const { what, since } of await waiting()) this.set({ what }, since);
      },
    });
    this.all = [this.remarks, this.agreement, this.waiting, this.oldestWaiting];
  }
}

function readQuality(dataSource: DataSource, now: Date): Promise<Quality> {
  const span = { from: new Date(now.getTime() - SPAN_MS), to: now };
  return onConnection(dataSource, async (client) => qualityOf(await readObserved(client, span)));
}

interface Waiting {
  readonly what: 'second_look' | 'proposal';
  readonly count: number;
  /** Seconds since 1970. */
  readonly since: number;
}

function readWaiting(dataSource: DataSource): Promise<Waiting[]> {
  return dataSource.query<Waiting[]>(
    `select 'second_look' as what, count(*)::int as count, coalesce(extract(epoch from min(state_at)), 0)::float8 as since
     from case_file where state = 'second_look'
     union all
     select 'proposal', count(*)::int, coalesce(extract(epoch from min(proposed_at)), 0)::float8
     from proposal where state = 'open'`,
  );
}
