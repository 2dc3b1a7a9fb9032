import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.js';

/** What Nest tells of its own start, route by route: of use only to who looks for a mistake in the wiring. */
const WIRING = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Nest's loggers, and with them everybody's `new Logger(context)`, on our log. */
export class NestLog implements LoggerService {
  constructor(private readonly sink: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    const { context } = partsOf(rest);
    this.say(WIRING.has(context ?? '') ? 'debug' : 'info', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.say('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    // Nest logs why it can't listen, and throws it too: `startService` makes a sentence of that.
    if (!isFailedListen(message)) this.say('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.say('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.say('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.say('trace', message, rest);
  }

  private say(level: Level, message: unknown, rest: readonly unknown[]): void {
    const { context, stack } = partsOf(rest);
    const ofError = message instanceof Error ? message : null;
    this.sink[level](
      { context, stack: ofError?.stack ?? stack },
      ofError?.message ?? (typeof message === 'string' ? message : JSON.stringify(message)),
    );
  }
}

/** Nest hands on `(…, context)`, and of errors `(stack, context)`. */
function partsOf(rest: readonly unknown[]): { context?: string; stack?: string } {
  const texts = rest.filter((part) => typeof part === 'string');
  const stack = texts.find((text) => text.includes('\n    at '));
  const context = texts.at(-1);
  return { context: context === stack ? undefined : context, stack };
}

function isFailedListen(message: unknown): boolean {
  return /\blisten (EADDRINUSE|EACCES|EADDRNOTAVAIL)\b/.test(String(message));
}
