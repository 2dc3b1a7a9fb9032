import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { signLatest } from '../../src/audit/checkpoints.js';
import { openLogKey } from '../../src/audit/key-files.js';
import { openUrl, type Database } from '../../src/database/open-database.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { updateAlerts } from '../../src/alerts/update-alerts.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { ingestFile } from '../../src/uploads/ingest-file.js';
import { superuserOf, testDatabase } from '../support/database.js';
import { append, decisions, RULEBOOK_FILE } from './sample-log.js';
import { firstFault } from './whole-log.js';

/** The role of the test databases owns them; the service gets one of its own. */
const SERVICE = `service_${randomBytes(4).toString('hex')}`;
const PASSWORD = randomBytes(8).toString('hex');

let owned: Database;
let superuser: Client;
let url: string;
let folder: string;

beforeAll(async () => {
  owned = await testDatabase();
  superuser = await superuserOf(owned);
  await superuser.query(`create role ${SERVICE} login password '${PASSWORD}'`);
  const address = new URL(owned.url);
  address.username = SERVICE;
  address.password = PASSWORD;
  url = address.href;
  folder = await mkdtemp(path.join(tmpdir(), 'gridwarden-rights-'));
});

afterAll(async () => {
  await superuser.query(`drop owned by ${SERVICE}`);
  await superuser.query(`drop role ${SERVICE}`);
  await superuser.end();
  await owned.close();
  await rm(folder, { recursive: true });
});

const open = () => openUrl(url, async () => {}, owned.url);

async function withService(work: (service: Database, client: Client) => Promise<void>): Promise<void> {
  const service = await open();
  const client = await service.connect();
  try {
    await work(service, client);
  } finally {
    await client.end();
    await service.close();
  }
}

describe('a service whose tables belong to another role', () => {
  it('takes in readings of new months, scores, alerts, records and signs', async () => {
    await withService(async (service, client) => {
      const limits = { dataDir: folder, uploadMaxBytes: 1e9, unpackedMaxBytes: 1e9, rejectedRowsKept: 10 };
      for (const [kind, text] of [
        ['registry', 'metering_point,territory\nA,RU-IRK\nB,RU-IRK\n'],
        [
          'readings',
          'metering_point,start,kwh\nA,2025-05-01T00:00:00+08:00,1\nB,2025-06-01T00:00:00+08:00,1\n',
        ],
        ['readings', 'metering_point,start,kwh\nA,2025-05-01T00:00:00+08:00,2\n'],
      ] as const) {
        const file = path.join(folder, 'file.csv');
        await writeFile(file, text);
        const request = { kind, utility: 'test', zone: null, path: file };
        expect((await ingestFile(service, limits, request)).receipt.status).toBe('loaded');
      }
      const now = new Date('2025-07-01T00:00:00Z');
      const summary = await scorePoints(service, { rulebook: loadRulebook(RULEBOOK_FILE), now });
      await updateAlerts(service, summary!.runId, now);
      await append(client, decisions(0, 20));
      const { key } = await openLogKey(folder, null);
      await signLatest(client, key, now);
      expect(await firstFault(service)).toBeNull();
    });
  });

  it.each([
    `update audit_entry set body = '{}'`,
    'delete from audit_entry',
    'truncate audit_entry',
    'delete from audit_checkpoint',
    'delete from load_profile_seal',
    'alter table audit_entry disable trigger all',
    `set session_replication_role = 'replica'`,
    'delete from migrations',
    'drop table audit_entry',
  ])('may not: %s', async (statement) => {
    await withService(async (_, client) => {
      await expect(client.query(statement)).rejects.toThrow(/permission denied|must be owner/);
    });
  });

  it.each([
    ['is a superuser', `alter role ${SERVICE} superuser`, `alter role ${SERVICE} nosuperuser`],
    ['may make roles', `alter role ${SERVICE} createrole`, `alter role ${SERVICE} nocreaterole`],
    ['belongs to gridwarden', `grant gridwarden to ${SERVICE}`, `revoke gridwarden from ${SERVICE}`],
    [
      'may change or remove rows of audit_entry',
      'grant delete on audit_entry to public',
      'revoke delete on audit_entry from public',
    ],
  ])('does not start when its role %s', async (complaint, grant, revoke) => {
    await superuser.query(grant);
    try {
      await expect(open()).rejects.toThrow(complaint);
    } finally {
      await superuser.query(revoke);
    }
  });

  it('loses a right on the record that somebody gave it', async () => {
    await superuser.query(`grant update on audit_entry to ${SERVICE}`);
    await withService(async (_, client) => {
      await expect(client.query(`update audit_entry set body = ''`)).rejects.toThrow('permission denied');
    });
  });

  it('does not start as the role that owns them', async () => {
    await expect(openUrl(owned.url, async () => {}, owned.url)).rejects.toThrow('who owns');
  });
});
