import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { DynamicModule } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Registry } from 'prom-client';
import { firstStartText } from '../access/first-start.js';
import type { Config } from '../config/config.js';
import { isLoopback } from '../config/domain/loopback.js';
import { RefusedError } from '../config/errors.js';
import { openDatabase } from '../database/open-database.js';
import type { Database } from '../database/open-database.js';
import { createLog, type Log } from '../telemetry/log.js';
import { startTracing } from '../telemetry/tracing.js';
import { createHttpApp } from './http-app.js';

/** How long a stop waits for requests that are under way; an upload cut short is resumed or sent again. */
const FINISH_REQUESTS_MS = 10_000;

/** The module that holds all others, over a configuration and an open database. */
export type RootModule = (config: Config, database: Database) => DynamicModule;

export interface Service {
  /** `http://127.0.0.1:3000`, without a slash at the end. */
  readonly url: string;
  /** Finishes the requests under way, for at most ten seconds, and stops listening. Leaves the database open. */
  close(): Promise<void>;
}

/** Runs the service until SIGTERM or Ctrl-C, then stops it in order: requests, jobs, database. */
export async function serve(root: RootModule, config: Config): Promise<void> {
  const stop = stopSignal();
  const log = createLog(config);
  const database = await openDatabase(config, { say: (line) => log.warn({ context: 'Database' }, line) });
  try {
    const service = await startService(root, config, database, log);
    log.info({ context: 'Service' }, `Gridwarden listens on ${service.url}${reachOf(config)}`);
    const url = config.publicUrl ?? service.url;
    const firstStart = await firstStartText(database.dataSource, url, new Date());
    if (firstStart !== null) process.stderr.write(firstStart);
    await stopped(stop);
    log.info({ context: 'Service' }, 'Stopping: requests and work in hand are finished or handed back');
    await service.close();
  } finally {
    await database.close();
  }
}

/** Who can reach it, and what that asks for: keys and sessions must not cross a network unencrypted. */
function reachOf({ host, publicUrl }: Config): string {
  if (isLoopback(host)) return publicUrl === null ? ', for this machine only' : `, and is ${publicUrl}`;
  if (publicUrl !== null) return `, and is ${publicUrl} through the proxy before it`;
  return ` and ${host}, unencrypted: put a proxy with TLS before it, and its address in GRIDWARDEN_PUBLIC_URL`;
}

/** Listens on the configured address. Throws {@link RefusedError} when the port is taken or may not be used. */
export async function startService(
  root: RootModule,
  config: Config,
  database: Database,
  log: Log = createLog(config),
): Promise<Service> {
  const endTracing = await startTracing(config);
  const app = await createHttpApp(root(config, database), config, log);
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    await endTracing();
    throw refusalOf(error, config);
  }
  fillMetrics(app);
  const { address, family, port } = app.getHttpServer().address() as AddressInfo;
  return { url: `http://${hostOf(address, family)}:${port}`, close: () => closeApp(app).finally(endTracing) };
}

/** What costs a walk through a table is looked up once before anybody scrapes it. */
function fillMetrics(app: NestExpressApplication): void {
  const registry = app.get(Registry, { strict: false });
  // The scrape that comes next asks again, and says what is wrong.
  registry.metrics().catch(() => {});
}

/** To be opened on this machine: all of its addresses are no address. */
function hostOf(address: string, family: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return family === 'IPv6' ? `[${address}]` : address;
}

/**
 * Aborts when the process is asked to stop (Ctrl-C, or SIGTERM from a supervisor), for the reason that tells so. A second
 * request does not wait for anything any more.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(1);
    controller.abort(new RefusedError(`Stopped by ${signal}.`));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

/** Resolves when `stop` aborts, at once when it has. */
export async function stopped(stop: AbortSignal): Promise<void> {
  if (!stop.aborted) await once(stop, 'abort');
}

async function closeApp(app: NestExpressApplication): Promise<void> {
  const server = app.getHttpServer();
  const deadline = setTimeout(() => server.closeAllConnections(), FINISH_REQUESTS_MS);
  // Browsers keep connections open for a next request that will not come.
  server.closeIdleConnections();
  await app.close().finally(() => clearTimeout(deadline));
}

function refusalOf(error: unknown, { host, port }: Config): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new RefusedError(
        `Port ${port} on ${host} is taken, perhaps by another Gridwarden; choose another one with --port or GRIDWARDEN_PORT.`,
      );
    case 'EACCES':
      return new RefusedError(
        `Port ${port} may not be used by this user; choose one above 1023 with --port or GRIDWARDEN_PORT.`,
      );
    case 'EADDRNOTAVAIL':
      return new RefusedError(
        `This machine has no address ${host}; choose another one with GRIDWARDEN_HOST.`,
      );
    default:
      return error;
  }
}
