import { createReadStream } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import type { Database } from '../../src/database/open-database.js';
import { ingestFile } from '../../src/uploads/ingest-file.js';
import { loadOpenUploads } from '../../src/uploads/load-open-uploads.js';
import { applyHeld, loadUpload, passes } from '../../src/uploads/load-upload.js';
import { receiveUpload } from '../../src/uploads/receive-upload.js';
import { Spool } from '../../src/uploads/spool.js';
import { claimOpenUpload, releaseUpload, uploadRow } from '../../src/uploads/upload.repository.js';
import { firstFault } from '../audit/whole-log.js';
import { testDatabase } from '../support/database.js';
import { makeKnown } from './known-point.js';

const limits = { uploadMaxBytes: 1e9, unpackedMaxBytes: 1e9, rejectedRowsKept: 1000 };
const now = () => new Date();

let database: Database;
let client: Client;
let folder: string;
let spool: Spool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gridwarden-load-'));
  spool = new Spool(join(folder, 'spool'));
  database = await testDatabase();
  client = await database.connect();
});
afterAll(async () => {
  const fault = await firstFault(database);
  await client.end();
  await database.close();
  await rm(folder, { recursive: true });
  expect(fault).toBeNull();
});

async function receive(content: string, utility: string): Promise<number> {
  const path = join(folder, 'file.csv');
  await writeFile(path, content);
  const request = { kind: 'readings', utility, filename: 'file.csv', zone: null } as const;
  return (await receiveUpload(database, spool, limits, request, createReadStream(path), now())).id;
}

describe('loading', () => {
  it('takes a utility’s uploads in the order of receipt, and leaves those behind one that is in work', async () => {
    const ids = [await receive('a', 'one'), await receive('b', 'one'), await receive('c', 'two')];
    const other = await database.connect();
    expect(await claimOpenUpload(client)).toBe(ids[0]);
    expect(await claimOpenUpload(other)).toBe(ids[2]);
    const third = await database.connect();
    expect(await claimOpenUpload(third)).toBeNull();
    await third.end();
    await other.end();
    await releaseUpload(client, ids[0]);
  });

  it('gives a file up that killed its loader three times', async () => {
    const id = await receive('metering_point,start,kwh\nA,2026-03-01T00:00,1\n', 'three');
    await client.query(`update upload set status = 'loading', attempts = 3 where id = $1`, [id]);
    await loadUpload(client, id, { spool, rejectedRowsKept: 10, now });
    expect(await uploadRow(client, id)).toMatchObject({
      status: 'failed',
      refusal: expect.stringContaining('died 3 times'),
    });
  });

  it('takes an upload up again when loading went wrong, and gives it up the third time', async () => {
    const id = await receive('metering_point,start,kwh\nC,2026-03-01T00:00,1\n', 'wrong');
    const behind = await receive('metering_point,start,kwh\nD,2026-03-01T00:00,1\n', 'behind');
    const { sha256 } = await uploadRow(client, id);
    const away = join(folder, 'away');
    await rename(spool.path(sha256), away);
    const [errors, ended]: number[][] = [[], []];
    const look = () =>
      loadOpenUploads(
        client,
        { spool, rejectedRowsKept: 10, now },
        { onError: (of) => errors.push(of), onEnd: (of) => ended.push(of) },
        new AbortController().signal,
      );
    const statusOf = async (of: number) => (await uploadRow(client, of)).status;
    await look();
    expect([await statusOf(id), await statusOf(behind)]).toEqual(['loading', 'received']);
    await rename(away, spool.path(sha256));
    await look();
    expect([await statusOf(id), await statusOf(behind)]).toEqual(['loaded', 'loaded']);
    expect({ errors, ended }).toEqual({ errors: [id], ended: expect.arrayContaining([id, behind]) });

    const lost = await receive('metering_point,start,kwh\nE,2026-03-01T00:00,1\n', 'wrong');
    const after = await receive('metering_point,start,kwh\nF,2026-03-01T00:00,1\n', 'behind');
    await rm(spool.path((await uploadRow(client, lost)).sha256));
    for (let attempt = 0; attempt < 3; attempt++) await look();
    expect(await uploadRow(client, lost)).toMatchObject({
      status: 'failed',
      refusal: expect.stringContaining('The service failed on this file: ENOENT'),
    });
    expect(errors).toEqual([id, lost, lost, lost]);
    expect(await statusOf(after)).toBe('loaded');
    expect(ended).toEqual(expect.arrayContaining([lost, after]));
  });

  it('leaves an upload open when it is stopped, and does not hold that against it', async () => {
    const id = await receive(
      'metering_point,start,kwh\nA,2026-03-01T00:00,1\nB,2026-03-01T00:00,1\n',
      'four',
    );
    const signal = AbortSignal.abort();
    await expect(loadUpload(client, id, { spool, rejectedRowsKept: 10, now, signal })).rejects.toThrow();
    expect(await uploadRow(client, id)).toMatchObject({ status: 'loading' });
    const { rows } = await client.query('select attempts from upload where id = $1', [id]);
    expect(rows).toEqual([{ attempts: 0 }]);
  });

  it('applies at the next start what was held when a registry was cut off before its end', async () => {
    const path = join(folder, 'held.csv');
    await writeFile(path, 'metering_point,start,kwh\nH,2026-03-01T00:00,1\n');
    const request = { path, kind: 'readings', utility: 'five', zone: null } as const;
    const { receipt } = await ingestFile(database, { dataDir: folder, ...limits }, request);
    expect(receipt.counts.held).toBe(1);
    await client.query(`insert into territory (code, name_ru, name_en, iana_zone, standard_offset_minutes)
      values ('RU-IRK', '', '', 'Asia/Irkutsk', 480) on conflict do nothing`);
    await makeKnown(client, 'H', { utility: 'five', territory: 'RU-IRK' });
    await applyHeld(client, null, { spool, rejectedRowsKept: 10, now });
    const { counts } = await uploadRow(client, receipt.id);
    expect(counts).toMatchObject({ held: 0, accepted: 1, created: 1, rejectedByReason: {} });
  });

  it.each([
    [{ code: '53100' }, true],
    [{ code: '57P01' }, true],
    [{ code: '08006' }, true],
    [{ code: '40P01' }, true],
    [{ code: 'ECONNRESET' }, true],
    [{ message: 'Connection terminated unexpectedly' }, true],
    [{ code: '22021' }, false],
    [{ code: '23505' }, false],
    [{ message: 'index out of range' }, false],
  ])('%j passes: %s', (error, expected) => expect(passes(error)).toBe(expected));
});
