import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { Registry } from 'prom-client';
import { AccessMetrics } from '../access/access.metrics.js';
import { AccessModule } from '../access/access.module.js';
import { AlertsMetrics } from '../alerts/alerts.metrics.js';
import { AlertsModule } from '../alerts/alerts.module.js';
import { DeliveriesMetrics } from '../alerts/deliveries/deliveries.metrics.js';
import { AuditMetrics } from '../audit/audit.metrics.js';
import { AuditModule } from '../audit/audit.module.js';
import { BalanceMetrics } from '../balance/balance.metrics.js';
import { BalanceModule } from '../balance/balance.module.js';
import { SuspectedLoadMetrics } from '../balance/suspected-load.metrics.js';
import { CasesMetrics } from '../cases/cases.metrics.js';
import { CasesModule } from '../cases/cases.module.js';
import { DatabaseMetrics } from '../database/database.metrics.js';
import { ServerMetrics } from '../database/server.metrics.js';
import { DetectionMetrics } from '../detection/detection.metrics.js';
import { DetectionModule } from '../detection/detection.module.js';
import { GridMetrics } from '../grid/grid.metrics.js';
import { GridModule } from '../grid/grid.module.js';
import { IntegrityMetrics } from '../integrity/integrity.metrics.js';
import { IntegrityModule } from '../integrity/integrity.module.js';
import { RulebookMetrics } from '../rulebook/rulebook.metrics.js';
import { IntakeMetrics } from '../uploads/intake.metrics.js';
import { UploadsMetrics } from '../uploads/uploads.metrics.js';
import { UploadsModule } from '../uploads/uploads.module.js';
import { HttpMetricsMiddleware } from './http-metrics.middleware.js';
import { HttpMetrics } from './http.metrics.js';
import { MetricsController } from './metrics.controller.js';
import { gatherRegistry, type MetricsSource } from './registry.js';

/** Every class that holds a module's metrics; a new one is added here, and test/house/metrics.spec.ts says when it is not. */
const SOURCES = [
  HttpMetrics,
  DatabaseMetrics,
  AuditMetrics,
  AccessMetrics,
  ServerMetrics,
  GridMetrics,
  UploadsMetrics,
  IntakeMetrics,
  RulebookMetrics,
  BalanceMetrics,
  SuspectedLoadMetrics,
  DetectionMetrics,
  AlertsMetrics,
  CasesMetrics,
  IntegrityMetrics,
  DeliveriesMetrics,
];

/** `/metrics`: what every module counts, on one registry. */
@Module({})
export class MetricsModule implements NestModule {
  static of(version: string): DynamicModule {
    return {
      module: MetricsModule,
      // Database and rulebook are global.
      imports: [
        AuditModule,
        AccessModule,
        GridModule,
        UploadsModule,
        BalanceModule,
        DetectionModule,
        AlertsModule,
        CasesModule,
        IntegrityModule,
      ],
      controllers: [MetricsController],
      providers: [
        HttpMetrics,
        {
          provide: Registry,
          inject: SOURCES,
          useFactory: (...sources: MetricsSource[]) => gatherRegistry(sources, version),
        },
      ],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(HttpMetricsMiddleware).forRoutes('{*path}');
  }
}
