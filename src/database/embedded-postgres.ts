import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { RefusedError } from '../config/errors.js';
import { ADVISORY_LOCKS } from './advisory-locks.js';
import { openCluster } from './embedded/cluster.js';
import { adminClient, ensureServer, type Server, stopServer } from './embedded/server.js';

export const DEFAULT_SYSTEM_FOLDER = '/var/lib/gridwarden';

const ROLE = 'gridwarden';
const DATABASE = 'gridwarden';
const PRESENCE = 'gridwarden presence';
const JOIN_TRIES = 5;
const REVIVAL_PAUSES_MS = [0, 1_000, 5_000, 15_000, 60_000];
/** How long the server may take to notice that a connection has been closed. */
const GOODBYE_MS = 1_000;

export interface EmbeddedPostgresOptions {
  /** Where root keeps what the server's user can't reach in the data folder or in node_modules. */
  systemFolder?: string;
  /** Takes one line for the person who runs this; stderr by default. */
  say?: (line: string) => void;
}

/**
 * Our own PostgreSQL in `<dataDir>/postgres`, shared by every process of ours that uses this data folder. Each of them
 * keeps one connection, the presence, which holds an advisory lock in shared mode: it tells when the server dies (whoever
 * notices starts it again) and who is still using it (the last one out, who gets the lock exclusively, stops it).
 */
export class EmbeddedPostgres {
  private closing: Promise<void> | null = null;
  private revival = Promise.resolve();
  private server: Server;
  private presence: pg.Client;

  private constructor(
    private readonly dataDir: string,
    private readonly options: Required<EmbeddedPostgresOptions>,
  ) {}

  /** Adopts or starts the server of `dataDir`. Throws a RefusedError that says why it can't run. */
  static async start(dataDir: string, options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
    const embedded = new EmbeddedPostgres(dataDir, {
      systemFolder: options.systemFolder ?? DEFAULT_SYSTEM_FOLDER,
      say: options.say ?? ((line) => process.stderr.write(`gridwarden: ${line}\n`)),
    });
    await embedded.join();
    return embedded;
  }

  /** Process number of the server. */
  get pid(): number {
    return this.server.pid;
  }

  /** Connection string of the application's role, which owns its database and is no superuser. */
  get url(): string {
    return connectionUrl(this.server, ROLE, DATABASE);
  }

  /** Leaves; stops the server when nobody else uses it. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.revival.then(() => this.leave());
    return this.closing;
  }

  private async join(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.joinOnce();
        return;
      } catch (error) {
        // Another process may stop the server in the very moment we come: the next try starts it again.
        if (tries === JOIN_TRIES || error instanceof RefusedError) throw error;
      }
    }
  }

  private async joinOnce(): Promise<void> {
    const server = await startServer(this.dataDir, this.options);
    const presence = adminClient(server, PRESENCE);
    try {
      await presence.connect();
      // Waits while another process is stopping the server, and then fails with it.
      await presence.query(`select pg_advisory_lock_shared(${ADVISORY_LOCKS.serverUse})`);
    } catch (error) {
      await presence.end().catch(() => {});
      throw error;
    }
    this.server = server;
    this.presence = presence;
    presence.once('end', () => {
      this.revival = this.revive();
    });
  }

  private async revive(): Promise<void> {
    for (let tries = 0; this.closing === null; tries += 1) {
      await sleep(REVIVAL_PAUSES_MS[Math.min(tries, REVIVAL_PAUSES_MS.length - 1)], undefined, {
        ref: false,
      });
      try {
        if (this.closing === null) await this.join();
        return;
      } catch (error) {
        this.options.say(`the database is gone and does not come back yet: ${(error as Error).message}`);
      }
    }
  }

  private async leave(): Promise<void> {
    try {
      if (await isLastUser(this.presence)) await stopServer(this.server);
    } finally {
      await this.presence.end();
    }
  }
}

/** Adopts or starts the server of `dataDir` without using it: nothing here stops it. */
export async function startServer(
  dataDir: string,
  options: Required<EmbeddedPostgresOptions>,
): Promise<Server> {
  const cluster = await openCluster(dataDir, options);
  const server = await ensureServer(cluster, options.say);
  await setUp(server);
  return server;
}

export function connectionUrl(server: Server, role: string, database: string): string {
  return `postgresql://${role}:${server.cluster.password}@127.0.0.1:${server.port}/${database}`;
}

/** Makes the application's role and database where they are missing. */
async function setUp(server: Server): Promise<void> {
  const client = adminClient(server, 'gridwarden set-up');
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(${ADVISORY_LOCKS.serverSetUp})`);
    const { rowCount: roles } = await client.query(`select from pg_roles where rolname = '${ROLE}'`);
    // The password is base64url: nothing in it needs quoting.
    if (!roles) await client.query(`create role ${ROLE} login password '${server.cluster.password}'`);
    const { rowCount: databases } = await client.query(
      `select from pg_database where datname = '${DATABASE}'`,
    );
    if (!databases) await client.query(`create database ${DATABASE} owner ${ROLE}`);
  } finally {
    await client.end();
  }
}

/**
 * True when nobody else uses the server; from then on, who comes waits for it to stop. Other programs' connections
 * (an operator's psql) count too; our own, closed a moment ago, get some time to disappear.
 */
async function isLastUser(presence: pg.Client): Promise<boolean> {
  try {
    if (!(await getsExclusiveUse(presence))) return false;
    for (const deadline = Date.now() + GOODBYE_MS; ; await sleep(20)) {
      const { rowCount } = await presence.query(
        `select from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name <> '${PRESENCE}'`,
      );
      if (!rowCount) return true;
      if (Date.now() > deadline) return false;
    }
  } catch {
    // The connection is gone, and the server with it: there is nothing left to stop.
    return false;
  }
}

async function getsExclusiveUse(presence: pg.Client): Promise<boolean> {
  await presence.query(`select pg_advisory_unlock_shared(${ADVISORY_LOCKS.serverUse})`);
  const { rows } = await presence.query<{ locked: boolean }>(
    `select pg_try_advisory_lock(${ADVISORY_LOCKS.serverUse}) as locked`,
  );
  return rows[0].locked;
}
