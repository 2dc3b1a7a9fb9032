import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AlertsModule } from '../alerts/alerts.module.js';
import { CaseReads } from './case-reads.js';
import { CaseListsController } from './case-lists.controller.js';
import { CaseWorkController } from './case-work.controller.js';
import { CasesController } from './cases.controller.js';
import { CasesMetrics } from './cases.metrics.js';
import { CasesSchedule } from './cases-schedule.js';
import { CasesService } from './cases.service.js';
import { caseEntities } from './entities.js';
import { VisitsController } from './visits.controller.js';

/** What people do about suspicions: cases dealt by chance, looked at, visited, decided, looked at again. */
@Module({
  imports: [TypeOrmModule.forFeature(caseEntities), AlertsModule],
  // Routes with fixed names before those with ids in their place.
  controllers: [CaseListsController, CasesController, CaseWorkController, VisitsController],
  providers: [CasesService, CaseReads, CasesSchedule, CasesMetrics],
  exports: [CasesMetrics, CasesService],
})
export class CasesModule {}
