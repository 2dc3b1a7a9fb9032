import { Controller, Get, Inject, NotFoundException, Param, Post, Req, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Allow } from '../rights/allow.decorator.js';
import { CurrentCaller, type Caller } from '../access/caller.js';
import { bodySchema, jsonBody } from '../access/json-body.js';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { Id } from '../config/input-values.js';
import { wholeBody } from '../config/whole-body.js';
import { CasesService } from './cases.service.js';
import { Sha256, VisitBooking, VisitReportBody } from './cases.schemas.js';
import { cleanPhotograph, MAX_PHOTOGRAPH_BYTES } from './domain/photograph.js';
import { PhotographStore } from './photograph-store.js';
import { QueryParams } from './query-params.js';
import { visibleTo } from './viewer.js';
import { addPhotograph, bookVisit, reportVisit, requireOwnVisit } from './visits.js';

/** Visits to the place of a case: booked, reported, with photographs. */
@ApiTags('cases')
@Controller('api/v1/cases/:id')
export class VisitsController {
  private readonly photographs: PhotographStore;

  constructor(
    private readonly cases: CasesService,
    @Inject(CONFIG) { dataDir }: Config,
  ) {
    this.photographs = new PhotographStore(dataDir);
  }

  @Post('visits')
  @Allow('inspector')
  @ApiOperation({ summary: 'Book a visit, or book it for another time' })
  @ApiBody({ schema: bodySchema(VisitBooking) })
  async book(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Req() request: Request,
  ) {
    const { version, booked_for: bookedFor } = await jsonBody(request, VisitBooking);
    const booked = await this.cases.change(caller, (client, person, now) =>
      bookVisit(client, person, { id, version }, bookedFor, now),
    );
    return { visit: booked.id, version: booked.version };
  }

  @Post('visits/:visit/report')
  @Allow('inspector')
  @ApiOperation({ summary: 'Report a visit that took place' })
  @ApiBody({ schema: bodySchema(VisitReportBody) })
  async report(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Param('visit', { schema: Id }) visitId: number,
    @Req() request: Request,
  ) {
    const { version, done_at: doneAt, findings, explanation } = await jsonBody(request, VisitReportBody);
    const next = await this.cases.change(caller, (client, person, now) =>
      reportVisit(client, person, { id, version, visitId }, { doneAt, findings, explanation }, now),
    );
    return { visit: visitId, version: next };
  }

  @Post('visits/:visit/photographs')
  @Allow('inspector')
  @ApiOperation({
    summary: 'Add a photograph',
    description:
      'The body is the file: JPEG, PNG or WebP, told by its bytes. What it says of place, time and device is removed before it is stored.',
  })
  @ApiConsumes('image/jpeg', 'image/png', 'image/webp')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  async addPhotograph(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) caseId: number,
    @Param('visit', { schema: Id }) visitId: number,
    @Req() request: Request,
  ) {
    const visit = { caseId, visitId };
    await this.cases.change(caller, (client, person) => requireOwnVisit(client, person, visit));
    const tooLarge = `A photograph may have ${MAX_PHOTOGRAPH_BYTES / 2 ** 20} MiB at most.`;
    const photograph = cleanPhotograph(await wholeBody(request, MAX_PHOTOGRAPH_BYTES, tooLarge));
    const stored = await this.photographs.put(photograph);
    await this.cases.change(caller, (client, person, now) =>
      addPhotograph(client, person, visit, stored, now),
    );
    return { sha256: stored.sha256, media_type: stored.mediaType, bytes: stored.bytes };
  }

  @Get('photographs/:sha256')
  @Allow('inspector', 'supervisor', 'auditor')
  @ApiOperation({ summary: 'A photograph of a visit' })
  @ApiProduces('image/jpeg', 'image/png', 'image/webp')
  async photograph(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Param('sha256', { schema: Sha256 }) sha256: string,
  ): Promise<StreamableFile> {
    const found = await this.cases.read(caller, async (client, viewer) => {
      const params = new QueryParams();
      const { rows } = await client.query<{ type: string; bytes: number }>(
        `select ph.media_type as type, ph.bytes
         from case_photograph ph join case_visit v on v.id = ph.visit_id join case_file c on c.id = v.case_id
         where c.id = ${params.add(id)} and ph.sha256 = ${params.add(sha256)} and ${visibleTo(viewer, params)}
         limit 1`,
        params.values,
      );
      return rows.at(0);
    });
    if (found === undefined) throw new NotFoundException(`Case ${id} has no such photograph.`);
    return new StreamableFile(this.photographs.read(sha256), { type: found.type, length: found.bytes });
  }
}
