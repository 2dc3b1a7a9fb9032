import {
  ConflictException,
  Controller,
  Get,
  Inject,
  NotFoundException,
  Param,
  Post,
  Put,
  Query,
  Req,
  Res,
  UnprocessableEntityException,
} from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { recordExport } from '../audit/record-export.js';
import { Allow } from '../rights/allow.decorator.js';
import { auditActor, CurrentCaller, tenantOf, type Caller } from '../access/caller.js';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { TooLargeError } from '../config/errors.js';
import { Id, lineOfText, UtilityCode } from '../config/input-values.js';
import { DATABASE } from '../database/database.token.js';
import type { Database } from '../database/open-database.js';
import { receiptOf, type Receipt } from './receipt.js';
import { spoolIn } from './ingest-file.js';
import { receiveUpload } from './receive-upload.js';
import { writeRejects } from './rejects-csv.js';
import { UploadLoader } from './upload-loader.service.js';
import { Upload, UPLOAD_KINDS } from './upload.entity.js';
import { UploadsMetrics } from './uploads.metrics.js';

const ReceiveQuery = z.strictObject({
  kind: z
    .enum(UPLOAD_KINDS)
    .optional()
    .describe('What the file holds; when it is not given, recognised by the first line.'),
  utility: UtilityCode.optional().describe('Code of the utility that sends the file: the caller’s own.'),
  filename: lineOfText(255).min(1).default('upload').describe('Name of the file, for the receipt.'),
  zone: lineOfText(64).optional().describe('Zone of times without an offset: Asia/Irkutsk, +08:00.'),
});
type ReceiveQuery = z.infer<typeof ReceiveQuery>;

const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: Id.optional().describe('Only uploads with a smaller id: the next page.'),
});
type ListQuery = z.infer<typeof ListQuery>;

@ApiTags('uploads')
@Controller('api/v1/uploads')
export class UploadsController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    private readonly loader: UploadLoader,
    private readonly metrics: UploadsMetrics,
  ) {}

  @Post()
  @Allow('utility')
  @ApiOperation({
    summary: 'Send a file',
    description:
      'The body is the file itself, of any format in docs/formats.md, plain, gzip or zip. 202 with the receipt once the file and its hash are durable; ' +
      'the same bytes again: 200 with the first receipt. 422 when the file can’t be unpacked.',
  })
  @ApiConsumes(
    'text/csv',
    'application/xml',
    'application/gzip',
    'application/zip',
    'application/octet-stream',
  )
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiResponse({ status: 200, description: 'Received before: the first receipt.' })
  @ApiResponse({ status: 202, description: 'Received; the receipt tells how loading goes on.' })
  async receive(
    @CurrentCaller() caller: Caller,
    @Query({ schema: ReceiveQuery }) query: ReceiveQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Receipt> {
    const utility = ownUtility(caller, query.utility);
    this.refuseTooLarge(request);
    const { id, repeated } = await receiveUpload(
      this.database,
      spoolIn(this.config),
      this.config,
      { ...query, utility, sender: auditActor(caller), kind: query.kind ?? null, zone: query.zone ?? null },
      request,
      new Date(),
    );
    this.loader.look();
    const receipt = await this.receipt(caller, id);
    if (!repeated) this.metrics.bytes.inc({ kind: receipt.kind }, receipt.bytes);
    if (receipt.status === 'refused')
      throw new UnprocessableEntityException(`Upload ${id}: ${receipt.refusal}`);
    response.status(repeated ? 200 : 202).location(`/api/v1/uploads/${id}`);
    return receipt;
  }

  @Put()
  @Allow('utility')
  @ApiOperation({ summary: 'Send a file, as with POST', description: 'For curl -T.' })
  @ApiConsumes(
    'text/csv',
    'application/xml',
    'application/gzip',
    'application/zip',
    'application/octet-stream',
  )
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
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
    return this.receipt(caller, id);
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
    const receipt = await this.receipt(caller, id);
    // Its bytes may not even unpack, and none of its rows was looked at: there is nothing to mend row by row.
    if (receipt.status === 'refused')
      throw new ConflictException(`Upload ${id} was refused as a whole: ${receipt.refusal}`);
    await recordExport(this.database, {
      by: auditActor(caller),
      what: 'rejects',
      subject: `upload:${id}`,
      details: {},
    });
    response.type('text/csv').attachment(`upload-${id}-rejects.csv`);
    await writeRejects(this.database, spoolIn(this.config), receipt, response);
  }

  /** Before the first byte is read: a sender cut off in the middle would see a broken connection and no reason. */
  private refuseTooLarge(request: Request): void {
    const { uploadMaxBytes } = this.config;
    if (Number(request.get('content-length') ?? 0) > uploadMaxBytes) {
      throw new TooLargeError(`The file is larger than the ${uploadMaxBytes} bytes that are taken.`);
    }
  }

  private async receipt(caller: Caller, id: number): Promise<Receipt> {
    const tenant = tenantOf(caller);
    const upload = await this.database.dataSource
      .getRepository(Upload)
      .findOneBy({ id, ...(tenant === null ? {} : { utilityId: tenant }) });
    if (!upload) throw new NotFoundException(`There is no upload ${id}.`);
    return receiptOf(upload);
  }
}

/** The caller's utility, which a request may name, and no other: whether there is another is not for them to learn. */
function ownUtility({ utility }: Caller, asked: string | undefined): string {
  if (utility === null || (asked ?? utility.code) !== utility.code)
    throw new NotFoundException(`There is no utility ${asked} of yours.`);
  return utility.code;
}
