import { Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConflictResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Allow } from '../rights/allow.decorator.js';
import { CurrentCaller, type Caller } from '../access/caller.js';
import { bodySchema, jsonBody } from '../access/json-body.js';
import { CasesService } from '../cases/cases.service.js';
import { Id } from '../config/input-values.js';
import { answerComplaint, listComplaints, recordComplaint } from './complaints.js';
import { listDraws } from './list-draws.js';
import { listOutside, recordOutside } from './outside-disclosures.js';
import {
  ComplaintAnswer,
  ComplaintBody,
  ComplaintsQuery,
  DrawsList,
  OutsideBody,
  OutsideQuery,
  QualityQuery,
  QualityView,
} from './integrity.schemas.js';
import { qualityFor } from './quality-view.js';

/** How inspections go, as far as chance and numbers can tell; complaints; what was handed outside. */
@ApiTags('integrity')
@Controller('api/v1/integrity')
export class IntegrityController {
  constructor(private readonly cases: CasesService) {}

  @Get('quality')
  @Allow('supervisor', 'auditor')
  @ApiOperation({ summary: 'Quality of inspections: of everybody, organisations, inspectors and utilities' })
  @ApiOkResponse({ standardSchema: QualityView })
  async quality(
    @CurrentCaller() caller: Caller,
    @Query({ schema: QualityQuery }) { days }: QualityQuery,
  ): Promise<QualityView> {
    const now = new Date();
    return this.cases.read(caller, (client, viewer) => qualityFor(client, viewer, { days, now }));
  }

  @Get('draws')
  @Allow('supervisor', 'auditor')
  @ApiOperation({ summary: 'Periods of draws: when their secret was fixed and told, and how much was drawn' })
  @ApiOkResponse({ standardSchema: DrawsList })
  async draws(@CurrentCaller() caller: Caller) {
    return { items: await this.cases.read(caller, (client) => listDraws(client)) };
  }

  @Get('complaints')
  @Allow('supervisor', 'auditor')
  @ApiOperation({ summary: 'Complaints of households, newest first' })
  async complaints(
    @CurrentCaller() caller: Caller,
    @Query({ schema: ComplaintsQuery }) { open }: ComplaintsQuery,
  ) {
    return { items: await this.cases.read(caller, (client) => listComplaints(client, open)) };
  }

  @Post('complaints')
  @Allow('supervisor')
  @ApiOperation({ summary: 'Take down a complaint about a case' })
  @ApiBody({ schema: bodySchema(ComplaintBody) })
  async complain(@CurrentCaller() caller: Caller, @Req() request: Request): Promise<{ id: number }> {
    const { case: caseId, received_at: receivedAt, words } = await jsonBody(request, ComplaintBody);
    const id = await this.cases.change(caller, (client, person, now) =>
      recordComplaint(client, person, { caseId, receivedAt, words }, now),
    );
    return { id };
  }

  @Post('complaints/:id/answer')
  @Allow('supervisor', { fresh: true })
  @HttpCode(204)
  @ApiOperation({ summary: 'Uphold a complaint or not; not by who worked on the case' })
  @ApiBody({ schema: bodySchema(ComplaintAnswer) })
  @ApiConflictResponse({ description: 'It was answered already.' })
  async answer(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ): Promise<void> {
    const answer = await jsonBody(request, ComplaintAnswer);
    await this.cases.change(caller, (client, person, now) =>
      answerComplaint(client, person, { id, ...answer }, now),
    );
  }

  @Get('outside-disclosures')
  @Allow('supervisor', 'auditor')
  @ApiOperation({ summary: 'What of a household was handed to bodies outside, and on which legal basis' })
  async outside(
    @CurrentCaller() caller: Caller,
    @Query({ schema: OutsideQuery }) { metering_point: id }: OutsideQuery,
  ) {
    return { items: await this.cases.read(caller, (client) => listOutside(client, id)) };
  }

  @Post('outside-disclosures')
  @Allow('supervisor', { fresh: true })
  @ApiOperation({ summary: 'Record what was handed to a body outside, with its legal basis' })
  @ApiBody({ schema: bodySchema(OutsideBody) })
  async recordOutside(@CurrentCaller() caller: Caller, @Req() request: Request): Promise<{ id: number }> {
    const {
      metering_point: meteringPointId,
      case: caseId,
      legal_basis: legalBasis,
      ...said
    } = await jsonBody(request, OutsideBody);
    const id = await this.cases.change(caller, (client, person, now) =>
      recordOutside(client, person, { meteringPointId, caseId, legalBasis, ...said }, now),
    );
    return { id };
  }
}
