import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentCaller, tenantOf, type Caller } from '../../access/caller.js';
import { DATABASE } from '../../database/database.module.js';
import type { Database } from '../../database/open-database.js';
import { Allow } from '../../rights/allow.decorator.js';
import { exportAlerts } from './export-alerts.js';
import { listExports } from './export-records.js';
import { MEDIA_TYPES } from './export-writers.js';
import { ExportQuery, ExportRecords, ExportsQuery, type ExportRecord } from './exports.schemas.js';

/** Before {@link AlertsController}, whose `:id` would take these names. */
@ApiTags('alerts')
@Controller('api/v1/alerts')
export class ExportsController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  @Get('export')
  @Allow('supervisor', 'auditor', { fresh: true })
  @ApiOperation({ summary: 'Alerts as a file, newest first; who took it, why and its hash are recorded' })
  @ApiProduces(...Object.values(MEDIA_TYPES))
  @ApiOkResponse({ description: 'The file.', schema: { type: 'string', format: 'binary' } })
  async export(
    @CurrentCaller() caller: Caller,
    @Query({ schema: ExportQuery }) query: ExportQuery,
    @Res() response: Response,
  ): Promise<void> {
    const { state = null, kind = null, territory = null, min_score: minScore = null, since = null } = query;
    response.type(MEDIA_TYPES[query.format]).attachment(`alerts.${query.format}`);
    await exportAlerts(
      this.database,
      {
        actor: caller.actor,
        reason: query.reason,
        destination: 'download',
        format: query.format,
        filter: { utilityId: tenantOf(caller), state, kind, territory, minScore, since },
      },
      response,
    );
    response.end();
  }

  @Get('exports')
  @Allow('supervisor', 'auditor')
  @ApiOperation({ summary: 'Exports made, newest first: who, why, what, hash' })
  @ApiOkResponse({ standardSchema: ExportRecords })
  async list(@Query({ schema: ExportsQuery }) query: ExportsQuery): Promise<{ items: ExportRecord[] }> {
    return { items: await listExports(this.database.dataSource, query) };
  }
}
