import { Module } from '@nestjs/common';
import { HouseholdErasure } from './erase-household.js';
import { IntakeMetrics } from './intake.metrics.js';
import { UploadLoader } from './upload-loader.service.js';
import { MqttIntake } from './mqtt/mqtt-intake.service.js';
import { ReadingsController } from './readings.controller.js';
import { RegistryUploadChange } from './registry-upload-change.js';
import { ResumableUploadsController } from './resumable-uploads.controller.js';
import { RetentionSchedule } from './retention-schedule.js';
import { UploadIntake } from './upload-intake.service.js';
import { UploadReviewController } from './upload-review.controller.js';
import { UploadsController } from './uploads.controller.js';
import { UploadsMetrics } from './uploads.metrics.js';

/** Files in: received, recognised, decoded, validated, stored; the receipt says what became of every row. */
@Module({
  controllers: [UploadsController, ReadingsController, UploadReviewController, ResumableUploadsController],
  providers: [
    RegistryUploadChange,
    HouseholdErasure,
    MqttIntake,
    UploadIntake,
    UploadLoader,
    UploadsMetrics,
    IntakeMetrics,
    RetentionSchedule,
  ],
  exports: [UploadsMetrics, IntakeMetrics],
})
export class UploadsModule {}
