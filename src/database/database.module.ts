import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DatabaseMetrics } from './database.metrics.js';
import { DATABASE } from './database.token.js';
import { LeaderLock } from './leader-lock.js';
import { ServerMetrics } from './server.metrics.js';
import type { Database } from './open-database.js';

export { DATABASE };

/**
 * Hands an open database to whoever injects {@link DATABASE} or TypeORM's DataSource. It is opened before and closed
 * after the application, by whoever starts that: the last jobs still write while Nest shuts down.
 */
@Module({})
export class DatabaseModule {
  static over(database: Database): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: DATABASE, useValue: database },
        { provide: DataSource, useValue: database.dataSource },
        { provide: LeaderLock, useFactory: () => new LeaderLock(() => database.connect()) },
        DatabaseMetrics,
        ServerMetrics,
      ],
      exports: [DATABASE, DataSource, LeaderLock, DatabaseMetrics, ServerMetrics],
    };
  }
}
