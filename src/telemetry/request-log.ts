import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { saneRequestId } from './domain/request-id.js';
import type { Log } from './log.js';
import { inRequest } from './request-context.js';
import { inRequestSpan, type RequestSpan } from './tracing.js';

/** As nginx counts them: the client went away before its answer was whole. */
const CLIENT_CLOSED_REQUEST = 499;
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

export const REQUEST_ID_HEADER = 'x-request-id';

/**
 * Gives every request an id (its own, where it brings a sane one), answers it in a header, and writes a line when the
 * request has ended: method, route, status, time. Never the path or the query, in which ids and names stand. What only
 * read something, and got it, is a line of level debug.
 */
export function logRequests(log: Log) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const id = saneRequestId(request.headers[REQUEST_ID_HEADER]) ?? randomUUID();
    response.set(REQUEST_ID_HEADER, id);
    const { method, headers } = request;
    const watched = (span: RequestSpan): void => {
      watch(log, span, request, response);
      next();
    };
    inRequest(id, () => inRequestSpan(method, headers, watched));
  };
}

/** Keeps the request's context for what is said at its end. */
function watch(log: Log, span: RequestSpan, request: Request, response: Response): void {
  const startedAt = performance.now();
  const onClose = (): void => {
    const { method } = request;
    const status = response.writableFinished ? response.statusCode : CLIENT_CLOSED_REQUEST;
    const route = routeOf(request);
    const ms = Math.round(performance.now() - startedAt);
    log[levelOf(method, status)]({ context: 'HTTP', method, route, status, ms }, 'answered');
    span.end(route, status);
  };
  response.once('close', AsyncResource.bind(onClose));
}

/** The template, `/api/v1/cases/:id`; null when no route matched. */
export function routeOf(request: Request): string | null {
  const route = request.route as { path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : null;
}

function levelOf(method: string, status: number): 'debug' | 'info' | 'error' {
  if (status >= 500) return 'error';
  return READING.has(method) && status < 400 ? 'debug' : 'info';
}
