import { chmod, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Spool } from './spool.js';

let dataDir: string;
let folder: string;
let spool: Spool;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gridwarden-spool-'));
  await chmod(dataDir, 0o755);
  folder = join(dataDir, 'spool');
  spool = new Spool(folder);
});
afterEach(() => rm(dataDir, { recursive: true }));

const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
const receive = (content: string) => spool.receive(Readable.from([Buffer.from(content)]), 1000);

describe('Spool', () => {
  it('keeps what it received from others, and leaves the data folder passable', async () => {
    const { sha256 } = await receive('readings');
    const path = spool.path(sha256);
    expect(await Promise.all([path, join(path, '..'), join(folder, 'incoming'), folder].map(mode))).toEqual([
      '600',
      '700',
      '700',
      '700',
    ]);
    expect(await mode(dataDir)).toBe('755');
  });

  it('keeps the same bytes once', async () => {
    const [first, again] = [await receive('readings'), await receive('readings')];
    expect(again).toEqual(first);
    expect(await readdir(join(folder, 'incoming'))).toEqual([]);
  });

  it('closes a folder that was open and removes what is left from a killed process, once it is a day old', async () => {
    const now = new Date('2026-11-20T12:00:00Z');
    await receive('readings');
    await chmod(folder, 0o755);
    for (const [name, hoursAgo] of [
      ['under-way', 23],
      ['left', 25],
    ] as const) {
      await writeFile(join(folder, 'incoming', name), 'half a file');
      const written = new Date(now.getTime() - hoursAgo * 3_600_000);
      await utimes(join(folder, 'incoming', name), written, written);
    }
    await spool.tidy(now);
    expect(await readdir(join(folder, 'incoming'))).toEqual(['under-way']);
    expect(await mode(folder)).toBe('700');
  });

  it('has nothing to tidy before the first file', async () => {
    await spool.tidy(new Date());
    expect(await readdir(folder)).toEqual(['incoming']);
  });
});
