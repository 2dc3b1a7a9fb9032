import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Allow } from '../rights/allow.decorator.js';
import type { LoadedRulebook } from '../rulebook/rulebook-file.js';
import { RULEBOOK } from '../rulebook/rulebook.token.js';
import { territories, type TerritoryView } from './territories.js';

const TerritoriesQuery = z.strictObject({
  level: z
    .enum(['region', 'territory'])
    .default('region')
    .describe('Regions, or the places that registries name.'),
});
type TerritoriesQuery = z.output<typeof TerritoriesQuery>;

/** Sums and laws by place: no household can be told from them. */
@ApiTags('cases')
@Allow('inspector', 'supervisor', 'auditor')
@Controller('api/v1/territories')
export class TerritoriesController {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(RULEBOOK) private readonly rulebook: LoadedRulebook,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Places with the rule in force there today, their cases, and how much load resembles mining',
  })
  @ApiOkResponse({ description: 'Every place that has households in the registry.' })
  async list(
    @Query({ schema: TerritoriesQuery }) { level }: TerritoriesQuery,
  ): Promise<{ items: TerritoryView[] }> {
    return { items: await territories(this.dataSource, this.rulebook, { level, now: new Date() }) };
  }
}
