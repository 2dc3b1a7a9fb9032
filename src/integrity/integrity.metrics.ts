import { Injectable } from '@nestjs/common';
import { Gauge, type Metric } from 'prom-client';
import { DataSource } from 'typeorm';
import { keptFor } from '../database/kept-for.js';
import { onConnection } from '../database/on-connection.js';
import { MEASURES, qualityOf, type Quality } from './domain/quality.js';
import { readObserved } from './read-quality.js';

const KEPT_MS = 15 * 60_000;
const SPAN_MS = 365 * 86_400_000;

/** Quality of inspections without a name: how many stand out, and how well blind looks agree. */
@Injectable()
export class IntegrityMetrics {
  readonly remarks: Gauge<'measure'>;
  readonly agreement: Gauge;
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
    this.all = [this.remarks, this.agreement];
  }
}

function readQuality(dataSource: DataSource, now: Date): Promise<Quality> {
  const span = { from: new Date(now.getTime() - SPAN_MS), to: now };
  return onConnection(dataSource, async (client) => qualityOf(await readObserved(client, span)));
}
