import {
  BadRequestException,
  Controller,
  Delete,
  ForbiddenException,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
} from '@nestjs/common';

import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { CurrentCaller, type Caller } from '../access/caller.js';
import { bodySchema, jsonBody } from '../access/json-body.js';
import { AccessRefusal } from '../access/refusal.js';
import { Id } from '../config/input-values.js';
import { Allow } from '../rights/allow.decorator.js';
import {
  KindList,
  OpinionBody,
  PreviewBody,
  ProposalBody,
  ProposalList,
  ProposalPreview,
  ProposalsQuery,
  ProposalView,
} from './approvals.schemas.js';
import { ApprovalsService } from './approvals.service.js';
import type { ChangeKind } from './change-kinds.js';

/** Changes that one person must not make alone. */
@ApiTags('two people')
@Controller('api/v1/proposals')
export class ApprovalsController {
  constructor(private readonly approvals: ApprovalsService) {}

  @Get()
  @Allow('supervisor', 'auditor', 'operator')
  @ApiOperation({ summary: 'Proposed changes, newest first' })
  @ApiOkResponse({ standardSchema: ProposalList })
  async list(@CurrentCaller() caller: Caller, @Query({ schema: ProposalsQuery }) query: ProposalsQuery) {
    return this.approvals.list(caller, query);
  }

  @Get('kinds')
  @Allow('supervisor', 'auditor', 'operator')
  @ApiOperation({ summary: 'What takes a second person' })
  @ApiOkResponse({ standardSchema: KindList })
  kinds(): { items: string[] } {
    return { items: this.approvals.kinds.names() };
  }

  @Get(':id')
  @Allow('supervisor', 'auditor', 'operator')
  @ApiOperation({ summary: 'One proposed change' })
  @ApiOkResponse({ standardSchema: ProposalView })
  async find(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
  ): Promise<ProposalView> {
    return this.approvals.find(caller, id);
  }

  @Post('preview')
  @Allow('supervisor', 'operator')
  @HttpCode(200)
  @ApiOperation({ summary: 'What a change would lead to, without proposing it' })
  @ApiBody({ schema: bodySchema(PreviewBody) })
  @ApiOkResponse({ standardSchema: ProposalPreview })
  async preview(@CurrentCaller() caller: Caller, @Req() request: Request) {
    const { kind: name, change } = await jsonBody(request, PreviewBody);
    const { kind, asked } = this.asked(caller, name, change);
    const { subject, summary } = await this.approvals.prepare(caller, kind, asked);
    return { subject, summary };
  }

  @Post()
  @Allow('supervisor', 'operator', { fresh: true })
  @ApiOperation({ summary: 'Propose a change; it takes effect when somebody else agrees' })
  @ApiBody({ schema: bodySchema(ProposalBody) })
  @ApiCreatedResponse({ standardSchema: ProposalView })
  @ApiConflictResponse({ description: 'A change of the same thing is open.' })
  async propose(@CurrentCaller() caller: Caller, @Req() request: Request): Promise<ProposalView> {
    const { kind: name, change, reason } = await jsonBody(request, ProposalBody);
    const { kind, asked } = this.asked(caller, name, change);
    return this.approvals.propose(caller, kind, asked, reason);
  }

  @Post(':id/agreement')
  @Allow('supervisor', 'operator', { fresh: true })
  @HttpCode(200)
  @ApiOperation({ summary: 'Agree: with the last agreement needed the change is made' })
  @ApiBody({ schema: bodySchema(OpinionBody) })
  @ApiOkResponse({ standardSchema: ProposalView })
  @ApiConflictResponse({ description: 'It is no longer open.' })
  async agree(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ): Promise<ProposalView> {
    const { words, change_sha256: changeSha256 } = await jsonBody(request, OpinionBody);
    return this.approvals.decide(caller, id, { agrees: true, words, changeSha256 });
  }

  @Post(':id/refusal')
  @Allow('supervisor', 'operator', { fresh: true })
  @HttpCode(200)
  @ApiOperation({ summary: 'Refuse: the change is not made' })
  @ApiBody({ schema: bodySchema(OpinionBody) })
  @ApiOkResponse({ standardSchema: ProposalView })
  @ApiConflictResponse({ description: 'It is no longer open.' })
  async refuse(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ): Promise<ProposalView> {
    const { words, change_sha256: changeSha256 } = await jsonBody(request, OpinionBody);
    if (words === '') throw new BadRequestException('words: say why it is refused');
    return this.approvals.decide(caller, id, { agrees: false, words, changeSha256 });
  }

  @Delete(':id')
  @Allow('supervisor', 'operator')
  @HttpCode(204)
  @ApiOperation({ summary: 'Withdraw a proposal of mine' })
  @ApiNoContentResponse({ description: 'Withdrawn.' })
  async withdraw(@CurrentCaller() caller: Caller, @Param('id', { schema: Id }) id: number): Promise<void> {
    await this.approvals.withdraw(caller, id);
  }

  private asked(
    { role, credential }: Caller,
    name: string,
    change: unknown,
  ): { kind: ChangeKind<unknown>; asked: unknown } {
    const kind = this.approvals.kinds.get(name);
    if (!kind.proposers.includes(role))
      throw new AccessRefusal(
        'role',
        kind.proposers.length === 0
          ? `A change ${name} is not proposed here, but by a command or an upload.`
          : `The role ${role} may not propose this; ${kind.proposers.join(', ')} may.`,
      );
    if (credential.kind === 'key') throw new ForbiddenException('A key proposes nothing: sign in.');
    const parsed = kind.schema.safeParse(change);
    if (parsed.success) return { kind, asked: parsed.data };
    throw new BadRequestException(
      parsed.error.issues.map(({ path, message }) => `change.${path.join('.')}: ${message}`).join('; '),
    );
  }
}
