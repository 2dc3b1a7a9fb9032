import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow } from '../rights/allow.decorator.js';
import { CurrentCaller, type Caller } from '../access/caller.js';
import { Id } from '../config/input-values.js';
import { dayFromIso } from '../grid/domain/calendar.js';
import { RULEBOOK } from '../rulebook/rulebook.token.js';
import type { LoadedRulebook } from '../rulebook/rulebook-file.js';
import { CaseReads } from './case-reads.js';
import { caseCurve } from './case-curve.js';
import { casePage, type CasePage } from './case-page.js';
import { listCases, sortValue, type CaseView } from './case-queue.js';
import { CasesService } from './cases.service.js';
import { caseOfCursor, CasesPage, CasesQuery, cursorOf, CurveQuery } from './cases.schemas.js';
import { filterOf } from './case-filter.js';

/** Reading cases: a person sees theirs, an auditor all. */
@ApiTags('cases')
@Allow('inspector', 'supervisor', 'auditor')
@Controller('api/v1/cases')
export class CasesController {
  constructor(
    private readonly cases: CasesService,
    private readonly reads: CaseReads,
    @Inject(RULEBOOK) private readonly rulebook: LoadedRulebook,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'The queue',
    description:
      'An inspector’s own cases; a supervisor’s organisation’s, undealt ones and second looks; all for an auditor.',
  })
  @ApiOkResponse({ standardSchema: CasesPage })
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: CasesQuery }) query: CasesQuery,
  ): Promise<{ items: CaseView[]; next_cursor: string | null }> {
    const { sort, limit, cursor } = query;
    const after = cursor === undefined ? null : caseOfCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const found = await this.cases.read(caller, (client, viewer) =>
      listCases(client, viewer, filterOf(query), { sort, after, limit: limit + 1 }),
    );
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return {
      items,
      next_cursor:
        found.length > limit && last !== undefined
          ? cursorOf({ value: sortValue(sort, last), id: last.id })
          : null,
    };
  }

  @Get(':id')
  @ApiOperation({
    summary: 'Everything the page of a case shows',
    description:
      'The reasons’ log_odds add up to log_odds, whose logistic is alert_score. In the second look a supervisor is not told what the first inspector decided.',
  })
  @ApiOkResponse({ description: 'The case.' })
  @ApiNotFoundResponse({ description: 'No such case, or none of yours.' })
  async find(@CurrentCaller() caller: Caller, @Param('id', { schema: Id }) id: number): Promise<CasePage> {
    const { rulebook } = this;
    const now = new Date();
    const viewer = await this.cases.read(caller, async (_, found) => found);
    const page = await casePage(this.cases.dataSource, viewer, id, { rulebook, now });
    await this.reads.record(caller, id, now);
    return page;
  }

  @Get(':id/curve')
  @ApiOperation({
    summary: 'The load of a case over days, with what it is held against',
    description: 'Series are little-endian typed arrays in base64; NaN (quality 255) is missing.',
  })
  @ApiOkResponse({ description: 'The curve.' })
  async curve(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Query({ schema: CurveQuery }) { from, to, resolution }: CurveQuery,
  ) {
    const viewer = await this.cases.read(caller, async (_, found) => found);
    const days = { from: dayOf(from), to: dayOf(to), resolution };
    const curve = await caseCurve(this.cases.dataSource, viewer, id, days, this.rulebook);
    await this.reads.record(caller, id, new Date());
    return curve;
  }
}

function dayOf(text: string | undefined): number | null {
  return text === undefined ? null : dayFromIso(text);
}
