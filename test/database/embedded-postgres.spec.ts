import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import pg from 'pg';
import { lockOwner, lockPath, readLockFile } from '../../src/database/embedded/lock-file.js';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { testRunFolder } from '../support/database.js';
import { eventually, TestProcess } from '../support/process.js';

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? test : test.skip;
const NOBODY = { uid: 65534, gid: 65534 };

let base: string;
let dataDir: string;
let said: string[];
const opened: EmbeddedPostgres[] = [];
const holders: TestProcess[] = [];

beforeAll(() => {
  base = mkdtempSync(path.join(testRunFolder(), 'embedded-'));
  chmodSync(base, 0o711);
  // One folder for most tests: initdb takes a second, and a server that has seen crashes is the harder case.
  dataDir = path.join(base, 'data');
});

afterEach(async () => {
  await Promise.all(holders.splice(0).map((holder) => holder.end('SIGTERM')));
  await Promise.all(opened.splice(0).map((embedded) => embedded.close()));
});

describe('a server of our own', () => {
  test('is made, answers, and is gone after the last one has left', async () => {
    const embedded = await start();
    expect(await query(embedded.url, 'create table kept as select 7 as n')).toEqual([]);
    expect(
      await query(
        embedded.url,
        `select current_setting('data_checksums') as checksums, current_setting('fsync') as fsync,
      current_setting('server_encoding') as encoding`,
      ),
    ).toEqual([{ checksums: 'on', fsync: 'on', encoding: 'UTF8' }]);
    await embedded.close();
    expect(readLockFile(cluster())).toBeNull();
    expect(['gone', 'zombie']).toContain(lockOwner(embedded.pid, cluster()));
  });

  test('lets in nobody without the password', async () => {
    const embedded = await start();
    const home = path.dirname(cluster());
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(home, 'password')).mode & 0o777).toBe(0o600);
    const guess = new URL(embedded.url);
    guess.password = 'guess';
    await expect(query(guess.href, 'select')).rejects.toThrow('password authentication failed');
    expect(await query(embedded.url, 'select rolsuper from pg_roles where rolname = current_user')).toEqual([
      { rolsuper: false },
    ]);
  });

  test('is one for processes that start at once, and stays until the last has left', async () => {
    const fresh = path.join(base, 'raced');
    const all = await Promise.all([start(fresh), start(fresh), start(fresh)]);
    expect(new Set(all.map((each) => each.pid)).size).toBe(1);
    await Promise.all([all[0].close(), all[1].close()]);
    expect(await query(all[2].url, 'select 1 as n')).toEqual([{ n: 1 }]);
    await all[2].close();
    expect(readLockFile(path.join(fresh, 'postgres', 'data'))).toBeNull();
  });

  test('stays for an operator who is still connected', async () => {
    const embedded = await start();
    const operator = new pg.Client(embedded.url);
    await operator.connect();
    await embedded.close();
    expect((await operator.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    await operator.end();
    const adopted = await start();
    expect(adopted.pid).toBe(embedded.pid);
  });

  test('finishes the work of a process that is told to stop', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const holder = await hold();
      // As Ctrl-C does: to the whole group, which the server must not be in.
      process.kill(signal === 'SIGINT' ? -holder.pid : holder.pid, signal);
      expect(await holder.answer()).toEqual({ answer: 42 });
      await eventually(() => holder.child.exitCode === 0);
      expect(readLockFile(cluster())).toBeNull();
    }
  });
});

describe('after kill -9', () => {
  test('of our process, the server is adopted', async () => {
    const holder = await hold();
    const { pid } = readLockFile(cluster())!;
    await holder.end('SIGKILL');
    const embedded = await start();
    expect(embedded.pid).toBe(pid);
    await embedded.close();
    expect(readLockFile(cluster())).toBeNull();
  });

  test('of the server, whoever uses it starts it again, on the same port, with everything committed', async () => {
    const embedded = await start();
    const { pid, url } = embedded;
    process.kill(pid, 'SIGKILL');
    await eventually(() => embedded.pid !== pid, 20_000);
    expect(embedded.url).toBe(url);
    expect(await query(url, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  test('of both, the next start recovers', async () => {
    const holder = await hold();
    const { pid } = readLockFile(cluster())!;
    await holder.end('SIGKILL');
    process.kill(pid, 'SIGKILL');
    const embedded = await start();
    expect(embedded.pid).not.toBe(pid);
    expect(await query(embedded.url, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  test('a lock file that names another program of the same user does not keep the server down', async () => {
    await (await start()).close();
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...serverIdentity() });
    await once(stranger, 'spawn');
    writeFileSync(
      lockPath(cluster()),
      [stranger.pid, cluster(), 1, 5432, '', '127.0.0.1', '', 'ready'].join('\n'),
    );
    const embedded = await start();
    expect(await query(embedded.url, 'select n from kept')).toEqual([{ n: 7 }]);
    expect(said.join()).toContain(`names process ${stranger.pid}`);
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
  });
});

describe('when something is in the way', () => {
  test('a port taken by another program is left to it', async () => {
    await (await start()).close();
    const port = Number(readFileSync(path.join(dataDir, 'postgres', 'port'), 'utf8'));
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const embedded = await start();
    expect(new URL(embedded.url).port).not.toBe(String(port));
    expect(await query(embedded.url, 'select n from kept')).toEqual([{ n: 7 }]);
    other.close();
  });

  test('a cluster of another version is refused with both versions', async () => {
    const old = copyOfCluster('old');
    writeFileSync(path.join(old, 'postgres', 'data', 'PG_VERSION'), '15\n');
    await expect(start(old)).rejects.toThrow(/was made by PostgreSQL 15 and this Gridwarden brings \d+/);
  });

  test('a broken cluster is refused with the words of PostgreSQL', async () => {
    const broken = copyOfCluster('broken');
    rmSync(path.join(broken, 'postgres', 'data', 'global', 'pg_control'));
    await expect(start(broken)).rejects.toThrow(/could not start\..*pg_control/);
  });

  test('a data folder that can not be made is named', async () => {
    const file = path.join(base, 'file');
    writeFileSync(file, '');
    await expect(start(path.join(file, 'data'))).rejects.toThrow(
      `The data folder ${path.join(file, 'data')} can't be made`,
    );
  });

  asRoot('a folder closed to the user of the server is worked around', async () => {
    const closed = path.join(base, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const embedded = await start(path.join(closed, 'data'));
    const home = realpathSync(path.join(closed, 'data', 'postgres'));
    expect(home.startsWith(path.join(base, 'system', 'postgres-'))).toBe(true);
    expect(said.join()).toContain(`${closed} is closed to nobody`);
    expect(await query(embedded.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    await embedded.close();
    rmSync(home, { recursive: true });
    await expect(start(path.join(closed, 'data'))).rejects.toThrow(`leads to ${home}, which is gone`);
  });

  asRoot('it runs without being root', async () => {
    const own = path.join(base, 'nobodys');
    mkdirSync(own, { mode: 0o700 });
    chownSync(own, NOBODY.uid, NOBODY.gid);
    const holder = TestProcess.start('database/server-holder.ts', [path.join(own, 'data')], NOBODY);
    holders.push(holder);
    const { pid } = await holder.answer<{ pid: number }>();
    expect(statSync(`/proc/${pid}`).uid).toBe(NOBODY.uid);
  });
});

async function start(folder = dataDir): Promise<EmbeddedPostgres> {
  said = [];
  const embedded = await EmbeddedPostgres.start(folder, {
    systemFolder: path.join(base, 'system'),
    say: (line) => said.push(line),
  });
  opened.push(embedded);
  return embedded;
}

async function hold(): Promise<TestProcess> {
  const holder = TestProcess.start('database/server-holder.ts', [dataDir], { ownGroup: true });
  holders.push(holder);
  await holder.answer();
  return holder;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function cluster(): string {
  return realpathSync(path.join(dataDir, 'postgres', 'data'));
}

function serverIdentity(): { uid: number; gid: number } {
  const { uid, gid } = statSync(cluster());
  return { uid, gid };
}

function copyOfCluster(name: string): string {
  const copy = path.join(base, name);
  execFileSync('cp', ['-a', dataDir, copy]);
  return copy;
}
