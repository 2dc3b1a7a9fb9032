import { isNativeError } from 'node:util/types';

/** What failed around us, so that trying again later may help: nothing in the request or in our code is wrong. */
export type FailureOfSurroundings = 'database-away' | 'disk-full';

/** No connection that a request waits for but those to the database fails with these: alerts leave in the background. */
const NO_CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', '53100']);
/**
 * SQLSTATE classes: connection exceptions, lack of resources (connections, memory), the operator's intervention (shutting
 * down, starting up). Source: PostgreSQL, appendix A.
 */
const DATABASE_AWAY = /^(08|53|57P)[0-9A-Z]{2,3}$/;
/** How pg and pg-pool, which give these no code, say that a connection ended or could not be made in time. */
const CONNECTION_LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired$|Client has encountered a connection error)/;

/** Null: an error of another kind. Looks through what TypeORM and AggregateError wrap. */
export function failureOfSurroundings(error: unknown): FailureOfSurroundings | null {
  // Errors of the file system may come from another realm, whose Error is another class.
  if (!isNativeError(error)) return null;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') {
    if (DISK_FULL.has(code)) return 'disk-full';
    if (NO_CONNECTION.has(code) || (code.length === 5 && DATABASE_AWAY.test(code))) return 'database-away';
  }
  if (CONNECTION_LOST.test(error.message)) return 'database-away';
  const { driverError } = error as { driverError?: unknown };
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : (driverError ?? error.cause);
  return inner === error ? null : failureOfSurroundings(inner);
}
