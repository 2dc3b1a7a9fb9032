import { Controller, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CurrentCaller, type Caller } from '../access/caller.js';
import type { Receipt } from './receipt.js';
import { Receives } from './receives.decorator.js';
import { UploadIntake } from './upload-intake.service.js';
import { ReadingsQuery } from './uploads.schemas.js';

/** Readings as they come, a few at a time. */
@ApiTags('uploads')
@Controller('api/v1/readings')
export class ReadingsController {
  constructor(private readonly intake: UploadIntake) {}

  @Post()
  @Receives()
  @ApiOperation({
    summary: 'Send readings',
    description:
      'One JSON object a line: metering_point, start (ISO 8601 with an offset), kwh; quality and interval_minutes (60) where ' +
      'they differ. An object by itself and an array are taken too, and gzip. In any order, however late; a reading sent again ' +
      'corrects the one before. 202 with the receipt once the body is durable: each body is an upload, whose receipt tells ' +
      'what became of every line. The same body again: 200 with the first receipt. 422 when the Idempotency-Key came with ' +
      'another body before.',
  })
  @ApiConsumes('application/x-ndjson', 'application/json')
  @ApiBody({
    schema: {
      type: 'string',
      example: '{"metering_point":"HOME-17","start":"2026-03-01T00:00+08:00","kwh":0.412}',
    },
  })
  async receive(
    @CurrentCaller() caller: Caller,
    @Query({ schema: ReadingsQuery }) { utility }: ReadingsQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Receipt> {
    const query = { utility, kind: 'readings', filename: 'readings.ndjson' } as const;
    return this.intake.receive(caller, query, request, response);
  }
}
