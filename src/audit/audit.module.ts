import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditMetrics } from './audit.metrics.js';
import { CheckpointSchedule } from './checkpoint-schedule.js';

/** The record of what was received, decided and changed: signed at fixed times, proved to whoever asks. */
@Module({
  controllers: [AuditController],
  providers: [CheckpointSchedule, AuditMetrics],
  exports: [CheckpointSchedule, AuditMetrics],
})
export class AuditModule {}
