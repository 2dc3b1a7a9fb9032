import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { gridEntities } from './entities.js';
import { GridMetrics } from './grid.metrics.js';
import { Identities } from './identities.js';
import { PointChanges } from './point-changes.js';
import { MeteringPointsController } from './metering-points.controller.js';

/** The registry: where each metering point lies and what feeds it. */
@Module({
  imports: [TypeOrmModule.forFeature(gridEntities)],
  controllers: [MeteringPointsController],
  providers: [GridMetrics, Identities, PointChanges],
  exports: [TypeOrmModule, GridMetrics, Identities],
})
export class GridModule {}
