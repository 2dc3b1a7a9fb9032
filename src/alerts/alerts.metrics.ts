import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Metric } from 'prom-client';
import { DATABASE } from '../database/database.module.js';
import { keptFor } from '../database/kept-for.js';
import type { Database } from '../database/open-database.js';
import { ALERT_KINDS, ALERT_STATES } from './domain/lifecycle.js';
import type { AlertsUpdate } from './update-alerts.js';

/** Years of alerts are walked through to count them. */
const KEPT_MS = 10_000;

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
  readonly firing: Gauge<'region' | 'kind'>;
  readonly all: Metric[];

  constructor(@Inject(DATABASE) { dataSource }: Database) {
    const byState = keptFor(KEPT_MS, () =>
      dataSource.query<{ kind: string; state: string; alerts: number }[]>(
        'select kind, state, count(*)::int as alerts from alert group by 1, 2',
      ),
    );
    const byRegion = keptFor(KEPT_MS, () =>
      dataSource.query<{ region: string; kind: string; alerts: number }[]>(
        `select coalesce(t.parent_code, t.code) as region, a.kind, count(*)::int as alerts
         from alert a join metering_point p on p.id = a.metering_point_id join territory t on t.code = p.territory_code
         where a.state = 'firing' group by 1, 2`,
      ),
    );
    this.alerts = new Gauge({
      name: 'gridwarden_alerts',
      help: 'Alerts by kind and state.',
      labelNames: ['kind', 'state'],
      registers: [],
      async collect() {
        const counts = await byState();
        // A series that vanishes at zero would keep its last value in every graph.
        for (const kind of ALERT_KINDS) for (const state of ALERT_STATES) this.set({ kind, state }, 0);
        for (const { kind, state, alerts } of counts) this.set({ kind, state }, alerts);
      },
    });
    const regions = new Set<string>();
    this.firing = new Gauge({
      name: 'gridwarden_firing_alerts',
      help: 'Alerts that fire, by region and kind; a region appears with its first alert.',
      labelNames: ['region', 'kind'],
      registers: [],
      async collect() {
        const counts = await byRegion();
        for (const { region } of counts) regions.add(region);
        // A series that vanishes at zero would keep its last value in every graph.
        for (const region of regions) for (const kind of ALERT_KINDS) this.set({ region, kind }, 0);
        for (const { region, kind, alerts } of counts) this.set({ region, kind }, alerts);
      },
    });
    for (const state of ALERT_STATES) this.transitions.inc({ state }, 0);
    this.all = [this.transitions, this.alerts, this.firing];
  }

  observeUpdate({ opened, fired, resolved }: AlertsUpdate): void {
    this.transitions.inc({ state: 'pending' }, opened);
    this.transitions.inc({ state: 'firing' }, fired);
    this.transitions.inc({ state: 'resolved' }, resolved);
  }
}
