import {
  ConflictException,
  Controller,
  Get,
  GoneException,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { recordExport } from '../audit/record-export.js';
import { Allow } from '../rights/allow.decorator.js';
import { auditActor, CurrentCaller, tenantOf, type Caller } from '../access/caller.js';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { Id } from '../config/input-values.js';
import { DATABASE } from '../database/database.token.js';
import type { Database } from '../database/open-database.js';
import { receiptOf, type Receipt } from './receipt.js';
import { receiptFor } from './receipt-for.js';
import { ReceivesFile } from './receives.decorator.js';
import { writeRejects } from './rejects-csv.js';
import { spoolIn } from './spool.js';
import { UploadIntake } from './upload-intake.service.js';
import { Upload } from './upload.entity.js';
import { ListQuery, ReceiveQuery } from './uploads.schemas.js';

@ApiTags('uploads')
@Controller('api/v1/uploads')
export class UploadsController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    private readonly intake: UploadIntake,
  ) {}

  @Post()
  @ReceivesFile()
  @ApiOperation({
    summary: 'Send a file',
    description:
      'The body is the file itself, of any format in docs/formats.md, plain, gzip or zip. 202 with the receipt once the file ' +
      'and its hash are durable; the same bytes again: 200 with the first receipt. 422 when the file can’t be unpacked, or ' +
      'when its Idempotency-Key came with another file before.',
  })
  async receive(
    @CurrentCaller() caller: Caller,
    @Query({ schema: ReceiveQuery }) query: ReceiveQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Receipt> {
    return this.intake.receive(caller, query, request, response);
  }

  @Put()
  @ReceivesFile()
  @ApiOperation({ summary: 'Send a file, as with POST', description: 'For curl -T.' })
  async put(
    @CurrentCaller() caller: Caller,
    @Query({ schema: ReceiveQuery }) query: ReceiveQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Receipt> {
    return this.receive(caller, query, request, response);
  }

  @Get()
  @Allow('utility', 'auditor', 'operator')
  @ApiOperation({ summary: 'Receipts, newest first' })
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: ListQuery }) { limit, before }: ListQuery,
  ): Promise<{ uploads: Receipt[] }> {
    const tenant = tenantOf(caller);
    const uploads = await this.database.dataSource
      .getRepository(Upload)
      .createQueryBuilder('upload')
      .where(before === undefined ? 'true' : 'upload.id < :before', { before })
      .andWhere(tenant === null ? 'true' : 'upload.utilityId = :tenant', { tenant })
      .orderBy('upload.id', 'DESC')
      .take(limit)
      .getMany();
    return { uploads: uploads.map(receiptOf) };
  }

  @Get(':id')
  @Allow('utility', 'auditor', 'operator')
  @ApiOperation({ summary: 'The receipt of an upload' })
  async show(@CurrentCaller() caller: Caller, @Param('id', { schema: Id }) id: number): Promise<Receipt> {
    return receiptFor(this.database, caller, id);
  }

  /** To nobody but the sender: its rows hold whatever was written in them, names and addresses too. */
  @Get(':id/rejects')
  @Allow('utility')
  @ApiOperation({
    summary: 'Rejected rows, to be mended and sent again',
    description:
      'CSV in the file’s own layout with three more columns: gridwarden_line, gridwarden_reason, gridwarden_detail. ' +
      '409 when the whole file was refused.',
  })
  @ApiProduces('text/csv')
  async rejects(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Res() response: Response,
  ): Promise<void> {
    const receipt = await receiptFor(this.database, caller, id);
    // Its bytes may not even unpack, and none of its rows was looked at: there is nothing to mend row by row.
    if (receipt.status === 'refused')
      throw new ConflictException(`Upload ${id} was refused as a whole: ${receipt.refusal}`);
    const { fileDroppedAt } = await this.database.dataSource.getRepository(Upload).findOneByOrFail({ id });
    if (fileDroppedAt !== null)
      throw new GoneException(
        `The file of upload ${id} was dropped by retention on ${fileDroppedAt.toISOString()}.`,
      );
    await recordExport(this.database, {
      by: auditActor(caller),
      what: 'rejects',
      subject: `upload:${id}`,
      details: {},
    });
    response.type('text/csv').attachment(`upload-${id}-rejects.csv`);
    await writeRejects(this.database, spoolIn(this.config), receipt, response);
  }
}
