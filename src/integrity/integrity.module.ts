import { Module } from '@nestjs/common';
import { CasesModule } from '../cases/cases.module.js';
import { IntegrityController } from './integrity.controller.js';
import { IntegrityMetrics } from './integrity.metrics.js';
import { IntegritySchedule } from './integrity-schedule.js';
import { SettingsRecorder } from './settings-recorder.js';

/** What keeps the keepers honest: draws nobody can choose, and what they show of inspections. */
@Module({
  imports: [CasesModule],
  controllers: [IntegrityController],
  providers: [IntegritySchedule, IntegrityMetrics, SettingsRecorder],
  exports: [IntegrityMetrics],
})
export class IntegrityModule {}
