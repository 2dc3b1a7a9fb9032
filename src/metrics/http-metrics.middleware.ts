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
    // 'close' comes after a whole answer and after a broken one.
    response.once('close', () => {
      this.metrics.inFlight.dec();
      this.metrics.observe({
        method: request.method,
        url: request.originalUrl,
        status: response.writableFinished ? response.statusCode : CLIENT_CLOSED_REQUEST,
        seconds: (performance.now() - startedAt) / 1000,
      });
    });
    next();
  }
}
