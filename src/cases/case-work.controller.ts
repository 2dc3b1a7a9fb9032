import { Controller, Delete, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConflictResponse, ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Allow } from '../rights/allow.decorator.js';
import { CurrentCaller, type Caller } from '../access/caller.js';
import { bodySchema, jsonBody } from '../access/json-body.js';
import { Id } from '../config/input-values.js';
import { comment, link, tag, takeUp, unlink } from './case-work.js';
import { CasesService } from './cases.service.js';
import { CommentBody, DecisionBody, LinkBody, Seen, TagsBody, VisitRequest } from './cases.schemas.js';
import { decide, undoDecision } from './decide.js';
import { askForVisit } from './visits.js';

/** What a person does to one case. Each answers the case's new version. */
@ApiTags('cases')
@ApiConflictResponse({ description: 'The case has changed since it was read; `changes` says how.' })
@Controller('api/v1/cases/:id')
export class CaseWorkController {
  constructor(private readonly cases: CasesService) {}

  @Post('first-look')
  @Allow('inspector')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take a dealt case up' })
  @ApiBody({ schema: bodySchema(Seen) })
  async takeUp(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ) {
    const { version } = await jsonBody(request, Seen);
    const next = await this.cases.change(caller, (client, person, now) =>
      takeUp(client, person, { id, version }, now),
    );
    return { id, version: next };
  }

  @Post('decision')
  @Allow('inspector', 'supervisor', { fresh: true })
  @ApiOperation({
    summary: 'Decide',
    description:
      'Can be undone until `seals_at`. Takes a fresh sign-in. A dismissal of a high score leads to a second look.',
  })
  @ApiBody({ schema: bodySchema(DecisionBody) })
  @ApiCreatedResponse({ description: 'Taken down; sealed at `seals_at` unless it is undone.' })
  async decide(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ) {
    const { version, ...opinion } = await jsonBody(request, DecisionBody);
    const made = await this.cases.change(caller, (client, person, now) =>
      decide(client, person, { id, version }, opinion, now),
    );
    const { sealsAt, leadsTo } = made;
    return { id: made.id, version: made.version, seals_at: sealsAt.toISOString(), leads_to: leadsTo };
  }

  @Delete('decision')
  @Allow('inspector', 'supervisor')
  @ApiOperation({ summary: 'Undo my decision before it is sealed' })
  async undo(@CurrentCaller() caller: Caller, @Param('id', { schema: Id }) id: number) {
    const version = await this.cases.change(caller, (client, person, now) =>
      undoDecision(client, person, id, now),
    );
    return { id, version };
  }

  @Post('visit-request')
  @Allow('inspector', 'supervisor')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask for a visit' })
  @ApiBody({ schema: bodySchema(VisitRequest) })
  async askForVisit(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ) {
    const { version, words } = await jsonBody(request, VisitRequest);
    const next = await this.cases.change(caller, (client, person, now) =>
      askForVisit(client, person, { id, version }, words, now),
    );
    return { id, version: next };
  }

  @Post('comments')
  @Allow('inspector', 'supervisor')
  @ApiOperation({ summary: 'Write a comment' })
  @ApiBody({ schema: bodySchema(CommentBody) })
  async comment(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ) {
    const { words } = await jsonBody(request, CommentBody);
    return {
      id: await this.cases.change(caller, (client, person, now) => comment(client, person, id, words, now)),
    };
  }

  @Post('tags')
  @Allow('inspector', 'supervisor')
  @HttpCode(200)
  @ApiOperation({ summary: 'Add and remove tags' })
  @ApiBody({ schema: bodySchema(TagsBody) })
  async tag(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ) {
    const change = await jsonBody(request, TagsBody);
    const { version, tags } = await this.cases.change(caller, (client, person, now) =>
      tag(client, person, id, change, now),
    );
    return { id, version, tags };
  }

  @Post('links')
  @Allow('inspector', 'supervisor')
  @ApiOperation({ summary: 'Link it to another case' })
  @ApiBody({ schema: bodySchema(LinkBody) })
  async link(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ) {
    const { to, words } = await jsonBody(request, LinkBody);
    await this.cases.change(caller, (client, person, now) => link(client, person, [id, to], words, now));
    return { id, to };
  }

  @Delete('links/:other')
  @Allow('inspector', 'supervisor')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a link' })
  async unlink(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Param('other', { schema: Id }) other: number,
  ): Promise<void> {
    await this.cases.change(caller, (client, person, now) => unlink(client, person, [id, other], now));
  }
}
