import { spawn } from 'node:child_process';
import { closeSync, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { RefusedError } from '../../config/errors.js';
import { type Cluster, identity, serverEnvironment, SUPERUSER } from './cluster.js';
import { logSince, logSize, openLog, randomPort, rememberedPort, rememberPort } from './home-files.js';
import { lockOwner, lockPath, readLockFile, removeLockFile } from './lock-file.js';
import { settingArguments } from './settings.js';
import { explainOutput, isPassing, isPortTaken } from './start-failure.js';

/** A live server of the cluster, ours or somebody else's child. */
export interface Server {
  readonly cluster: Cluster;
  readonly pid: number;
  readonly port: number;
}

/** After kill -9, a dead server's number and shared memory stay taken until the system cleans up: seconds, up to 15 seen. */
const START_WAIT_MS = 30_000;
/** A server that says «starting up» replays what it had not written yet; after a long load that takes minutes. */
const RECOVERY_WAIT_MS = 15 * 60_000;
/** Stopping writes all changed pages: at most shared_buffers, seconds on any disk. */
const STOP_WAIT_MS = 120_000;
const POLL_MS = 25;
const PORT_TRIES = 20;
const CANNOT_CONNECT_NOW = '57P03';

/** Adopts the cluster's live server, or starts one. Safe for any number of processes at once: PostgreSQL lets one win. */
export async function ensureServer(cluster: Cluster, say: (line: string) => void): Promise<Server> {
  const start = new Start(cluster, say);
  let deadline = Date.now() + START_WAIT_MS;
  const recoveryDeadline = Date.now() + RECOVERY_WAIT_MS;
  while (Date.now() < deadline) {
    const answer = await ask(cluster);
    if (typeof answer === 'object') return start.succeeded(answer);
    if (answer === 'not yet') deadline = Math.min(Date.now() + START_WAIT_MS, recoveryDeadline);
    else start.attempt();
    await sleep(POLL_MS);
  }
  throw new RefusedError(`PostgreSQL in ${cluster.home} did not come up. ${start.reason()}`);
}

/** Stops the server the fast way (open transactions roll back) and waits until it has written everything. */
export async function stopServer(server: Server): Promise<void> {
  if (!isRunning(server)) return;
  process.kill(server.pid, 'SIGINT');
  for (const deadline = Date.now() + STOP_WAIT_MS; isRunning(server); await sleep(POLL_MS)) {
    if (Date.now() < deadline) continue;
    throw new RefusedError(`PostgreSQL (process ${server.pid}) is still stopping; let it finish.`);
  }
}

/** Where processes can't be looked at, the lock file tells: removing it is the last thing a server does. */
function isRunning({ cluster, pid }: Server): boolean {
  const owner = lockOwner(pid, cluster.data);
  return owner === 'server' || (owner === 'unknown' && readLockFile(cluster.data)?.pid === pid);
}

/** A superuser's connection to the maintenance database. */
export function adminClient(
  { cluster, port }: Pick<Server, 'cluster' | 'port'>,
  applicationName: string,
): pg.Client {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password: cluster.password,
    database: SUPERUSER,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    ssl: false,
  });
  // An 'error' event without a listener ends the process; whoever queries next gets the same error as a rejection.
  client.on('error', () => {});
  return client;
}

/** The live server; 'not yet' when it is starting or stopping; 'none' when nothing of this cluster answers. */
async function ask(cluster: Cluster): Promise<Server | 'not yet' | 'none'> {
  const lock = readLockFile(cluster.data);
  if (!lock?.port) return 'none';
  const server = { cluster, pid: lock.pid, port: lock.port };
  const client = adminClient(server, 'gridwarden start');
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>(
      `select current_setting('data_directory') as folder`,
    );
    // Another cluster may have got the port of a lock file left behind by a crash.
    return realpathSync(rows[0].folder) === cluster.data ? server : 'none';
  } catch (error) {
    return (error as { code?: string }).code === CANNOT_CONNECT_NOW ? 'not yet' : 'none';
  } finally {
    await client.end().catch(() => {});
  }
}

/** One child that was to become the server. */
interface Attempt {
  /** Size of the log before it wrote there. */
  readonly logFrom: number;
  exited: boolean;
  /** Why it could not even be executed. */
  failure: string | null;
}

/** The attempts of one call to get a server up: at most one child at a time. */
class Start {
  private child: Attempt | null = null;
  private port: number;
  private portTries = 0;
  private lastOutput = '';

  constructor(
    private readonly cluster: Cluster,
    private readonly say: (line: string) => void,
  ) {
    this.port = rememberedPort(cluster) ?? randomPort();
  }

  /** Nothing answers: starts a server, unless one is on its way. Throws when the last one failed for good. */
  attempt(): void {
    if (this.child?.exited) this.judgeExit(this.child);
    if (this.child !== null) return;
    const lock = readLockFile(this.cluster.data);
    const owner = lock === null ? 'gone' : lockOwner(lock.pid, this.cluster.data);
    if (owner === 'server') return;
    // PostgreSQL refuses to start while any process of its user has the number in the file, be it dead or another program.
    if (lock !== null && (owner === 'zombie' || owner === 'stranger')) {
      this.say(
        `PostgreSQL did not stop cleanly (its lock file names process ${lock.pid}, which is no PostgreSQL): recovering`,
      );
      removeLockFile(this.cluster.data, lock.pid);
    }
    this.spawn();
  }

  succeeded(server: Server): Server {
    rememberPort(this.cluster, server.port);
    return server;
  }

  reason(): string {
    const lock = readLockFile(this.cluster.data);
    const holder = lock === null ? '' : `${lockPath(this.cluster.data)} names process ${lock.pid}. `;
    return `${holder}${explainOutput(this.lastOutput)}`;
  }

  private judgeExit({ failure, logFrom }: Attempt): void {
    this.child = null;
    this.lastOutput = failure ?? logSince(this.cluster, logFrom);
    if (isPortTaken(this.lastOutput) && this.portTries < PORT_TRIES) {
      this.port = randomPort();
      this.portTries += 1;
    } else if (!isPassing(this.lastOutput)) {
      throw new RefusedError(`PostgreSQL could not start. ${explainOutput(this.lastOutput)}`);
    }
  }

  private spawn(): void {
    const { binaries, data, home, user } = this.cluster;
    const log = openLog(this.cluster);
    const attempt: Attempt = { logFrom: logSize(this.cluster), exited: false, failure: null };
    const child = spawn(binaries.postgres, ['-D', data, ...settingArguments(this.port)], {
      cwd: home,
      env: serverEnvironment(),
      ...identity(user),
      // A session of its own: Ctrl-C at our terminal must not reach it before we have finished our work.
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.on('error', (error) => {
      Object.assign(attempt, { exited: true, failure: `${binaries.postgres}: ${error.message}` });
    });
    child.on('exit', () => {
      attempt.exited = true;
    });
    child.unref();
    this.child = attempt;
  }
}
