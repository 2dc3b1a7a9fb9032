import {
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  Post,
  Put,
  Query,
  Req,
} from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { auditActor, CurrentCaller, tenantOf, type Caller } from '../access/caller.js';
import { bodySchema, jsonBody } from '../access/json-body.js';
import { auditedTransaction } from '../audit/audited-transaction.js';
import { UsageError } from '../config/errors.js';
import { Id } from '../config/input-values.js';
import { DATABASE } from '../database/database.token.js';
import type { Database } from '../database/open-database.js';
import { Allow } from '../rights/allow.decorator.js';
import { answerUpload } from './answer-upload.js';
import { optionsFault } from './domain/upload-options.js';
import type { Receipt } from './receipt.js';
import { receiptFor } from './receipt-for.js';
import { UploadLoader } from './upload-loader.service.js';
import {
  removeUploadProfile,
  saveUploadProfile,
  uploadProfiles,
  type OwnedProfile,
  type UploadProfile,
} from './upload-profiles.js';
import { FindingsQuery, OptionsBody, ProfileBody, ProfileQuery } from './uploads.schemas.js';
import { findingsOf, type FindingView } from './validation/findings.repository.js';

/** What a sender and we say to each other about a file: findings, questions, and how their files are to be read. */
@ApiTags('uploads')
@Controller('api/v1')
export class UploadReviewController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly loader: UploadLoader,
  ) {}

  @Get('uploads/:id/findings')
  @Allow('utility', 'auditor')
  @ApiOperation({ summary: 'What the checks found, with metering point, day and intervals' })
  async findings(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Query({ schema: FindingsQuery }) query: FindingsQuery,
  ): Promise<{ items: FindingView[] }> {
    await receiptFor(this.database, caller, id);
    return { items: await findingsOf(this.database.dataSource.manager, id, query) };
  }

  @Post('uploads/:id/answer')
  @Allow('utility')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Answer the question about a held upload',
    description:
      'The options say how the file is to be read; it is loaded from its beginning. 422 when nothing is asked.',
  })
  @ApiBody({ schema: bodySchema(OptionsBody) })
  async answer(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ): Promise<Receipt> {
    await receiptFor(this.database, caller, id);
    const options = await jsonBody(request, OptionsBody);
    await auditedTransaction(this.database.dataSource, (db, record) =>
      answerUpload(db, record, { uploadId: id, options, actor: auditActor(caller) }),
    );
    this.loader.look();
    return receiptFor(this.database, caller, id);
  }

  @Get('upload-profiles')
  @Allow('utility', 'auditor')
  @ApiOperation({ summary: 'Saved upload profiles, by name' })
  async profiles(@CurrentCaller() caller: Caller): Promise<{ items: OwnedProfile[] }> {
    return { items: await uploadProfiles(this.database.dataSource.manager, tenantOf(caller)) };
  }

  @Put('upload-profiles')
  @Allow('utility')
  @ApiOperation({ summary: 'Save how files are to be read, under a name' })
  @ApiBody({ schema: bodySchema(ProfileBody) })
  async save(@CurrentCaller() caller: Caller, @Req() request: Request): Promise<UploadProfile> {
    const profile = await jsonBody(request, ProfileBody);
    const fault = optionsFault(profile.options);
    if (fault !== null) throw new UsageError(fault);
    const owner = { utilityId: ownUtilityId(caller), actor: auditActor(caller), now: new Date() };
    await auditedTransaction(this.database.dataSource, (db, record) =>
      saveUploadProfile(db, record, owner, profile),
    );
    return profile;
  }

  @Delete('upload-profiles')
  @Allow('utility')
  @HttpCode(204)
  @ApiOperation({ summary: 'Forget a saved profile; uploads that were read by it stay as they are' })
  async remove(
    @CurrentCaller() caller: Caller,
    @Query({ schema: ProfileQuery }) { name }: ProfileQuery,
  ): Promise<void> {
    const owner = { utilityId: ownUtilityId(caller), actor: auditActor(caller), now: new Date() };
    const removed = await auditedTransaction(this.database.dataSource, (db, record) =>
      removeUploadProfile(db, record, owner, name),
    );
    if (!removed) throw new NotFoundException(`There is no upload profile ${name}.`);
  }
}

function ownUtilityId({ utility }: Caller): number {
  if (utility === null) throw new NotFoundException('There is no utility of yours.');
  return utility.id;
}
