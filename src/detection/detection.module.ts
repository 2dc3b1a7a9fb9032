import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ThresholdChanges } from './case-threshold.js';
import { DetectionMetrics } from './detection.metrics.js';
import { detectionEntities } from './entities.js';
import { WeightsChanges } from './learning/weights-adoption.js';

/** Features, findings, evidence and scores of metering points. Rounds of scoring are started by the alerts module. */
@Module({
  imports: [TypeOrmModule.forFeature(detectionEntities)],
  providers: [DetectionMetrics, ThresholdChanges, WeightsChanges],
  exports: [TypeOrmModule, DetectionMetrics],
})
export class DetectionModule {}
