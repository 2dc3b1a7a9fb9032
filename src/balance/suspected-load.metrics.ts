import { Inject, Injectable } from '@nestjs/common';
import { Gauge, type Metric } from 'prom-client';
import { DATABASE } from '../database/database.module.js';
import { keptFor } from '../database/kept-for.js';
import type { Database } from '../database/open-database.js';
import type { LoadedRulebook } from '../rulebook/rulebook-file.js';
import { RULEBOOK } from '../rulebook/rulebook.token.js';
import { hiddenLoad, type HiddenLoadView } from './hidden-load.js';

/** It joins scores, judgements and balances: a look every few minutes is enough for what moves by the day. */
const KEPT_MS = 300_000;
/** Mean seconds of a month, and joules of a kilowatt-hour. */
const MONTH_SECONDS = 730.5 * 3600;
const KWH_JOULES = 3.6e6;

/** How much load resembles mining, and what it costs, by region: what a deficit is planned with. */
@Injectable()
export class SuspectedLoadMetrics {
  readonly load: Gauge<'region' | 'source'>;
  readonly money: Gauge<'region'>;
  readonly all: Metric[];

  constructor(@Inject(DATABASE) { dataSource }: Database, @Inject(RULEBOOK) rulebook: LoadedRulebook) {
    const rules = rulebook.document.rules.filter((rule) => rule.kind === 'tariff_band');
    const asked = { utilityId: null, level: 'region', territory: null, commercialRubPerKwh: null } as const;
    const read = keptFor(KEPT_MS, () => hiddenLoad(dataSource, rules, asked));
    this.load = new Gauge({
      name: 'gridwarden_suspected_load_watts',
      help: 'Load that resembles mining, by region: metered (flat part of the last judged month) and unmetered (behind transformers).',
      labelNames: ['region', 'source'],
      registers: [],
      async collect() {
        this.reset();
        for (const view of await read()) {
          this.set({ region: view.territory, source: 'metered' }, meteredWatts(view));
          this.set({ region: view.territory, source: 'unmetered' }, view.hidden_mw * 1e6);
        }
      },
    });
    this.money = new Gauge({
      name: 'gridwarden_suspected_unpaid_roubles_per_month',
      help: 'Unmetered energy of a month at the household price, by region, where the rulebook knows the price.',
      labelNames: ['region'],
      registers: [],
      async collect() {
        this.reset();
        for (const { territory, money } of await read())
          this.set(
            { region: territory },
            money.reduce((sum, { unpaid_rub }) => sum + (unpaid_rub ?? 0), 0),
          );
      },
    });
    this.all = [this.load, this.money];
  }
}

function meteredWatts({ money }: HiddenLoadView): number {
  const kwh = money.reduce((sum, { metered_kwh }) => sum + metered_kwh, 0);
  return Math.round((kwh * KWH_JOULES) / MONTH_SECONDS);
}
