import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { connect } from '../../src/database/connection.js';
import { adminClient } from '../../src/database/embedded/server.js';
import { openUrl } from '../../src/database/open-database.js';
import { ingestFile } from '../../src/uploads/ingest-file.js';
import { loadOpenUploads } from '../../src/uploads/load-open-uploads.js';
import { spoolIn } from '../../src/uploads/spool.js';
import { mintKey, withKey } from '../support/access.js';
import { sharedServer } from '../support/database.js';
import { testService } from '../support/http-app.js';
import { eventually } from '../support/process.js';
import { differences, readPlainly } from './file-oracle.js';

const isRoot = process.getuid?.() === 0;
if (!isRoot)
  process.stderr.write('disk-full.spec.ts: SKIPPED: only root may mount the small disks that it fills.\n');
const asRoot = isRoot ? it : it.skip;
/** Fills a disk with two million readings: in `npm run torture` only. */
const inTorture = isRoot && process.env.DISK_FULL !== undefined ? it : it.skip;

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A disk of its own, of so many megabytes. */
async function smallDisk(megabytes: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gridwarden-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder]);
  undo.push(async () => {
    execFileSync('umount', ['-l', folder]);
    await rm(folder, { recursive: true });
  });
  return folder;
}

const resize = (folder: string, megabytes: number) =>
  execFileSync('mount', ['-o', `remount,size=${megabytes}m`, folder]);

/** Hourly readings of `points` over `days`, of values that do not repeat. */
function file(points: number, days: number): string {
  const lines = ['metering_point,start,kwh'];
  for (let point = 0; point < points; point++)
    for (let hour = 0; hour < days * 24; hour++) {
      const time = new Date(Date.UTC(2024, 11, 1) + hour * 3_600_000).toISOString().slice(0, 16);
      lines.push(`P${point},${time},${((point * 7919 + hour * 104_729) % 3000) / 1000}`);
    }
  return `${lines.join('\n')}\n`;
}
const registry = (points: number) =>
  `metering_point,territory\n${Array.from({ length: points }, (_, point) => `P${point},RU-IRK`).join('\n')}\n`;

asRoot(
  'a full spool: 507 and nothing kept; what was acknowledged is loaded; with room again all goes on',
  async () => {
    const folder = await smallDisk(3);
    const service = await testService({ env: { GRIDWARDEN_DATA_DIR: folder } });
    undo.push(() => service.close());
    const api = withKey(service.app, await mintKey(service.database, 'utility'));
    const send = (text: string) => api.post('/api/v1/uploads').type('text/csv').send(text);
    await send(registry(10)).expect(202);
    const small = file(2, 20);
    const kept = await send(small).expect(202);
    const large = file(10, 700);
    expect(large.length).toBeGreaterThan(3 << 20);
    const refused = await send(large).expect(507);
    expect(refused.body.detail).toContain('disk of the service is full');
    expect(await readdir(join(folder, 'spool', 'incoming'))).toEqual([]);
    await eventually(
      async () => (await api.get(`/api/v1/uploads/${kept.body.id}`)).body.status === 'loaded',
      60_000,
    );
    const resumable = { 'tus-resumable': '1.0.0' };
    const begun = await api
      .post('/api/v1/resumable-uploads')
      .set({ ...resumable, 'upload-length': `${large.length}` })
      .expect(201);
    const { location } = begun.headers;
    const goOn = (from: number) =>
      api
        .patch(location)
        .set({ ...resumable, 'upload-offset': `${from}`, 'content-type': 'application/offset+octet-stream' })
        .send(Buffer.from(large).subarray(from));
    expect((await goOn(0).expect(507)).text).toContain('disk of the service is full');
    resize(folder, 60);
    const arrived = await api.head(location).set(resumable).expect(200);
    expect(Number(arrived.headers['upload-offset'])).toBeGreaterThan(0);
    const last = await goOn(Number(arrived.headers['upload-offset'])).expect(204);
    expect(last.headers['gridwarden-upload']).toMatch(/^\/api\/v1\/uploads\/\d+$/);
    // The same bytes as came in pieces.
    const again = await send(large).expect(200);
    await eventually(
      async () => (await api.get(`/api/v1/uploads/${again.body.id}`)).body.status === 'loaded',
      120_000,
    );
    const client = await service.database.connect();
    undo.push(() => client.end());
    // The later upload says the same of the days that both have.
    const stored = await client.query('select sum(intervals)::int as readings from load_profile');
    expect(stored.rows[0].readings).toBe(10 * 700 * 24);
  },
  240_000,
);

inTorture(
  'a full disk of data: the upload stays, nothing committed is lost, and with room again it ends',
  async () => {
    const disk = await smallDisk(200);
    const place = join(disk, 'space');
    await mkdir(place);
    await chmod(disk, 0o777);
    const server = await sharedServer();
    const user = server.cluster.user;
    if (user !== null) execFileSync('chown', [`${user.uid}:${user.gid}`, place]);
    const admin = adminClient(server, 'gridwarden test');
    await admin.connect();
    undo.push(() => admin.end());
    const name = `disk_full_${process.pid}`;
    await admin.query(`create tablespace ${name} location '${place}'`);
    await admin.query(`create database ${name} owner gridwarden tablespace ${name}`);
    undo.push(async () => {
      await admin.query(`drop database ${name} with (force)`);
      await admin.query(`drop tablespace ${name}`);
    });
    const url = `postgresql://gridwarden:${server.cluster.password}@127.0.0.1:${server.port}/${name}`;
    const database = await openUrl(url, async () => {});
    undo.push(() => database.close());
    const folder = await mkdtemp(join(tmpdir(), 'gridwarden-spool-'));
    undo.push(() => rm(folder, { recursive: true }));
    const limits = { dataDir: folder, uploadMaxBytes: 1e9, unpackedMaxBytes: 1e9, rejectedRowsKept: 10 };
    const request = { utility: 'test', zone: null } as const;
    const write = async (file: string, text: string) => {
      await writeFile(join(folder, file), text);
      return join(folder, file);
    };
    await ingestFile(database, limits, {
      ...request,
      kind: 'registry',
      path: await write('registry.csv', registry(150)),
    });
    // Room for less than half of what comes now.
    const { blocks, bfree, bsize } = await statfs(disk);
    resize(disk, Math.ceil(((blocks - bfree) * bsize) / 2 ** 20) + 6);
    const text = file(150, 700);
    const path = await write('readings.csv', text);
    await expect(ingestFile(database, limits, { ...request, kind: 'readings', path })).rejects.toMatchObject({
      code: '53100',
    });
    const state = async () => {
      const { rows } = await admin.query<{ id: number }>('select 1 as id');
      expect(rows).toHaveLength(1);
      const [upload] = await database.dataSource.query(
        `select id, status, (counts ->> 'accepted')::int as accepted from upload where kind = 'readings'`,
      );
      return upload as { id: number; status: string; accepted: number | null };
    };
    const full = await state();
    expect(full.status).toBe('loading');
    resize(disk, 200);
    const client = await connect(url);
    undo.push(() => client.end());
    const options = { spool: spoolIn(limits), rejectedRowsKept: 10, now: () => new Date() };
    await loadOpenUploads(client, options, {}, new AbortController().signal);
    expect((await state()).status).toBe('loaded');
    expect(await differences(client, full.id, readPlainly(text))).toEqual([]);
  },
  240_000,
);
