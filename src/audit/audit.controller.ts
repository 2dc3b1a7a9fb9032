import {
  Controller,
  Get,
  Header,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  Post,
  Query,
  Req,
} from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { Request } from 'express';
import type { Client } from 'pg';
import { z } from 'zod';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { RefusedError } from '../config/errors.js';
import { wholeBody } from '../config/whole-body.js';
import { DATABASE } from '../database/database.token.js';
import { onConnection } from '../database/on-connection.js';
import type { Database } from '../database/open-database.js';
import { Allow, Public } from '../rights/allow.decorator.js';
import { consistencyProof } from './audit-hashes.js';
import { newestCheckpoint } from './checkpoints.js';
import { takeCosignature } from './cosignatures.js';
import { checkpointText } from './domain/checkpoint.js';
import { proveEntry, type EntryProof } from './entry-proof.js';
import { publicLogKey } from './key-files.js';
import { inSnapshot } from './read-log.js';

const Size = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const ConsistencyQuery = z
  .strictObject({
    older: Size.min(1).describe('Entries of the tree that was seen before.'),
    size: Size.describe('Entries of the newer tree.'),
  })
  .refine(({ older, size }) => older <= size, { error: 'is more than size', path: ['older'] });
type ConsistencyQuery = z.infer<typeof ConsistencyQuery>;

/** A checkpoint with the signatures of a dozen witnesses is smaller. */
const MOST_NOTE_BYTES = 8_192;

/** What a witness and an outside party need: hashes and signatures; an entry's text only with its proof. */
@ApiTags('audit')
@Controller('api/v1/audit')
export class AuditController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  @Get('checkpoint')
  @Public()
  @ApiOperation({
    summary: 'The newest signed checkpoint of the audit log',
    description: 'A signed note (c2sp.org/tlog-checkpoint).',
  })
  @Header('content-type', 'text/plain; charset=utf-8')
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'The note.' })
  @ApiNotFoundResponse({ description: 'Nothing was signed yet.' })
  async checkpoint(): Promise<string> {
    const newest = await this.read((client) => newestCheckpoint(client));
    if (newest === null) throw new NotFoundException('The audit log was not signed yet.');
    return checkpointText(newest);
  }

  @Get('key')
  @Public()
  @ApiOperation({ summary: 'The verifier key of the audit log', description: 'name+id+base64' })
  @Header('content-type', 'text/plain; charset=utf-8')
  @ApiProduces('text/plain')
  @ApiNotFoundResponse({ description: 'There is none yet.' })
  async key(): Promise<string> {
    const key = await publicLogKey(this.config.dataDir);
    if (key === null) throw new NotFoundException('The audit log was not signed here yet.');
    return `${key.text}\n`;
  }

  @Get('consistency')
  @Public()
  @ApiOperation({ summary: 'Proof that a newer tree begins with an older one (RFC 6962 §2.1.2)' })
  @ApiNotFoundResponse({ description: 'The log is shorter.' })
  async consistency(
    @Query({ schema: ConsistencyQuery }) { older, size }: ConsistencyQuery,
  ): Promise<{ readonly hashes: readonly string[] }> {
    const hashes = await this.read((client) => consistencyProof(client, older, size));
    return { hashes: hashes.map((hash) => hash.toString('base64')) };
  }

  @Post('cosignatures')
  @Public()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Tell that a witness has cosigned a checkpoint',
    description: 'Of the witnesses in GRIDWARDEN_WITNESS_KEYS; gridwarden audit witness --url does so.',
  })
  @ApiConsumes('text/plain')
  @ApiBody({ schema: { type: 'string', description: 'The cosigned note.' } })
  @ApiNoContentResponse({ description: 'Taken.' })
  async cosignature(@Req() request: Request): Promise<void> {
    const tooLarge = `A note has at most ${MOST_NOTE_BYTES} bytes.`;
    const note = (await wholeBody(request, MOST_NOTE_BYTES, tooLarge)).toString('utf8');
    await onConnection(this.database.dataSource, (client) =>
      takeCosignature(client, { note, keys: this.config.witnessKeys, now: new Date() }),
    );
  }

  @Get('entries/:seq/proof')
  @Allow('auditor')
  @ApiOperation({
    summary: 'Proof that an entry is in the signed tree (RFC 6962 §2.1.1)',
    description: 'scripts/verify-inclusion.mjs checks it with nothing else at hand.',
  })
  @ApiNotFoundResponse({ description: 'No such entry, or none that is signed yet.' })
  async proof(@Param('seq', { schema: Size }) seq: number): Promise<EntryProof> {
    return this.read((client) => proveEntry(client, seq));
  }

  private async read<T>(work: (client: Client) => Promise<T>): Promise<T> {
    // Of the pool: anybody may ask, and must not use up the server's connections.
    const runner = this.database.dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as Client;
      return await inSnapshot(client, () => work(client));
    } catch (error) {
      if (error instanceof RefusedError) throw new NotFoundException(error.message);
      throw error;
    } finally {
      await runner.release();
    }
  }
}
