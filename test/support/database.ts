import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Client } from 'pg';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';
import { connect } from '../../src/database/connection.js';
import { adminClient, type Server } from '../../src/database/embedded/server.js';
import { connectionUrl, DEFAULT_SYSTEM_FOLDER, startServer } from '../../src/database/embedded-postgres.js';
import { type Database, openUrl } from '../../src/database/open-database.js';

const ROLE = 'gridwarden';
const TEMPLATE = 'gridwarden_template';

/** A migrated database of this test's own, on the server that all tests of the run share; close() drops it. */
export async function testDatabase(): Promise<Database> {
  return cloneOf(TEMPLATE);
}

/** Like {@link testDatabase}, without a schema: its URL. The caller drops it with {@link dropDatabase}. */
export async function emptyDatabaseUrl(): Promise<string> {
  const server = await sharedServer();
  return connectionUrl(server, ROLE, await createDatabase(server, 'template1'));
}

export async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await asSuperuser(await sharedServer(), (query) => query(`drop database if exists ${name} with (force)`));
}

/** A connection to the database as the server's superuser, whom no trigger and no privilege stops; the caller ends it. */
export async function superuserOf({ url }: Pick<Database, 'url'>): Promise<Client> {
  const { user, password } = adminClient(await sharedServer(), 'gridwarden test');
  const address = new URL(url);
  address.username = user!;
  address.password = encodeURIComponent(password!);
  return connect(address.href);
}

async function cloneOf(template: string): Promise<Database> {
  const server = await sharedServer();
  await ensureTemplate(server);
  const url = connectionUrl(server, ROLE, await createDatabase(server, template));
  return openUrl(url, () => dropDatabase(url));
}

let shared: Promise<Server> | undefined;

/** Whichever worker comes first starts it, the others adopt it; the global teardown stops it. */
export function sharedServer(): Promise<Server> {
  shared ??= startServer(path.join(testRunFolder(), 'data'), {
    systemFolder: DEFAULT_SYSTEM_FOLDER,
    say: () => {},
  });
  return shared;
}

/** A folder that is removed after the run, and that the server's user may pass through. */
export function testRunFolder(): string {
  const folder = process.env.TEST_RUN_FOLDER;
  if (folder === undefined) throw new Error('run jest with the global setup in test/support');
  return folder;
}

/** Made once a run, under a name it gets only when it is whole. */
async function ensureTemplate(server: Server): Promise<void> {
  await asSuperuser(server, async (query) => {
    await query(`select pg_advisory_lock(${ADVISORY_LOCKS.testTemplate})`);
    if ((await query(`select from pg_database where datname = '${TEMPLATE}'`)).rowCount) return;
    await query(`create database ${TEMPLATE}_new owner ${ROLE}`);
    await (await openUrl(connectionUrl(server, ROLE, `${TEMPLATE}_new`), async () => {})).close();
    await query(`alter database ${TEMPLATE}_new rename to ${TEMPLATE}`);
  });
}

async function createDatabase(server: Server, template: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asSuperuser(server, (query) => query(`create database ${name} template ${template} owner ${ROLE}`));
  return name;
}

type Query = (sql: string) => Promise<{ rowCount: number | null }>;

async function asSuperuser(server: Server, work: (query: Query) => Promise<unknown>): Promise<void> {
  const client = adminClient(server, 'gridwarden test');
  await client.connect();
  try {
    await work((sql) => client.query(sql));
  } finally {
    await client.end();
  }
}
