import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DetectionModule } from '../detection/detection.module.js';
import { AlertsController } from './alerts.controller.js';
import { AlertsFollowers } from './alerts-followers.js';
import { AlertsMetrics } from './alerts.metrics.js';
import { AlertmanagerSchedule } from './deliveries/alertmanager-schedule.js';
import { DeliveriesRetentionSchedule } from './deliveries/deliveries-retention-schedule.js';
import { DeliveriesMetrics } from './deliveries/deliveries.metrics.js';
import { DigestSchedule } from './deliveries/digest-schedule.js';
import { WebhookDeliveries } from './deliveries/webhook-deliveries.js';
import { alertEntities } from './entities.js';
import { ExportsController } from './exports/exports.controller.js';
import { ScheduledExport } from './exports/scheduled-export.js';
import { ScoringSchedule } from './scoring-schedule.js';

/** Suspicions with a lifecycle: the scheduled rounds that raise and resolve them, the list of them, and how they leave. */
@Module({
  imports: [TypeOrmModule.forFeature(alertEntities), DetectionModule],
  controllers: [ExportsController, AlertsController],
  providers: [
    ScoringSchedule,
    AlertsMetrics,
    AlertsFollowers,
    ScheduledExport,
    WebhookDeliveries,
    AlertmanagerSchedule,
    DigestSchedule,
    DeliveriesRetentionSchedule,
    DeliveriesMetrics,
  ],
  exports: [AlertsMetrics, AlertsFollowers, DeliveriesMetrics],
})
export class AlertsModule {}
