import { Injectable } from '@nestjs/common';
import type { NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { HttpMetrics } from './http.metrics.js';

/** As nginx counts them: the client went away before its answer was whole. */
const CLIENT_CLOSED_REQUEST = 499;

/** Watches every request to its end. */
@Injectable()
export class HttpMetricsMiddleware implements NestMiddleware {
  constructor(private readonly metrics: HttpMetrics) {}

  use(request: Request, response: Response, next: NextFunction): void {
    const startedAt = performance.now();
    this.metrics.inFlight.inc();
    // 'close' comes after a whole answer and after a broken one; the route is known only by then.
    response.once('close', () => {
      this.metrics.inFlight.dec();
      const route = request.route as { path?: unknown } | undefined;
      this.metrics.observe({
        method: request.method,
        route: typeof route?.path === 'string' ? route.path : null,
        status: response.writableFinished ? response.statusCode : CLIENT_CLOSED_REQUEST,
        seconds: (performance.now() - startedAt) / 1000,
      });
    });
    next();
  }
}
