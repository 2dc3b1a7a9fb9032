import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { Allow } from '../rights/allow.decorator.js';
import { CurrentCaller, tenantOf, type Caller } from '../access/caller.js';
import { findAlert, listAlerts, type AlertDetail as AlertDetailView, type AlertView } from './alert-list.js';
import { Id } from '../config/input-values.js';
import { AlertDetail, AlertsPage, AlertsQuery, cursorOf, idOfCursor } from './alerts.schemas.js';

@ApiTags('alerts')
@Allow('utility', 'inspector', 'supervisor', 'auditor')
@Controller('api/v1/alerts')
export class AlertsController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @ApiOperation({ summary: 'Alerts, newest first' })
  @ApiOkResponse({ standardSchema: AlertsPage })
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: AlertsQuery }) query: AlertsQuery,
  ): Promise<{ items: AlertView[]; next_cursor: string | null }> {
    const {
      state = null,
      kind = null,
      territory = null,
      min_score: minScore = null,
      since = null,
      limit,
    } = query;
    const beforeId = query.cursor === undefined ? null : idOfCursor(query.cursor);
    // One more than asked for tells whether there is a next page.
    const found = await listAlerts(
      this.dataSource,
      { utilityId: tenantOf(caller), state, kind, territory, minScore, since },
      { beforeId, limit: limit + 1 },
    );
    const items = found.slice(0, limit);
    return { items, next_cursor: found.length > limit ? cursorOf(items[items.length - 1].id) : null };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One alert with its reasons, findings and history' })
  @ApiOkResponse({ standardSchema: AlertDetail })
  @ApiNotFoundResponse({ description: 'No such alert.' })
  async find(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
  ): Promise<AlertDetailView> {
    const alert = await findAlert(this.dataSource, id, tenantOf(caller));
    if (alert === null) throw new NotFoundException(`There is no alert ${id}.`);
    return alert;
  }
}
