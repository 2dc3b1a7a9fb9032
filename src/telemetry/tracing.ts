import type * as OpenTelemetry from '@opentelemetry/api';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import type { Config } from '../config/config.js';
import { version } from '../config/version.js';

export type TracingConfig = Pick<Config, 'otlpEndpoint' | 'traceRatio'>;

/** A part of some work, in milliseconds since 1970; threads report theirs to the one that traces. */
export interface TimedPart {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Times work part by part: each call ends the part that has run since the one before, under this name. */
export function partTimer(now: () => number = Date.now): {
  end(name: string): void;
  readonly parts: readonly TimedPart[];
} {
  const parts: TimedPart[] = [];
  let startMs = now();
  return {
    parts,
    end(name) {
      const endMs = now();
      parts.push({ name, startMs, endMs });
      startMs = endMs;
    },
  };
}

/** OpenTelemetry's parts, which are loaded only where traces are wanted. */
type Api = typeof OpenTelemetry;

interface Tracing {
  readonly api: Api;
  readonly tracer: Tracer;
}

/** Null: traces are off, nothing of OpenTelemetry is loaded by us, and each call below costs a comparison. */
let tracing: Tracing | null = null;

const NOTHING = async (): Promise<void> => {};

/**
 * Turns traces on where an endpoint is set, for the whole process; returns how to send the last of them and turn them off.
 * Spans are named for routes and stages, never for meters, cases or people.
 */
export async function startTracing(config: TracingConfig): Promise<() => Promise<void>> {
  if (config.otlpEndpoint === null) return NOTHING;
  const api = await import('@opentelemetry/api');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const { BatchSpanProcessor, NodeTracerProvider, ParentBasedSampler, TraceIdRatioBasedSampler } =
    await import('@opentelemetry/sdk-trace-node');
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'gridwarden', 'service.version': version() }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.traceRatio) }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${config.otlpEndpoint}/v1/traces` })),
    ],
  });
  provider.register();
  tracing = { api, tracer: api.trace.getTracer('gridwarden') };
  return async () => {
    tracing = null;
    // A collector that is away keeps nobody from stopping.
    await provider.shutdown().catch(() => {});
    api.trace.disable();
    api.context.disable();
    api.propagation.disable();
  };
}

/** Does `work` within a span of its own; `note` adds to the span what the result says. */
export async function inSpan<T>(
  name: string,
  work: () => Promise<T>,
  note: (result: T) => Attributes = () => ({}),
): Promise<T> {
  if (tracing === null) return work();
  const { api, tracer } = tracing;
  return tracer.startActiveSpan(name, async (span) => {
    try {
      const result = await work();
      span.setAttributes(note(result));
      return result;
    } catch (error) {
      markFailed(api, span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Writes down what is over already, and its parts, below the span that is under way. */
export function recordSpan(
  whole: TimedPart,
  attributes: Attributes = {},
  parts: readonly TimedPart[] = [],
): void {
  if (tracing === null) return;
  const { api, tracer } = tracing;
  const record = ({ name, startMs, endMs }: TimedPart, around: Context, about: Attributes): Span => {
    const span = tracer.startSpan(name, { startTime: startMs, attributes: about }, around);
    span.end(endMs);
    return span;
  };
  const span = record(whole, api.context.active(), attributes);
  const within = api.trace.setSpan(api.context.active(), span);
  for (const part of parts) record(part, within, {});
}

export interface RequestSpan {
  /** The route is known only at the end. */
  end(route: string | null, status: number): void;
}

/** Answers a request within a span that goes on the caller's trace (`traceparent`); `next` runs inside it. */
export function inRequestSpan(
  method: string,
  headers: Readonly<Record<string, unknown>>,
  next: (span: RequestSpan) => void,
): void {
  if (tracing === null) {
    next({ end: () => {} });
    return;
  }
  const { api, tracer } = tracing;
  const parent = api.propagation.extract(api.context.active(), headers);
  const span = tracer.startSpan(
    method,
    { kind: api.SpanKind.SERVER, attributes: { 'http.request.method': method } },
    parent,
  );
  api.context.with(api.trace.setSpan(parent, span), () =>
    next({
      end(route, status) {
        span.updateName(`${method} ${route ?? 'none'}`);
        span.setAttributes({ 'http.route': route ?? 'none', 'http.response.status_code': status });
        if (status >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR });
        span.end();
      },
    }),
  );
}

/** Of the span under way, for the log; null without one. */
export function currentTraceId(): string | null {
  if (tracing === null) return null;
  return tracing.api.trace.getActiveSpan()?.spanContext().traceId ?? null;
}

/** The error's class alone: its message may quote data. */
function markFailed(api: Api, span: Span, error: unknown): void {
  const name = error instanceof Error ? error.name : 'Error';
  span.setAttribute('error.type', name);
  span.setStatus({ code: api.SpanStatusCode.ERROR, message: name });
}
