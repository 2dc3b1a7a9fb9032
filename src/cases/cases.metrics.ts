import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Metric } from 'prom-client';
import { DATABASE } from '../database/database.token.js';
import { keptFor } from '../database/kept-for.js';
import type { Database } from '../database/open-database.js';
import { CASE_STATES } from './domain/transitions.js';

/** Years of cases are counted. */
const KEPT_MS = 10_000;

/** The work on suspicions: where it stands, and how it moves. */
@Injectable()
export class CasesMetrics {
  readonly cases: Gauge<'state'>;
  readonly sealed = new Counter({
    name: 'gridwarden_case_decisions_sealed_total',
    help: 'Decisions about cases that this instance sealed on time, without anybody asking.',
    registers: [],
  });
  readonly dealt = new Counter({
    name: 'gridwarden_cases_dealt_total',
    help: 'Cases that this instance dealt to inspectors by itself.',
    registers: [],
  });
  readonly all: Metric[];

  constructor(@Inject(DATABASE) { dataSource }: Database) {
    const byState = keptFor(KEPT_MS, () =>
      dataSource.query<{ state: string; cases: number }[]>(
        'select state, count(*)::int as cases from case_file group by 1',
      ),
    );
    this.cases = new Gauge({
      name: 'gridwarden_cases',
      help: 'Cases by state.',
      labelNames: ['state'],
      registers: [],
      async collect() {
        const counts = await byState();
        // A series that vanishes at zero would keep its last value in every graph.
        for (const state of CASE_STATES) this.set({ state }, 0);
        for (const { state, cases } of counts) this.set({ state }, cases);
      },
    });
    this.all = [this.cases, this.sealed, this.dealt];
  }
}
