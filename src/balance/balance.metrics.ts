import { Inject, Injectable } from '@nestjs/common';
import { Gauge, type Metric } from 'prom-client';
import { DATABASE } from '../database/database.module.js';
import { keptFor } from '../database/kept-for.js';
import type { Database } from '../database/open-database.js';
import type { BalanceVerdict } from './domain/types.js';

/** Balances change when a scoring run ends. */
const KEPT_MS = 60_000;

const VERDICTS: readonly BalanceVerdict[] = [
  'hidden_load',
  'night_load',
  'household_like',
  'none',
  'inconsistent',
  'unclear',
];

/** What enters transformers and no meter accounts for. */
@Injectable()
export class BalanceMetrics {
  readonly hiddenLoad: Gauge<'region'>;
  readonly transformers: Gauge<'verdict'>;
  readonly all: Metric[];

  constructor(@Inject(DATABASE) { dataSource }: Database) {
    // Every region that has a balance: a series that vanishes at zero would keep its last value in every graph.
    const byRegion = keptFor(KEPT_MS, () =>
      dataSource.query<{ region: string; kw: number }[]>(
        `select coalesce(t.parent_code, t.code) as region,
           sum(b.hidden_kw) filter (where b.verdict = 'hidden_load') as kw
         from transformer_balance b join metering_point p on p.id = b.metering_point_id
         join territory t on t.code = p.territory_code group by 1`,
      ),
    );
    const byVerdict = keptFor(KEPT_MS, () =>
      dataSource.query<{ verdict: BalanceVerdict; transformers: number }[]>(
        'select verdict, count(*)::int as transformers from transformer_balance group by 1',
      ),
    );
    this.hiddenLoad = new Gauge({
      name: 'gridwarden_transformer_hidden_load_kilowatts',
      help: 'Flat load that no meter under a transformer accounts for, by the region of the transformers.',
      labelNames: ['region'],
      registers: [],
      async collect() {
        const sums = await byRegion();
        this.reset();
        for (const { region, kw } of sums) this.set({ region }, kw ?? 0);
      },
    });
    this.transformers = new Gauge({
      name: 'gridwarden_transformers_balanced',
      help: 'Transformers by what their newest balance says (hidden_load = flagged).',
      labelNames: ['verdict'],
      registers: [],
      async collect() {
        const counts = await byVerdict();
        for (const verdict of VERDICTS) this.set({ verdict }, 0);
        for (const { verdict, transformers } of counts) this.set({ verdict }, transformers);
      },
    });
    this.all = [this.hiddenLoad, this.transformers];
  }
}
