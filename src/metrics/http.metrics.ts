import { Injectable } from '@nestjs/common';
import { Histogram } from 'prom-client';
import type { Metric } from 'prom-client';

/** Anything else is one label value: a client can invent methods without end. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Rate, errors and duration of HTTP requests; all three come out of one histogram. */
@Injectable()
export class HttpMetrics {
  private readonly duration = new Histogram({
    name: 'gridwarden_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer, by route template and status.',
    labelNames: ['method', 'route', 'status'] as const,
    // Queries answer in milliseconds, uploads in minutes.
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 1, 5, 30, 120, 600, 3600],
    registers: [],
  });

  readonly all: Metric[] = [this.duration];

  /** `route` is the template (`/api/v1/uploads/:id`), never the path; null when no route matched. */
  observe(request: { method: string; route: string | null; status: number; seconds: number }): void {
    const method = METHODS.has(request.method) ? request.method : 'other';
    this.duration.observe(
      { method, route: request.route ?? 'none', status: request.status },
      request.seconds,
    );
  }
}
