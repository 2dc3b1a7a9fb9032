import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DetectionMetrics } from './detection.metrics.js';
import { detectionEntities } from './entities.js';

/** Features, findings, evidence and scores of metering points. Rounds of scoring are started by the alerts module. */
@Module({
  imports: [TypeOrmModule.forFeature(detectionEntities)],
  providers: [DetectionMetrics],
  exports: [TypeOrmModule, DetectionMetrics],
})
export class DetectionModule {}
