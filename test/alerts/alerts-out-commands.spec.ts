import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import type { Client } from 'pg';
import { listExports } from '../../src/alerts/exports/export-records.js';
import { main } from '../../src/cli.js';
import type { Database } from '../../src/database/open-database.js';
import { testDatabase, testRunFolder } from '../support/database.js';
import { rescore, seedPoints } from './changing-alerts.js';

describe('the commands for alerts that leave', () => {
  let db: Database;
  let client: Client;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    process.env.DATABASE_URL = db.url;
    process.env.GRIDWARDEN_WEBHOOK_NETWORKS = '127.0.0.0/8';
  });
  afterAll(async () => {
    delete process.env.DATABASE_URL;
    delete process.env.GRIDWARDEN_WEBHOOK_NETWORKS;
    await client.end();
    await db.close();
  });

  /** The command line within this process: its start costs seconds, and is tested elsewhere. */
  async function gridwarden(...args: string[]) {
    const stdout = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const textOf = ({ mock }: typeof stdout) => mock.calls.map(([text]) => String(text)).join('');
    try {
      const status = await main(args);
      return { status, stdout: textOf(stdout), stderr: textOf(stderr) };
    } finally {
      stdout.mockRestore();
      stderr.mockRestore();
    }
  }

  it('show a webhook’s secret once, when it is added or rotated, and never again', async () => {
    const added = await gridwarden(
      'webhook',
      'add',
      'grid',
      '--url',
      'https://example.org/hook',
      '--kind',
      'hidden_load',
    );
    expect(added).toMatchObject({ status: 0, stdout: expect.stringMatching(/^whsec_[\w+/]{43}=\n$/) });
    const rotated = await gridwarden('webhook', 'rotate', 'grid', '--overlap-hours', '2');
    expect(rotated.stdout).toMatch(/^whsec_[\w+/]{43}=\n$/);
    expect(rotated.stdout).not.toBe(added.stdout);
    for (const args of [['list'], ['list', '--json'], ['history', 'grid'], ['history', 'grid', '--json']]) {
      const { status, stdout, stderr } = await gridwarden('webhook', ...args);
      expect(status).toBe(0);
      expect(stdout + stderr).not.toContain('whsec_');
      if (args[0] === 'list') expect(stdout).toContain('https://example.org/hook');
    }
  });

  it('list what waits, replay what was given up, and forget what is removed', async () => {
    await gridwarden('webhook', 'add', 'all', '--url', 'http://127.0.0.1:9/');
    const points = await seedPoints(client, 2);
    await rescore(db, client, { points, suspected: true, afterDays: 0 });
    expect((await gridwarden('webhook', 'list')).stdout).toMatch(/^all\t.*waiting 2, dead 0$/m);
    expect((await gridwarden('webhook', 'history', 'all')).stdout).toMatch(
      /^1\tmsg_[0-9a-f]{32}\talert 1\twaiting\tnot tried yet$/m,
    );
    await client.query(`update alert_delivery set state = 'dead'`);
    expect((await gridwarden('webhook', 'replay', 'all')).stderr).toBe('2 messages are sent again\n');
    expect((await gridwarden('webhook', 'remove', 'all')).status).toBe(0);
    expect((await gridwarden('webhook', 'list')).stdout).not.toContain('all\t');
    expect(await gridwarden('webhook', 'remove', 'all')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('There is no webhook subscription all'),
    });
  });

  it.each([
    [['webhook', 'add', 'x', '--url', 'http://example.org@10.0.0.1/'], 'no user, password'],
    [['webhook', 'add', 'x', '--url', 'http://10.0.0.1/'], 'http is for addresses in the networks'],
    [['webhook', 'add', 'a b', '--url', 'https://example.org/'], 'letters, digits'],
    [['webhook', 'add', 'x', '--url', 'https://example.org/', '--territory', 'RU-XX'], 'no territory RU-XX'],
    [['digest', 'add', 'x', '--to', 'nobody'], 'e-mail address'],
    [['alerts', 'export'], '--reason'],
    [['alerts', 'export', '--reason', ' '], 'what it is for'],
  ])('%j is wrong usage', async (args, message) => {
    const { status, stderr } = await gridwarden(...args);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(message) });
  });

  it('keep a digest’s subscriptions', async () => {
    expect((await gridwarden('digest', 'add', 'anna', '--to', 'anna@example.org')).status).toBe(0);
    expect((await gridwarden('digest', 'list')).stdout).toBe(
      'anna\tanna@example.org\tru\teverywhere\twaiting 0\n',
    );
    expect((await gridwarden('digest', 'remove', 'anna')).status).toBe(0);
    expect((await gridwarden('digest', 'list')).stdout).toBe('');
  });

  it('export to a file or to stdout, on record with who did it', async () => {
    const file = path.join(mkdtempSync(path.join(testRunFolder(), 'exports-')), 'firing.csv');
    const wanted = ['--state', 'firing', '--reason', 'weekly meeting'];
    const written = await gridwarden('alerts', 'export', ...wanted, '--output', file);
    expect(written).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringMatching(/^export \d+: 2 alerts, sha256/),
    });
    const printed = await gridwarden('alerts', 'export', '--format', 'csv', ...wanted);
    expect(printed.stdout).toBe(readFileSync(file, 'utf8'));
    const records = await listExports(db.dataSource, { limit: 2 });
    expect(records.map(({ destination }) => destination)).toEqual(['download', 'file']);
    for (const record of records)
      expect(record).toMatchObject({
        actor: `command line as ${userInfo().username}`,
        reason: 'weekly meeting',
        alerts: 2,
      });
  });
});
