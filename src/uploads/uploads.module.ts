import { Module } from '@nestjs/common';
import { IntakeMetrics } from './intake.metrics.js';
import { UploadLoader } from './upload-loader.service.js';
import { RegistryUploadChange } from './registry-upload-change.js';
import { UploadsController } from './uploads.controller.js';
import { UploadsMetrics } from './uploads.metrics.js';

/** Files in: received, recognised, decoded, validated, stored; the receipt says what became of every row. */
@Module({
  controllers: [UploadsController],
  providers: [RegistryUploadChange, UploadLoader, UploadsMetrics, IntakeMetrics],
  exports: [UploadsMetrics, IntakeMetrics],
})
export class UploadsModule {}
