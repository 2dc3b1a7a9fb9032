import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AccessModule } from './access/access.module.js';
import { AlertsModule } from './alerts/alerts.module.js';
import { ApprovalsModule } from './approvals/approvals.module.js';
import { AuditModule } from './audit/audit.module.js';
import { BalanceModule } from './balance/balance.module.js';
import { CasesModule } from './cases/cases.module.js';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import type { Database } from './database/open-database.js';
import { DetectionModule } from './detection/detection.module.js';
import { GridModule } from './grid/grid.module.js';
import { HealthController } from './http/health.controller.js';
import { IntegrityModule } from './integrity/integrity.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { RulebookModule } from './rulebook/rulebook.module.js';
import { RulebookChanges } from './rulebook/rulebook-change.js';
import { RulebookRecorder } from './rulebook/rulebook-recorder.js';
import { UploadsModule } from './uploads/uploads.module.js';
import { version } from './config/version.js';

/** The whole service, over a configuration that is loaded and a database that is open. */
@Module({})
export class AppModule {
  static over(config: Config, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.over(config),
        DatabaseModule.over(database),
        ScheduleModule.forRoot(),
        AuditModule,
        AccessModule,
        ApprovalsModule,
        GridModule,
        UploadsModule,
        RulebookModule.forFile(config.rulebookFile),
        BalanceModule,
        DetectionModule,
        AlertsModule,
        CasesModule,
        IntegrityModule,
        MetricsModule.of(version()),
      ],
      controllers: [HealthController],
      providers: [RulebookRecorder, RulebookChanges],
    };
  }
}
