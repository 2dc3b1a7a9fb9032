import { Module, type DynamicModule } from '@nestjs/common';
import { RulesController } from './rules.controller.js';
import { RulebookMetrics } from './rulebook.metrics.js';
import { RULEBOOK } from './rulebook.token.js';
import { loadRulebook } from './rulebook-file.js';

/** Provides the rulebook, read once at start and frozen; a wrong file stops the start. */
@Module({})
export class RulebookModule {
  static forFile(path: string): DynamicModule {
    return {
      module: RulebookModule,
      global: true,
      controllers: [RulesController],
      providers: [{ provide: RULEBOOK, useFactory: () => loadRulebook(path) }, RulebookMetrics],
      exports: [RULEBOOK, RulebookMetrics],
    };
  }
}
