import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiResponse } from '@nestjs/swagger';
import { Allow } from '../rights/allow.decorator.js';

/** A route whose body is an upload: who may send, and what the headers and answers of all such routes are. */
export function Receives(): MethodDecorator {
  return applyDecorators(
    Allow('utility'),
    ApiHeader({
      name: 'idempotency-key',
      required: false,
      description: 'Of the sender’s choice; names this request.',
    }),
    ApiHeader({
      name: 'content-digest',
      required: false,
      description: 'sha-256=:…: (RFC 9530); 422 when what arrives has another.',
    }),
    ApiResponse({ status: 200, description: 'Received before: the first receipt.' }),
    ApiResponse({ status: 202, description: 'Received; the receipt tells how loading goes on.' }),
  );
}

/** {@link Receives}, and the body is a file as it is. */
export function ReceivesFile(): MethodDecorator {
  return applyDecorators(
    Receives(),
    ApiConsumes(
      'text/csv',
      'application/xml',
      'application/gzip',
      'application/zip',
      'application/octet-stream',
    ),
    ApiBody({ schema: { type: 'string', format: 'binary' } }),
  );
}
