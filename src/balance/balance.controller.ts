import { Controller, Get, Inject, NotFoundException, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ClientBase } from 'pg';
import { DataSource } from 'typeorm';
import { Allow } from '../rights/allow.decorator.js';
import { CurrentCaller, tenantOf, type Caller } from '../access/caller.js';
import { Id } from '../config/input-values.js';
import { dayFromIso } from '../grid/domain/calendar.js';
import { RULEBOOK } from '../rulebook/rulebook.token.js';
import type { LoadedRulebook } from '../rulebook/rulebook-file.js';
import {
  cursorOf,
  HiddenLoadList,
  HiddenLoadQuery,
  TransformerDetail,
  transformerOfCursor,
  TransformerLoad,
  TransformerLoadQuery,
  TransformerPoints,
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
import {
  transformerLoad,
  transformerPoints,
  type TransformerLoadView,
  type TransformerPointView,
} from './transformer-load.js';

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

  @Get('transformers/:id/load')
  @ApiOperation({
    summary: 'What enters a transformer and what is metered under it, by hour or day',
    description: 'Null where nobody measured; the rest only where at least 95 % of the points were read.',
  })
  @ApiOkResponse({ standardSchema: TransformerLoad })
  @ApiNotFoundResponse({ description: 'No such transformer, or none with a balance meter.' })
  async load(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Query({ schema: TransformerLoadQuery }) { from, to, resolution }: TransformerLoadQuery,
  ): Promise<TransformerLoadView> {
    const request = { from: dayOf(from), to: dayOf(to), isDaily: resolution === 'day' };
    const runner = this.dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as ClientBase;
      const load = await transformerLoad(client, id, tenantOf(caller), request);
      if (load === null) throw new NotFoundException(`There is no balance meter of a transformer ${id}.`);
      return load;
    } finally {
      await runner.release();
    }
  }

  @Get('transformers/:id/points')
  @ApiOperation({ summary: 'Households under a transformer, those to check first on top' })
  @ApiOkResponse({ standardSchema: TransformerPoints })
  @ApiNotFoundResponse({ description: 'No such transformer, or no balance of it yet.' })
  async points(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
  ): Promise<{ items: TransformerPointView[] }> {
    await this.find(caller, id);
    return { items: await transformerPoints(this.dataSource, id, tenantOf(caller)) };
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

function dayOf(text: string | undefined): number | null {
  return text === undefined ? null : dayFromIso(text);
}
