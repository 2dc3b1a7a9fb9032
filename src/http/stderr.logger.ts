import { ConsoleLogger } from '@nestjs/common';
import type { ConsoleLoggerOptions, LogLevel } from '@nestjs/common';

/** From the quietest: each level shows itself and those before it. */
const LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];

/** What Nest tells of its own start, route by route: of use only to who looks for a mistake in the wiring. */
const WIRING = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/**
 * Nest's logger with every line on stderr, because stdout carries results. People at a terminal get text, everything
 * else (journald, a container's log driver) one JSON object a line.
 */
export class StderrLogger extends ConsoleLogger {
  constructor(level: LogLevel, options: ConsoleLoggerOptions = {}) {
    super({
      json: !process.stderr.isTTY,
      prefix: 'Gridwarden',
      logLevels: LEVELS.slice(0, LEVELS.indexOf(level) + 1),
      ...options,
    });
  }

  protected override printMessages(
    ...[messages, context, level, , stack, params]: Parameters<ConsoleLogger['printMessages']>
  ): void {
    if (context === 'NestApplication' && messages.some(isFailedListen)) return;
    if (level === 'log' && WIRING.has(context ?? '') && !this.isLevelEnabled('debug')) return;
    super.printMessages(messages, context, level, 'stderr', stack, params);
  }
}

/** Nest logs why it can't listen, and throws it too: `startService` makes a sentence of that. */
function isFailedListen(message: unknown): boolean {
  return /\blisten (EADDRINUSE|EACCES|EADDRNOTAVAIL)\b/.test(String(message));
}
