import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { BadRequestException, Catch, HttpException, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter, StandardSchemaValidationPipeOptions } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AccessRefusal, type RefusalReason } from '../access/refusal.js';
import { CaseConflict } from '../cases/case-conflict.js';
import { CaseRefusal } from '../cases/domain/refusal.js';
import { failureOfSurroundings } from './failure-of-surroundings.js';
import { RefusedError, TooLargeError, UsageError } from '../config/errors.js';
import { currentRequestId } from '../telemetry/request-context.js';
import { routeOf } from '../telemetry/request-log.js';

/** A restart of the database takes seconds. */
const RETRY_AFTER_SECONDS = 5;

/** What a schema says against a value (Standard Schema's issue, in the one place where Nest names it). */
type Issue = Parameters<NonNullable<StandardSchemaValidationPipeOptions['exceptionFactory']>>[0][number];

/** An error as RFC 9457 writes it. `errors` lists what is wrong with a request, field by field. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  /** Why somebody is not let in, for programs: `stale` asks for a fresh sign-in, `expired` for a new one. */
  readonly reason?: RefusalReason;
  readonly errors?: readonly { readonly field: string; readonly detail: string }[];
  /** As the answer's x-request-id says. */
  readonly request_id?: string;
  /** Of a conflict over a case: what others did since it was read. */
  readonly changes?: CaseConflict['changes'];
}

/** A request that its zod schema refuses; made by the global validation pipe. */
export class InvalidRequestException extends BadRequestException {
  readonly errors: readonly { readonly field: string; readonly detail: string }[];

  constructor(issues: readonly Issue[]) {
    const errors = issues.map((issue) => ({ field: fieldOf(issue), detail: issue.message }));
    super(errors.map(({ field, detail }) => (field ? `${field}: ${detail}` : detail)).join('; '));
    this.errors = errors;
  }
}

/** Every error of every route leaves through here, as `application/problem+json`. */
@Catch()
export class ProblemDocumentFilter implements ExceptionFilter {
  private readonly logger = new Logger('HTTP');

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (isBrokenOff(error, request)) {
      this.logger.debug(`${request.method} ${routeOf(request)}: the sender broke off`);
      response.destroy();
      return;
    }
    const problem = { ...problemOf(error, request.originalUrl), ...requestId() };
    if (problem.status >= 500 && !(error instanceof HttpException)) {
      this.logger.error(`${request.method} ${routeOf(request)} failed: ${problem.instance}`, stackOf(error));
    }
    if (response.headersSent) {
      // Half an answer is already out: cutting the connection is the only way left to say that it is not whole.
      response.destroy();
      return;
    }
    if (failureOfSurroundings(error) === 'database-away')
      response.set('retry-after', String(RETRY_AFTER_SECONDS));
    if (error instanceof AccessRefusal) tellHowToCome(error, response);
    // An answer to HEAD has no body to say it in.
    if (request.method === 'HEAD' && problem.reason !== undefined)
      response.set('gridwarden-reason', problem.reason);
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}

/** What a client may know of `error`. An error nobody foresaw gets an id, under which the log has the rest. */
export function problemOf(error: unknown, url: string): ProblemDocument {
  const instance = url.split('?')[0];
  if (error instanceof InvalidRequestException) {
    return { ...plain(400, 'The request does not fit; see errors.', instance), errors: error.errors };
  }
  if (error instanceof AccessRefusal) {
    return { ...plain(error.getStatus(), error.message, instance), reason: error.reason };
  }
  if (error instanceof CaseConflict)
    return { ...plain(409, error.message, instance), changes: error.changes };
  if (error instanceof HttpException) return plain(error.getStatus(), error.message, instance);
  if (error instanceof TooLargeError) return plain(413, error.message, instance);
  if (error instanceof RefusedError) return plain(422, error.message, instance);
  if (error instanceof CaseRefusal) return plain(422, error.message, instance);
  if (error instanceof UsageError) return plain(400, error.message, instance);
  const around = failureOfSurroundings(error);
  if (around === 'database-away')
    return plain(503, 'The database can’t be reached at the moment; try again in a few seconds.', instance);
  if (around === 'disk-full')
    return plain(507, 'The disk of the service is full: make room there, then send this again.', instance);
  const id = `urn:uuid:${randomUUID()}`;
  return plain(500, `This was not expected. The log has more under ${id}.`, id);
}

/** By which the log has what went before. */
function requestId(): Pick<ProblemDocument, 'request_id'> {
  const id = currentRequestId();
  return id === null ? {} : { request_id: id };
}

function tellHowToCome(refusal: AccessRefusal, response: Response): void {
  if (refusal.getStatus() === 401) response.set('www-authenticate', 'Bearer realm="gridwarden"');
  if (refusal.retryAfterSeconds !== null) response.set('retry-after', String(refusal.retryAfterSeconds));
}

/** The sender left before its request was whole: nobody is there to read an answer, and nothing of ours went wrong. */
function isBrokenOff(error: unknown, request: Request): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return (
    !request.complete && request.destroyed && (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET')
  );
}

/** `about:blank` says that the status is all there is to know of the kind (RFC 9457, 4.2.1). */
function plain(status: number, detail: string, instance: string): ProblemDocument {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, instance };
}

function fieldOf({ path = [] }: Issue): string {
  return path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.');
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
