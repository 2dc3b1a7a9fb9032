import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AlertsModule } from '../alerts/alerts.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { GridModule } from '../grid/grid.module.js';
import { CaseReads } from './case-reads.js';
import { CaseListsController } from './case-lists.controller.js';
import { CaseWorkController } from './case-work.controller.js';
import { CasesController } from './cases.controller.js';
import { CasesMetrics } from './cases.metrics.js';
import { CasesSchedule } from './cases-schedule.js';
import { CasesService } from './cases.service.js';
import { ClosingCheckpoints } from './closing-checkpoints.js';
import { DossierController } from './dossier/dossier.controller.js';
import { PdfPrinter } from './dossier/pdf-printer.js';
import { caseEntities } from './entities.js';
import { TerritoriesController } from './territories.controller.js';
import { VisitsController } from './visits.controller.js';

/** What people do about suspicions: cases dealt by chance, looked at, visited, decided, looked at again. */
@Module({
  imports: [TypeOrmModule.forFeature(caseEntities), AuditModule, GridModule, AlertsModule],
  // Routes with fixed names before those with ids in their place.
  controllers: [
    TerritoriesController,
    CaseListsController,
    DossierController,
    CasesController,
    CaseWorkController,
    VisitsController,
  ],
  providers: [CasesService, CaseReads, CasesSchedule, ClosingCheckpoints, PdfPrinter, CasesMetrics],
  exports: [CasesMetrics, CasesService],
})
export class CasesModule {}
