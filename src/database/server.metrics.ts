import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Metric } from 'prom-client';
import { DATABASE } from './database.token.js';
import type { Database } from './open-database.js';
import { keptFor } from './kept-for.js';

/** The size of a database is a walk through its files. */
const SIZE_KEPT_MS = 60_000;

const STATES = ['active', 'idle', 'idle_in_transaction', 'waiting_for_lock'] as const;

interface Statistics {
  readonly commits: number;
  readonly rollbacks: number;
  readonly deadlocks: number;
  readonly cached: number;
  readonly read: number;
  readonly connections: readonly { readonly state: string; readonly count: number }[];
  readonly most: number;
}

/** Use, saturation and errors of the PostgreSQL server, as its own statistics have them. */
@Injectable()
export class ServerMetrics {
  readonly all: Metric[];

  constructor(@Inject(DATABASE) { dataSource }: Database) {
    const read = shared(async () => (await dataSource.query<Statistics[]>(STATISTICS))[0]);
    const size = keptFor(SIZE_KEPT_MS, async () => {
      const [row]: { bytes: number }[] = await dataSource.query(
        'select pg_database_size(current_database())::float8 as bytes',
      );
      return row.bytes;
    });
    this.all = [
      new Gauge({
        name: 'gridwarden_database_server_connections',
        help: 'Connections to this database by what they do; those of all instances and of others.',
        labelNames: ['state'],
        registers: [],
        async collect() {
          const { connections } = await read();
          for (const state of STATES)
            this.set({ state }, connections.find((one) => one.state === state)?.count ?? 0);
        },
      }),
      new Gauge({
        name: 'gridwarden_database_server_connections_max',
        help: 'Connections that the server takes.',
        registers: [],
        async collect() {
          this.set((await read()).most);
        },
      }),
      new Counter({
        name: 'gridwarden_database_transactions_total',
        help: 'Transactions of this database by how they ended, since its statistics were reset.',
        labelNames: ['result'],
        registers: [],
        async collect() {
          const { commits, rollbacks } = await read();
          this.reset();
          this.inc({ result: 'committed' }, commits);
          this.inc({ result: 'rolled_back' }, rollbacks);
        },
      }),
      new Counter({
        name: 'gridwarden_database_deadlocks_total',
        help: 'Deadlocks that the server broke, since its statistics were reset.',
        registers: [],
        async collect() {
          const { deadlocks } = await read();
          this.reset();
          this.inc(deadlocks);
        },
      }),
      new Counter({
        name: 'gridwarden_database_blocks_total',
        help: 'Blocks of 8 kB that queries asked for, by where they were found.',
        labelNames: ['source'],
        registers: [],
        async collect() {
          const { cached, read: fromDisk } = await read();
          this.reset();
          this.inc({ source: 'cache' }, cached);
          this.inc({ source: 'disk' }, fromDisk);
        },
      }),
      new Gauge({
        name: 'gridwarden_database_size_bytes',
        help: 'What the database takes on disk.',
        registers: [],
        async collect() {
          this.set(await size());
        },
      }),
    ];
  }
}

/** Metrics are collected at once: one query for all of a scrape. */
function shared<T>(load: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | null = null;
  return () => (underWay ??= load().finally(() => (underWay = null)));
}

const STATISTICS = `
  select d.xact_commit::float8 as commits, d.xact_rollback::float8 as rollbacks, d.deadlocks::float8 as deadlocks,
    d.blks_hit::float8 as cached, d.blks_read::float8 as read,
    current_setting('max_connections')::int as most,
    (select coalesce(jsonb_agg(jsonb_build_object('state', s.state, 'count', s.count)), '[]') from (
       select case when wait_event_type = 'Lock' then 'waiting_for_lock'
                   when state like 'idle in transaction%' then 'idle_in_transaction'
                   when state = 'idle' then 'idle' else 'active' end as state, count(*)
       from pg_stat_activity where datname = current_database() group by 1) s) as connections
  from pg_stat_database d where d.datname = current_database()`;
