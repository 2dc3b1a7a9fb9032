import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Metric } from 'prom-client';
import { httpArea, methodClass } from './domain/http-area.js';

/** Rate, errors and duration of HTTP requests, told apart by area: a new route adds no series. */
@Injectable()
export class HttpMetrics {
  private readonly requests = new Counter({
    name: 'gridwarden_http_requests_total',
    help: 'HTTP requests by area and status; 499: the client went away.',
    labelNames: ['area', 'status'] as const,
    registers: [],
  });
  readonly inFlight = new Gauge({
    name: 'gridwarden_http_requests_in_flight',
    help: 'HTTP requests that are being answered.',
    registers: [],
  });
  private readonly duration = new Histogram({
    name: 'gridwarden_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer, by area and whether it reads or writes.',
    labelNames: ['area', 'method'] as const,
    // Queries answer in milliseconds, uploads in minutes.
    buckets: [0.05, 0.25, 1, 2.5, 10],
    registers: [],
  });

  readonly all: Metric[] = [this.requests, this.inFlight, this.duration];

  /** `url` is the path as sent. */
  observe(request: { method: string; url: string; status: number; seconds: number }): void {
    const area = httpArea(request.url);
    this.requests.inc({ area, status: request.status });
    this.duration.observe({ area, method: methodClass(request.method) }, request.seconds);
  }
}
