import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Metric } from 'prom-client';

/** Anything else is one label value: a client can invent methods without end. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Rate, errors and duration of HTTP requests. Durations are told apart by route alone: each label more is a dozen series. */
@Injectable()
export class HttpMetrics {
  private readonly requests = new Counter({
    name: 'gridwarden_http_requests_total',
    help: 'HTTP requests by method, route template and status; 499: the client went away.',
    labelNames: ['method', 'route', 'status'] as const,
    registers: [],
  });
  readonly inFlight = new Gauge({
    name: 'gridwarden_http_requests_in_flight',
    help: 'HTTP requests that are being answered.',
    registers: [],
  });
  private readonly duration = new Histogram({
    name: 'gridwarden_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer, by route template.',
    labelNames: ['route'] as const,
    // Queries answer in milliseconds, uploads in minutes. Each bucket is a series for every route.
    buckets: [0.25, 2.5, 10],
    registers: [],
  });

  readonly all: Metric[] = [this.requests, this.inFlight, this.duration];

  /** `route` is the template (`/api/v1/uploads/:id`), never the path; null when no route matched. */
  observe(request: { method: string; route: string | null; status: number; seconds: number }): void {
    const method = METHODS.has(request.method) ? request.method : 'other';
    const route = request.route ?? 'none';
    this.requests.inc({ method, route, status: request.status });
    this.duration.observe({ route }, request.seconds);
  }
}
