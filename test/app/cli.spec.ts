import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildProgram, COMMANDS } from '../../src/cli.js';
import type { Database } from '../../src/database/open-database.js';
import { testDatabase, testRunFolder } from '../support/database.js';
import { eventually } from '../support/process.js';

const root = path.resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };

beforeAll(() => {
  const setup = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: root, encoding: 'utf8' });
  if (setup.status !== 0) throw new Error(setup.stderr);
}, 120_000);

describe('gridwarden', () => {
  const cases: { args: string[]; code: number; stdout?: RegExp; stderr?: RegExp }[] = [
    { args: ['--version'], code: 0, stdout: new RegExp(`^${version}\n$`) },
    {
      args: ['--help'],
      code: 0,
      stdout: /serve[\s\S]+demo[\s\S]+ingest[\s\S]+score[\s\S]+alerts[\s\S]+migrate/,
    },
    { args: ['help', 'serve'], code: 0, stdout: /--port/ },
    { args: [], code: 2, stderr: /Usage: gridwarden/ },
    { args: ['srve'], code: 2, stderr: /unknown command 'srve'[\s\S]+Did you mean serve\?/ },
    {
      args: ['serve', '--prot', '1'],
      code: 2,
      stderr: /unknown option '--prot'[\s\S]+Did you mean --port\?/,
    },
    { args: ['serve', '--port', '70000'], code: 2, stderr: /a port is a whole number from 0 to 65535/ },
    { args: ['demo', '--points', '3'], code: 2, stderr: /whole number from 50 to 100000/ },
    {
      args: ['ingest', '--utility', 'a b', 'x.csv'],
      code: 2,
      stderr: /'--utility <code>'.*letters, digits, dot, dash and underscore/,
    },
    { args: ['inspect'], code: 2, stderr: /missing required argument 'file'/ },
    { args: ['inspect', 'nowhere.csv'], code: 2, stderr: /There is no file nowhere\.csv/ },
    { args: ['inspect', 'x.csv', '--unit', 'volts'], code: 2, stderr: /Allowed choices are kWh/ },
    { args: ['migrate', 'all'], code: 2, stderr: /too many arguments/ },
  ];

  test.each(cases)('$args exits with $code', ({ args, code, stdout = /^$/, stderr = /^$/ }) => {
    const run = gridwarden(args);
    expect(run.stdout).toMatch(stdout);
    expect(run.stderr).toMatch(stderr);
    expect(run.status).toBe(code);
  });

  test('a wrong setting is one sentence and exit code 2', () => {
    const run = gridwarden(['migrate'], { GRIDWARDEN_PORTT: '1' });
    expect(run.stderr).toBe(
      'gridwarden: GRIDWARDEN_PORTT is no setting of Gridwarden; did you mean GRIDWARDEN_PORT?\n',
    );
    expect(run.status).toBe(2);
  });

  test('a database that is not there is one sentence and exit code 1', () => {
    const run = gridwarden(['migrate'], { DATABASE_URL: 'postgresql://u:secret@127.0.0.1:1/nowhere' });
    expect(run.stderr).toMatch(
      /^gridwarden: PostgreSQL at 127\.0\.0\.1:1, database nowhere, can't be reached: .*\n$/,
    );
    expect(run.stderr).not.toContain('secret');
    expect(run.status).toBe(1);
  });

  test('a reader that closes early is no error', () => {
    const run = spawnSync(
      'bash',
      ['-c', `set -o pipefail; "$0" scripts/gridwarden.mjs --help | true`, process.execPath],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('each command', () => {
  test.each(Object.keys(COMMANDS))('%s is registered under its own name and helps', async (name) => {
    const command = await COMMANDS[name]();
    expect(command.name()).toBe(name);
    expect(command.description()).not.toBe('');
    expect(command.helpInformation()).toContain(`Usage: ${name}`);
  });

  test('is loaded alone when it is asked for', async () => {
    const program = await buildProgram(['migrate']);
    expect(program.commands.map((command) => command.name())).toEqual(['migrate']);
  });
});

describe('serve', () => {
  let database: Database;
  let dataDir: string;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    database = await testDatabase();
    dataDir = mkdtempSync(path.join(testRunFolder(), 'serve-'));
    env = { DATABASE_URL: database.url, GRIDWARDEN_DATA_DIR: dataDir };
  });
  afterAll(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('says where it listens, and ends well on %s', async (signal) => {
    const service = start(['serve', '--port', '0'], env);
    const [, url] = await service.says(
      /Gridwarden listens on (http:\/\/127\.0\.0\.1:\d+), for this machine only/,
    );
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    service.child.kill(signal);
    expect(await service.exitCode).toBe(0);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  test('a taken port is one sentence', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const service = start(['serve', '--port', String(port)], env);
    await service.says(new RegExp(`gridwarden: Port ${port} on 127.0.0.1 is taken`));
    expect(await service.exitCode).toBe(1);
    expect(service.said()).not.toContain('EADDRINUSE');
    taken.close();
  });
});

describe('a command that is interrupted', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(path.join(testRunFolder(), 'interrupted-'));
    chmodSync(dataDir, 0o755);
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'by %s stops the database it started and exits with %i',
    async (signal, code) => {
      const env = { GRIDWARDEN_DATA_DIR: dataDir, DATABASE_URL: '' };
      expect(gridwarden(['migrate'], env)).toMatchObject({ status: 0 });
      const lock = path.join(dataDir, 'postgres/data/postmaster.pid');
      // Takes longer to load than this test does.
      const registry = path.join(dataDir, `${signal}.csv`);
      const rows = Array.from({ length: 300_000 }, (_, at) => `${signal}-${at},RU-IRK\n`);
      writeFileSync(registry, `metering_point,territory\n${rows.join('')}`);
      const command = start(['ingest', '--registry', registry], env);
      const received = path.join(dataDir, 'spool', sha256(registry).slice(0, 2), sha256(registry));
      await eventually(() => existsSync(received), 20_000);
      await sleep(500);
      expect(existsSync(lock)).toBe(true);
      command.child.kill(signal);
      expect(await command.exitCode).toBe(code);
      expect(existsSync(lock)).toBe(false);
    },
    60_000,
  );
});

test('nothing but dist and package.json is needed to run', () => {
  expect(existsSync(path.join(root, 'dist/src/main.js'))).toBe(true);
  const run = spawnSync(process.execPath, ['dist/src/main.js', '--version'], { cwd: root, encoding: 'utf8' });
  expect(run.stdout).toBe(`${version}\n`);
});

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function gridwarden(args: string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, ['scripts/gridwarden.mjs', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

/** A process that stays: what it says, and how it ends. */
function start(args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ['scripts/gridwarden.mjs', ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exitCode = new Promise<number | null>((resolve) => child.on('close', resolve));
  const says = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (let left = 300; left > 0; left -= 1) {
      const found = pattern.exec(said);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    child.kill('SIGKILL');
    throw new Error(`waited in vain for ${pattern}; it said: ${said}`);
  };
  return { child, exitCode, says, said: () => said };
}
