import { pino, type Logger as Log } from 'pino';
import type { Config } from '../config/config.js';
import { version } from '../config/version.js';
import { textOf, type LogLine } from './domain/log-line.js';
import { scrub } from './domain/scrub.js';
import { currentRequestId } from './request-context.js';
import { currentTraceId } from './tracing.js';

export type { Log };

export type LogConfig = Pick<Config, 'logLevel' | 'logFormat'>;

/** Nest's names for two levels are not everybody's. */
const LEVELS: Readonly<Record<Config['logLevel'], string>> = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  log: 'info',
  debug: 'debug',
  verbose: 'trace',
};

/** Fields that a line may never hold, whoever gives it an object: of people, secrets, rows, and addresses with their query. */
const UNSPEAKABLE = [
  ...['name', 'consumerName', 'consumer_name', 'address', 'email', 'phone', 'login', 'to'],
  ...['password', 'secret', 'token', 'key', 'cookie', 'set-cookie', 'authorization', 'cookies', 'headers'],
  ...['url', 'originalUrl', 'query', 'parameters', 'params', 'body', 'detail', 'where', 'raw', 'row'],
];

/**
 * The log of this process: one line of JSON each, on stderr, because stdout carries results; at a terminal, text. Its
 * messages are scrubbed, its fields those of a line of ours: nothing in it tells of people.
 */
export function createLog(config: LogConfig, write: (text: string) => void = toStderr): Log {
  const asText = config.logFormat === 'text' || (config.logFormat === 'auto' && process.stderr.isTTY);
  return pino(
    {
      level: LEVELS[config.logLevel],
      base: { pid: process.pid, version: version() },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: UNSPEAKABLE.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
        remove: true,
      },
      serializers: { stack: (text: string) => scrub(text), err: () => undefined },
      hooks: { logMethod: scrubMessage },
      mixin: whereFrom,
    },
    { write: (line) => write(asText ? `${textOf(JSON.parse(line) as LogLine)}\n` : line) },
  );
}

/** pino calls with `(fields, message)` or `(message)`. */
function scrubMessage(this: Log, args: Parameters<Log['info']>, method: (...args: never[]) => void): void {
  const clean = args.map((arg: unknown) => (typeof arg === 'string' ? scrub(arg) : arg));
  method.apply(this, clean as never[]);
}

/** The request and the trace a line belongs to. */
function whereFrom(): object {
  const requestId = currentRequestId();
  const traceId = currentTraceId();
  return { ...(requestId && { request_id: requestId }), ...(traceId && { trace_id: traceId }) };
}

/** Through Node's own stream: it waits for a slow reader of a pipe, and what was written last is out when the process ends. */
function toStderr(text: string): void {
  process.stderr.write(text);
}
