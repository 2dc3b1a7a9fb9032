import { createHash } from 'node:crypto';
import { Controller, Get, Inject, Logger, Param, Query, Res } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { auditActor, CurrentCaller, type Caller } from '../../access/caller.js';
import { recordExport } from '../../audit/record-export.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Id } from '../../config/input-values.js';
import { DATABASE } from '../../database/database.token.js';
import type { Database } from '../../database/open-database.js';
import { Allow } from '../../rights/allow.decorator.js';
import { Identities } from '../../grid/identities.js';
import type { LoadedRulebook } from '../../rulebook/rulebook-file.js';
import { RULEBOOK } from '../../rulebook/rulebook.token.js';
import { CasesService } from '../cases.service.js';
import type { Viewer } from '../viewer.js';
import { caseDossier, type Dossier, type Identity } from './dossier.js';
import { dossierPage } from './dossier-page.js';
import { LANGUAGES } from './formats.js';
import { PdfPrinter } from './pdf-printer.js';

const DossierQuery = z.strictObject({
  language: z.enum(LANGUAGES).default('ru').describe('Of the page; the JSON has both.'),
  identity: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('Whether name and address are in it. Each time is a disclosure, on record as such.'),
});
type DossierQuery = z.output<typeof DossierQuery>;

/** Styles are in the page, the carpet and nothing else is a picture, and no script runs. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";

/** A case on paper, for whoever may see the case. Every time it leaves is an entry of the audit log. */
@ApiTags('cases')
@Allow('inspector', 'supervisor', 'auditor')
@Controller('api/v1/cases/:id/dossier')
export class DossierController {
  private readonly logger = new Logger('Cases');

  constructor(
    private readonly cases: CasesService,
    private readonly identities: Identities,
    private readonly printer: PdfPrinter,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULEBOOK) private readonly rulebook: LoadedRulebook,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Everything a dossier says, as data',
    description:
      'The case as its page has it, the curve by days, sources, versions, and the proof of its decision.',
  })
  @ApiNotFoundResponse({ description: 'No such case, or none of yours.' })
  async data(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Query({ schema: DossierQuery }) query: DossierQuery,
  ) {
    const { dossier } = await this.made(caller, id, query);
    const { hourly: _, ...curve } = dossier.curve;
    const answer = { ...dossier, curve };
    await this.record(caller, dossier, { format: 'json', bytes: Buffer.from(JSON.stringify(answer)) });
    return answer;
  }

  @Get('page')
  @ApiOperation({ summary: 'The dossier as a page to print', description: 'One document, without a script.' })
  @ApiProduces('text/html')
  @ApiNotFoundResponse({ description: 'No such case, or none of yours.' })
  async page(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Query({ schema: DossierQuery }) query: DossierQuery,
    @Res() response: Response,
  ): Promise<void> {
    const { dossier, viewer } = await this.made(caller, id, query);
    const text = await dossierPage(dossier, { language: query.language, viewer });
    await this.record(caller, dossier, { format: 'html', bytes: Buffer.from(text) });
    response.set('content-security-policy', PAGE_POLICY).type('text/html').send(text);
  }

  @Get('pdf')
  @ApiOperation({ summary: 'The dossier as PDF', description: 'The page, printed by a headless Chromium.' })
  @ApiProduces('application/pdf')
  @ApiNotFoundResponse({ description: 'No such case, or none of yours.' })
  @ApiResponse({ status: 503, description: 'No Chromium is installed, or too much is being printed.' })
  async pdf(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: Id }) id: number,
    @Query({ schema: DossierQuery }) query: DossierQuery,
    @Res() response: Response,
  ): Promise<void> {
    const started = performance.now();
    const { dossier, viewer } = await this.made(caller, id, query);
    const bytes = await this.printer.print(await dossierPage(dossier, { language: query.language, viewer }));
    await this.record(caller, dossier, { format: 'pdf', bytes });
    this.logger.debug(`Dossier of case ${id} printed in ${Math.round(performance.now() - started)} ms`);
    response.type('application/pdf').attachment(`case-${id}-${query.language}.pdf`).send(bytes);
  }

  private async made(
    caller: Caller,
    id: number,
    { identity }: DossierQuery,
  ): Promise<{ readonly dossier: Dossier; readonly viewer: Viewer }> {
    const viewer = await this.cases.read(caller, async (_, found) => found);
    const { rulebook } = this;
    const dossier = await caseDossier(this.cases.dataSource, viewer, id, {
      rulebook,
      dataDir: this.config.dataDir,
      identity: async (pointId) => (identity ? this.identityOf(caller, id, pointId) : null),
      now: new Date(),
    });
    return { dossier, viewer };
  }

  /** Null for a transformer. */
  private async identityOf(caller: Caller, caseId: number, pointId: number): Promise<Identity | null> {
    const reason = `dossier of case ${caseId}`;
    const shown = await this.identities.show({ meteringPointId: pointId, caller, reason });
    return shown && { disclosure: shown.id, consumer_name: shown.consumerName, address: shown.address };
  }

  /** Before the first byte leaves. */
  private async record(
    caller: Caller,
    { case: { id, version }, identity }: Dossier,
    { format, bytes }: { readonly format: string; readonly bytes: Buffer },
  ): Promise<void> {
    await recordExport(this.database, {
      by: auditActor(caller),
      what: 'dossier',
      subject: `case:${id}`,
      details: {
        format,
        version,
        disclosure: identity?.disclosure ?? null,
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
    });
  }
}
