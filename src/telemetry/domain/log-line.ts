/** A line as pino writes it. */
export interface LogLine {
  readonly level: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly msg?: string;
  /** The part of the program that speaks. */
  readonly context?: string;
  readonly stack?: string;
  readonly [field: string]: unknown;
}

/** Said by every line of a process, or shown in a place of their own. */
const UNSHOWN = new Set(['level', 'time', 'msg', 'context', 'stack', 'pid', 'version']);

/** The line for a person at a terminal: `12:03:44 WARN  [Uploads] what happened upload=7`, a stack below it. */
export function textOf(line: LogLine): string {
  const { level, time, msg = '', context, stack } = line;
  const fields = Object.entries(line)
    .filter(([name]) => !UNSHOWN.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const head = [time.slice(11, 19), level.toUpperCase().padEnd(5), context && `[${context}]`, msg, ...fields];
  const text = head.filter((part) => part !== undefined && part !== '').join(' ');
  return stack === undefined ? text : `${text}\n${stack}`;
}
