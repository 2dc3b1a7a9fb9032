import { Controller, Delete, Get, HttpCode, NotFoundException, Param, Post, Put, Req } from '@nestjs/common';
import { ApiBody, ApiConflictResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Allow } from '../rights/allow.decorator.js';
import { CurrentCaller, type Caller } from '../access/caller.js';
import { bodySchema, jsonBody } from '../access/json-body.js';
import { Id } from '../config/input-values.js';
import { assign, tag } from './case-work.js';
import { deleteView, listViews, saveView } from './case-views.js';
import { saveWorker } from './case-workers.js';
import { CasesService } from './cases.service.js';
import { AssignmentBody, BulkAssignmentBody, BulkTagsBody, ViewBody, WorkerBody } from './cases.schemas.js';
import { dealCases, workload } from './deal-cases.js';

/**
 * What is done to several cases at once, or beside them. Tags and hands may change in bulk; decisions never do: each is
 * somebody's home.
 */
@ApiTags('cases')
@Controller('api/v1/cases')
export class CaseListsController {
  constructor(private readonly cases: CasesService) {}

  @Get('views')
  @Allow('inspector', 'supervisor', 'auditor')
  @ApiOperation({ summary: 'My saved views' })
  async views(@CurrentCaller() caller: Caller) {
    return { items: await this.cases.read(caller, listViews) };
  }

  @Post('views')
  @Allow('inspector', 'supervisor')
  @ApiOperation({ summary: 'Save a view; one of the same name is replaced' })
  @ApiBody({ schema: bodySchema(ViewBody) })
  async saveView(@CurrentCaller() caller: Caller, @Req() request: Request) {
    const view = await jsonBody(request, ViewBody);
    return this.cases.change(caller, (client, person, now) => saveView(client, person, view, now));
  }

  @Delete('views/:id')
  @Allow('inspector', 'supervisor')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a saved view of mine' })
  async deleteView(@CurrentCaller() caller: Caller, @Param('id', { schema: Id }) id: number): Promise<void> {
    const wasThere = await this.cases.change(caller, (client, person) => deleteView(client, person, id));
    if (!wasThere) throw new NotFoundException(`You have no saved view ${id}.`);
  }

  @Get('workers')
  @Allow('supervisor', 'auditor', 'operator')
  @ApiOperation({ summary: 'Inspectors and supervisors with what they hold' })
  async workers(@CurrentCaller() caller: Caller) {
    const items = await this.cases.read(caller, (client, viewer) =>
      workload(client, viewer.role === 'supervisor' ? viewer.organisation : null),
    );
    return { items };
  }

  @Put('workers/:id')
  @Allow('operator', { fresh: true })
  @HttpCode(204)
  @ApiOperation({ summary: 'Say where somebody belongs, lives, and how many cases they may hold' })
  @ApiBody({ schema: bodySchema(WorkerBody) })
  async saveWorker(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ): Promise<void> {
    const worker = await jsonBody(request, WorkerBody);
    await this.cases.change(caller, (client, person) => saveWorker(client, person, id, worker));
  }

  @Post('dealing')
  @Allow('supervisor')
  @ApiOperation({ summary: 'Deal what waits to my organisation’s inspectors, by chance' })
  async deal(@CurrentCaller() caller: Caller) {
    const { deals, undealt, ...dealing } = await this.cases.change(caller, (client, person, now) =>
      dealCases(client, { by: person, now, organisation: person.organisation }),
    );
    return {
      ...dealing,
      deals: deals.map(({ caseId, inspectorId }) => ({ case: caseId, inspector: inspectorId })),
      undealt: undealt.map(({ caseId, why }) => ({ case: caseId, why })),
    };
  }

  @Post('tags')
  @Allow('inspector', 'supervisor')
  @HttpCode(200)
  @ApiOperation({ summary: 'Add and remove tags of several cases; all or none' })
  @ApiBody({ schema: bodySchema(BulkTagsBody) })
  async tag(@CurrentCaller() caller: Caller, @Req() request: Request) {
    const { ids, ...change } = await jsonBody(request, BulkTagsBody);
    const items = await this.cases.change(caller, async (client, person, now) => {
      const tagged = [];
      // In the order of ids, as everybody locks cases.
      for (const id of inOrder(ids)) tagged.push(await tag(client, person, id, change, now));
      return tagged;
    });
    return { items: items.map(({ id, version, tags }) => ({ id, version, tags })) };
  }

  @Post('assignments')
  @Allow('supervisor')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give several cases to an inspector; all or none' })
  @ApiBody({ schema: bodySchema(BulkAssignmentBody) })
  @ApiConflictResponse({ description: 'One of them has changed since it was read.' })
  async assignAll(@CurrentCaller() caller: Caller, @Req() request: Request) {
    const { cases, inspector } = await jsonBody(request, BulkAssignmentBody);
    const items = await this.cases.change(caller, async (client, person, now) => {
      const assigned = [];
      for (const seen of [...cases].sort((a, b) => a.id - b.id))
        assigned.push(await assign(client, person, seen, inspector, now));
      return assigned;
    });
    return { items: items.map(({ id, version }) => ({ id, version })) };
  }

  @Post(':id/assignment')
  @Allow('supervisor')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give a case to an inspector' })
  @ApiBody({ schema: bodySchema(AssignmentBody) })
  @ApiConflictResponse({ description: 'The case has changed since it was read; `changes` says how.' })
  async assign(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ) {
    const { version, inspector } = await jsonBody(request, AssignmentBody);
    const file = await this.cases.change(caller, (client, person, now) =>
      assign(client, person, { id, version }, inspector, now),
    );
    return { id, version: file.version };
  }
}

function inOrder(ids: readonly number[]): number[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}
