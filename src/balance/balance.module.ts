import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BalanceController } from './balance.controller.js';
import { BalanceMetrics } from './balance.metrics.js';
import { SuspectedLoadMetrics } from './suspected-load.metrics.js';
import { balanceEntities } from './entities.js';

/** Balances of transformers: what enters and no meter accounts for, where, and what it costs. Scoring strikes them. */
@Module({
  imports: [TypeOrmModule.forFeature(balanceEntities)],
  controllers: [BalanceController],
  providers: [BalanceMetrics, SuspectedLoadMetrics],
  exports: [BalanceMetrics, SuspectedLoadMetrics],
})
export class BalanceModule {}
