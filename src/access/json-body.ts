import { BadRequestException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { Request } from 'express';
import type { ApiBodyOptions } from '@nestjs/swagger';
import { z } from 'zod';
import { wholeBody } from '../config/whole-body.js';

const MOST_BYTES = 16_384;

/**
 * The request's body as `schema` reads it. Read here and not by a parser before every route: uploads are streamed,
 * whatever type they say they have. Asking for application/json also keeps another site's plain form out.
 * @throws 415, 413, 400
 */
export async function jsonBody<Output>(request: Request, schema: z.ZodType<Output>): Promise<Output> {
  if (!request.is('application/json'))
    throw new UnsupportedMediaTypeException('Send the body as application/json.');
  const body = await wholeBody(request, MOST_BYTES, `The body is larger than ${MOST_BYTES} bytes.`);
  const parsed = schema.safeParse(parse(body.toString('utf8')));
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new BadRequestException(reasons.join('; '));
}

/** What the API's description says of such a body. */
export function bodySchema(schema: z.ZodType): Extract<ApiBodyOptions, { schema: unknown }>['schema'] {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io: 'input' });
  return described as ReturnType<typeof bodySchema>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequestException('The body is not JSON.');
  }
}
