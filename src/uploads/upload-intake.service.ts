import {
  BadRequestException,
  Inject,
  Injectable,
  NotFoundException,
  UnprocessableEntityException,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { auditActor, type Caller } from '../access/caller.js';
import { CONFIG } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { TooLargeError } from '../config/errors.js';
import { DATABASE } from '../database/database.token.js';
import type { Database } from '../database/open-database.js';
import { receiptFor } from './receipt-for.js';
import type { Receipt } from './receipt.js';
import { receiveUpload } from './receive-upload.js';
import { spoolIn } from './spool.js';
import { UploadLoader } from './upload-loader.service.js';
import { readingOf } from './upload-request.js';
import { UploadsMetrics } from './uploads.metrics.js';
import { IdempotencyKey, type ReceiveQuery } from './uploads.schemas.js';

/** Makes an upload of the body of a request. */
@Injectable()
export class UploadIntake {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    private readonly loader: UploadLoader,
    private readonly metrics: UploadsMetrics,
  ) {}

  /** Answers once the body is durable: 202 with its receipt, 200 with the first receipt of the same bytes. */
  async receive(caller: Caller, query: ReceiveQuery, request: Request, response: Response): Promise<Receipt> {
    const utility = ownUtility(caller, query.utility);
    this.refuseTooLarge(request);
    const idempotencyKey = keyOf(request);
    const reading = await readingOf(this.database.dataSource.manager, { ...query, utility });
    const { filename } = query;
    const { id, repeated } = await receiveUpload(
      this.database,
      spoolIn(this.config),
      this.config,
      {
        ...reading,
        utility,
        filename,
        sender: auditActor(caller),
        idempotencyKey,
        sha256: digestOf(request),
      },
      request,
      new Date(),
    );
    this.loader.look();
    const receipt = await receiptFor(this.database, caller, id);
    if (!repeated) this.metrics.bytes.inc({ kind: receipt.kind }, receipt.bytes);
    if (receipt.status === 'refused')
      throw new UnprocessableEntityException(`Upload ${id}: ${receipt.refusal}`);
    response.status(repeated ? 200 : 202).location(`/api/v1/uploads/${id}`);
    return receipt;
  }

  /** Before the first byte is read: a sender cut off in the middle would see a broken connection and no reason. */
  private refuseTooLarge(request: Request): void {
    const { uploadMaxBytes } = this.config;
    if (Number(request.get('content-length') ?? 0) > uploadMaxBytes) {
      throw new TooLargeError(`The file is larger than the ${uploadMaxBytes} bytes that are taken.`);
    }
  }
}

/** @throws BadRequestException no key by its form. */
function keyOf(request: Request): string | null {
  const text = request.get('idempotency-key');
  if (text === undefined) return null;
  const key = IdempotencyKey.safeParse(text);
  if (!key.success) throw new BadRequestException(`Idempotency-Key takes ${key.error.issues[0].message}.`);
  return key.data;
}

/** SHA-256 of the body as Content-Digest states it (RFC 9530), in hexadecimal; null when it states none. */
function digestOf(request: Request): string | null {
  const base64 = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(request.get('content-digest') ?? '')?.[1];
  return base64 === undefined ? null : Buffer.from(base64, 'base64').toString('hex');
}

/** The caller's utility, which a request may name, and no other: whether there is another is not for them to learn. */
function ownUtility({ utility }: Caller, asked: string | undefined): string {
  if (utility === null || (asked ?? utility.code) !== utility.code)
    throw new NotFoundException(`There is no utility ${asked} of yours.`);
  return utility.code;
}
