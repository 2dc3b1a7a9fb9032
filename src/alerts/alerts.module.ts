import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DetectionModule } from '../detection/detection.module.js';
import { AlertsController } from './alerts.controller.js';
import { AlertsFollowers } from './alerts-followers.js';
import { AlertsMetrics } from './alerts.metrics.js';
import { alertEntities } from './entities.js';
import { ScoringSchedule } from './scoring-schedule.js';

/** Suspicions with a lifecycle: the scheduled rounds that raise and resolve them, and the list of them. */
@Module({
  imports: [TypeOrmModule.forFeature(alertEntities), DetectionModule],
  controllers: [AlertsController],
  providers: [ScoringSchedule, AlertsMetrics, AlertsFollowers],
  exports: [AlertsMetrics, AlertsFollowers],
})
export class AlertsModule {}
