import { Inject, Injectable } from '@nestjs/common';
import type pg from 'pg';
import { Gauge, type Metric } from 'prom-client';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { DATABASE } from './database.token.js';
import { LeaderLock } from './leader-lock.js';
import type { Database } from './open-database.js';

/** How busy the connection pool is, and whether this instance leads. */
@Injectable()
export class DatabaseMetrics {
  readonly poolConnections: Gauge<'state'>;
  readonly leader: Gauge;
  readonly all: Metric[];

  constructor(@Inject(DATABASE) database: Database, leaderLock: LeaderLock) {
    this.poolConnections = new Gauge({
      name: 'gridwarden_database_pool_connections',
      help: 'Connections of the pool by state; waiting counts callers that wait for one.',
      labelNames: ['state'],
      registers: [],
      collect() {
        const pool = (database.dataSource.driver as PostgresDriver).master as pg.Pool;
        this.set({ state: 'idle' }, pool.idleCount);
        this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
        this.set({ state: 'waiting' }, pool.waitingCount);
      },
    });
    this.leader = new Gauge({
      name: 'gridwarden_leader',
      help: '1 when this instance does the scheduled work, else 0; the sum over all instances is 1.',
      registers: [],
      collect() {
        this.set(leaderLock.isLeader ? 1 : 0);
      },
    });
    this.all = [this.poolConnections, this.leader];
  }
}
