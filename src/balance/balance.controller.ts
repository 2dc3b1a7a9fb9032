import { Controller, Get, Inject, NotFoundException, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { Allow } from '../rights/allow.decorator.js';
import { CurrentCaller, tenantOf, type Caller } from '../access/caller.js';
import { Id } from '../config/input-values.js';
import { RULEBOOK } from '../rulebook/rulebook.token.js';
import type { LoadedRulebook } from '../rulebook/rulebook-file.js';
import {
  cursorOf,
  HiddenLoadList,
  HiddenLoadQuery,
  TransformerDetail,
  transformerOfCursor,
  TransformersPage,
  TransformersQuery,
} from './balance.schemas.js';
import {
  findTransformer,
  hiddenLoad,
  listTransformers,
  type HiddenLoadView,
  type TransformerDetail as TransformerDetailView,
  type TransformerView,
} from './hidden-load.js';

@ApiTags('balance')
@Allow('utility', 'inspector', 'supervisor', 'auditor')
@Controller('api/v1')
export class BalanceController {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(RULEBOOK) private readonly rulebook: LoadedRulebook,
  ) {}

  @Get('transformers')
  @ApiOperation({ summary: 'Transformers with their balance, most hidden load first' })
  @ApiOkResponse({ standardSchema: TransformersPage })
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: TransformersQuery }) query: TransformersQuery,
  ): Promise<{ items: TransformerView[]; next_cursor: string | null }> {
    const { territory = null, verdict = null, min_hidden_kw: minHiddenKw = null, limit } = query;
    const after = query.cursor === undefined ? null : transformerOfCursor(query.cursor);
    // One more than asked for tells whether there is a next page.
    const found = await listTransformers(
      this.dataSource,
      { utilityId: tenantOf(caller), territory, verdict, minHiddenKw },
      { after, limit: limit + 1 },
    );
    const shown = found.slice(0, limit);
    return {
      items: shown.map(({ view }) => view),
      next_cursor: found.length > limit ? cursorOf(shown[shown.length - 1].cursor) : null,
    };
  }

  @Get('transformers/:id')
  @ApiOperation({ summary: 'One transformer with its balance and the points that may hold what it misses' })
  @ApiOkResponse({ standardSchema: TransformerDetail })
  @ApiNotFoundResponse({ description: 'No such transformer, or no balance of it yet.' })
  async find(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
  ): Promise<TransformerDetailView> {
    const transformer = await findTransformer(this.dataSource, id, tenantOf(caller));
    if (transformer === null) throw new NotFoundException(`There is no balance of a transformer ${id}.`);
    return transformer;
  }

  @Get('territories/hidden-load')
  @ApiOperation({ summary: 'Flat load that nothing accounts for, and what it costs, by place' })
  @ApiOkResponse({ standardSchema: HiddenLoadList })
  async byTerritory(
    @CurrentCaller() caller: Caller,
    @Query({ schema: HiddenLoadQuery }) query: HiddenLoadQuery,
  ): Promise<{ items: HiddenLoadView[] }> {
    const { level, territory = null, commercial_rub_per_kwh: commercialRubPerKwh = null } = query;
    const rules = this.rulebook.document.rules.filter((rule) => rule.kind === 'tariff_band');
    const asked = { utilityId: tenantOf(caller), level, territory, commercialRubPerKwh };
    return { items: await hiddenLoad(this.dataSource, rules, asked) };
  }
}
