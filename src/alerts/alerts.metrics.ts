import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Metric } from 'prom-client';
import { DATABASE } from '../database/database.module.js';
import type { Database } from '../database/open-database.js';
import { ALERT_KINDS, ALERT_STATES } from './domain/lifecycle.js';
import type { AlertsUpdate } from './update-alerts.js';

/** Suspicions: how many stand, and how they come and go. */
@Injectable()
export class AlertsMetrics {
  readonly transitions = new Counter({
    name: 'gridwarden_alert_transitions_total',
    help: 'Alerts that this instance opened, fired or resolved, by the state they went to.',
    labelNames: ['state'],
    registers: [],
  });
  readonly alerts: Gauge<'kind' | 'state'>;
  readonly all: Metric[];

  constructor(@Inject(DATABASE) { dataSource }: Database) {
    this.alerts = new Gauge({
      name: 'gridwarden_alerts',
      help: 'Alerts by kind and state.',
      labelNames: ['kind', 'state'],
      registers: [],
      async collect() {
        const counts: { kind: string; state: string; alerts: number }[] = await dataSource.query(
          'select kind, state, count(*)::int as alerts from alert group by 1, 2',
        );
        // A series that vanishes at zero would keep its last value in every graph.
        for (const kind of ALERT_KINDS) for (const state of ALERT_STATES) this.set({ kind, state }, 0);
        for (const { kind, state, alerts } of counts) this.set({ kind, state }, alerts);
      },
    });
    this.all = [this.transitions, this.alerts];
  }

  observeUpdate({ opened, fired, resolved }: AlertsUpdate): void {
    this.transitions.inc({ state: 'pending' }, opened);
    this.transitions.inc({ state: 'firing' }, fired);
    this.transitions.inc({ state: 'resolved' }, resolved);
  }
}
