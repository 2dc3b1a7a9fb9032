import { Controller, Get, NotFoundException, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { DataSource } from 'typeorm';
import { Allow } from '../rights/allow.decorator.js';
import { CurrentCaller, tenantOf, type Caller } from '../access/caller.js';
import { bodySchema, jsonBody } from '../access/json-body.js';
import { Id } from '../config/input-values.js';
import { disclosuresOf, MOST_HOUSEHOLDS_PER_HOUR } from './disclosures.js';
import { Identities } from './identities.js';
import { findPoint, listPoints } from './metering-points.js';
import {
  DisclosedIdentity,
  DisclosureList,
  DisclosureRequest,
  PointsPage,
  PointsQuery,
  PointView,
} from './metering-points.schemas.js';

const DISCLOSURES_SHOWN = 500;

@ApiTags('metering points')
@Controller('api/v1/metering-points')
export class MeteringPointsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly identities: Identities,
  ) {}

  @Get()
  @Allow('utility', 'inspector', 'supervisor', 'auditor')
  @ApiOperation({ summary: 'Metering points of households, by id' })
  @ApiOkResponse({ standardSchema: PointsPage })
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: PointsQuery }) query: PointsQuery,
  ): Promise<{ items: PointView[]; next_after: number | null }> {
    const { metering_point: meteringPoint = null, transformer = null, territory = null } = query;
    const { after = 0, limit } = query;
    const filter = { utilityId: tenantOf(caller), meteringPoint, transformer, territory };
    const found = await listPoints(this.dataSource, filter, { after, limit: limit + 1 });
    const items = found.slice(0, limit);
    return { items, next_after: found.length > limit ? items[items.length - 1].id : null };
  }

  @Get(':id')
  @Allow('utility', 'inspector', 'supervisor', 'auditor')
  @ApiOperation({ summary: 'One metering point, without a name or address' })
  @ApiOkResponse({ standardSchema: PointView })
  @ApiNotFoundResponse({ description: 'No such metering point.' })
  async find(@CurrentCaller() caller: Caller, @Param('id', { schema: Id }) id: number): Promise<PointView> {
    return this.point(caller, id);
  }

  @Post(':id/disclosures')
  @Allow('inspector', 'supervisor', 'auditor')
  @ApiOperation({
    summary: 'Show whose household it is, and record that it was shown',
    description: `At most ${MOST_HOUSEHOLDS_PER_HOUR} different households an hour.`,
  })
  @ApiBody({ schema: bodySchema(DisclosureRequest) })
  @ApiCreatedResponse({ standardSchema: DisclosedIdentity })
  @ApiNotFoundResponse({ description: 'No such metering point.' })
  async disclose(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ): Promise<DisclosedIdentity> {
    const { reason = null } = await jsonBody(request, DisclosureRequest);
    const shown = await this.identities.show({ meteringPointId: id, caller, reason });
    if (shown === null) throw noPoint(id);
    return { disclosure: shown.id, consumer_name: shown.consumerName, address: shown.address };
  }

  @Get(':id/disclosures')
  @Allow('supervisor', 'auditor')
  @ApiOperation({ summary: 'Who was shown whose household it is, latest first' })
  @ApiOkResponse({ standardSchema: DisclosureList })
  @ApiNotFoundResponse({ description: 'No such metering point.' })
  async disclosures(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
  ): Promise<DisclosureList> {
    await this.point(caller, id);
    const rows = await disclosuresOf(this.dataSource, id, DISCLOSURES_SHOWN);
    return { items: rows.map((row) => ({ ...row, at: row.at.toISOString() })) };
  }

  /** @throws 404 also for another utility's: whether there is one is not for them to learn */
  private async point(caller: Caller, id: number): Promise<PointView> {
    const point = await findPoint(this.dataSource, id, tenantOf(caller));
    if (point === null) throw noPoint(id);
    return point;
  }
}

function noPoint(id: number): NotFoundException {
  return new NotFoundException(`There is no metering point ${id}.`);
}
