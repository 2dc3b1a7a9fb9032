import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module, StandardSchemaValidationPipe, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { parse } from 'csv-parse/sync';
import type { Client } from 'pg';
import request from 'supertest';
import { ANY_ALERT, type AlertView } from '../../src/alerts/alert-list.js';
import { COLUMNS } from '../../src/alerts/exports/domain/columns.js';
import { exportAlerts, type ExportRequest } from '../../src/alerts/exports/export-alerts.js';
import { listExports } from '../../src/alerts/exports/export-records.js';
import { requireRoom, writeAlerts } from '../../src/alerts/exports/export-writers.js';
import { ExportsController } from '../../src/alerts/exports/exports.controller.js';
import { exportToFolder } from '../../src/alerts/exports/scheduled-export.js';
import { projectRoot } from '../../src/config/project-root.js';
import { DATABASE } from '../../src/database/database.module.js';
import type { Database } from '../../src/database/open-database.js';
import { actAs, AUDITOR } from '../support/access.js';
import { testDatabase } from '../support/database.js';
import { rescore, seedPoints } from './changing-alerts.js';
import { readWorkbook } from './workbook.js';

/** More than two pages. */
const POINTS = 1_203;
const HOSTILE = `=HYPERLINK("http://evil","x")`;

describe('exports of alerts', () => {
  let db: Database;
  let client: Client;
  const order: ExportRequest = {
    actor: 'test',
    reason: 'a test',
    destination: 'download',
    format: 'csv',
    filter: ANY_ALERT,
  };

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    const points = await seedPoints(client, POINTS);
    await client.query('update metering_point set external_id = $2, household = $3 where id = $1', [
      points[POINTS - 1],
      HOSTILE,
      '-5, "дом"',
    ]);
    await rescore(db, client, { points, suspected: true, afterDays: 0 });
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  async function exported(over: Partial<ExportRequest>): Promise<Buffer> {
    const output = new PassThrough();
    const [bytes] = await Promise.all([
      buffer(output),
      exportAlerts(db, { ...order, ...over }, output).finally(() => output.end()),
    ]);
    return bytes;
  }

  it('csv is what RFC 4180 says, and no cell of it is a formula', async () => {
    const bytes = await exported({ format: 'csv' });
    const text = bytes.toString('utf8');
    expect(text.endsWith('\r\n')).toBe(true);
    // Whatever breaks a line within a cell is inside quotes: what is left has CRLF only.
    expect(text.replaceAll(/"(?:[^"]|"")*"/g, '').replaceAll('\r\n', '')).not.toMatch(/[\r\n"]/);
    const [head, ...rows] = parse(bytes, { record_delimiter: '\r\n' });
    expect(head).toEqual(COLUMNS.map(({ name }) => name));
    expect(rows).toHaveLength(POINTS);
    const [first] = rows;
    expect(first[2]).toBe(`'${HOSTILE}`);
    expect(first[3]).toBe(`'-5, "дом"`);
    expect(first[7]).toBe('0.93');
    expect(first[13]).toBe('Ровно, "как" стол;\n24 часа.');
    expect(first[14]).toBe(`'=Flat, all day.`);
    for (const row of rows) for (const cell of row) expect(cell).not.toMatch(/^\s*[=+\-@]/);
  });

  it('ndjson has an object a line, numbers as numbers, text as it was', async () => {
    const lines = (await exported({ format: 'ndjson' })).toString('utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(POINTS);
    const first = JSON.parse(lines[0]);
    expect(Object.keys(first)).toEqual(COLUMNS.map(({ name }) => name));
    expect(first).toMatchObject({ metering_point: HOSTILE, score: 0.93, resolved_at: null, state: 'firing' });
    expect(new Set(lines.map((line) => JSON.parse(line).id)).size).toBe(POINTS);
  });

  it('xlsx has numbers and dates as such, and text that is never run', async () => {
    const [head, ...rows] = readWorkbook(await exported({ format: 'xlsx' }));
    expect([...head.values()].map(({ value }) => value)).toEqual(COLUMNS.map(({ name }) => name));
    expect(rows).toHaveLength(POINTS);
    const [first] = rows;
    expect(first.get('C')).toEqual({ type: 'inlineStr', value: HOSTILE, formula: false });
    expect(first.get('H')).toEqual({ type: 'n', value: 0.93, formula: false });
    // Serial day of 2026-02-09, as LibreOffice's DATEVALUE has it; `since` is 20 days before the first of March.
    expect(first.get('I')).toEqual({ type: 'n', value: 46_062, formula: false });
    expect(first.has('L')).toBe(false);
    expect(rows.flatMap((row) => [...row.values()]).some(({ formula }) => formula)).toBe(false);
  });

  it('a workbook is written as its rows come, and not kept in memory', async () => {
    const [alert] = (await exported({ format: 'ndjson' })).toString().split('\n');
    const view = { ...JSON.parse(alert), sentences: { ru: [], en: [] } } as AlertView;
    let written = 0;
    const writtenAtPage: number[] = [];
    async function* pages() {
      for (let n = 0; n < 40; n++) {
        writtenAtPage.push(written);
        yield Array.from({ length: 500 }, (_, at) => ({
          ...view,
          id: n * 500 + at,
          household: randomUUID(),
        }));
      }
    }
    const receiver = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written += chunk.length;
        done();
      },
    });
    expect(await writeAlerts(pages(), 'xlsx', receiver)).toBe(20_000);
    expect(writtenAtPage[0]).toBeLessThan(5_000);
    expect(writtenAtPage.at(-1)).toBeGreaterThan(written / 2);
  });

  it('more than a sheet has room for is refused before the first byte, and csv is pointed to', () => {
    expect(() => requireRoom('xlsx', 1_048_575)).not.toThrow();
    expect(() => requireRoom('xlsx', 1_048_576)).toThrow('at most 1048575 alerts and these are 1048576');
    expect(() => requireRoom('csv', 1_048_576)).not.toThrow();
  });

  it('holds no forecasts: it is no list of those who use much', async () => {
    const { rows } = await client.query(
      `update alert set kind = 'quota_forecast' where metering_point_id % 2 = 0 returning id`,
    );
    expect(rows.length).toBeGreaterThan(100);
    const exportedRows: { kind: string }[] = parse(await exported({ format: 'csv' }), { columns: true });
    expect(exportedRows).toHaveLength(POINTS - rows.length);
    expect(exportedRows.filter(({ kind }) => kind === 'quota_forecast')).toEqual([]);
    const asked = exported({ filter: { ...ANY_ALERT, kind: 'quota_forecast' } });
    await expect(asked).rejects.toThrow('Forecasts are not exported');
    await client.query(`update alert set kind = 'mining_suspected' where kind = 'quota_forecast'`);
    expect(COLUMNS.filter(({ name }) => /kwh|energy|consum|load/.test(name))).toEqual([]);
  });

  it('is filtered as the list is', async () => {
    const rows = parse(await exported({ filter: { ...ANY_ALERT, state: 'resolved' } }));
    expect(rows).toHaveLength(1);
  });

  it('is on record: who, why, what, and the hash of exactly these bytes', async () => {
    const filter = { ...ANY_ALERT, minScore: 0.5 };
    const bytes = await exported({ actor: 'anna', reason: 'weekly meeting', filter });
    const [record] = await listExports(db.dataSource, { limit: 1 });
    expect(record).toMatchObject({
      actor: 'anna',
      reason: 'weekly meeting',
      destination: 'download',
      format: 'csv',
      filter,
      alerts: POINTS,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      finished_at: expect.any(String),
    });
  });

  it('shows one moment, whatever changes while it is written', async () => {
    const output = new PassThrough({ highWaterMark: 1_000 });
    const done = exportAlerts(db, { ...order, format: 'ndjson' }, output).finally(() => output.end());
    // The first page waits for a reader.
    await sleep(200);
    await client.query('update alert set score = 0.5');
    const lines = (await buffer(output)).toString().trimEnd().split('\n');
    await done;
    await client.query('update alert set score = 0.93');
    expect(lines).toHaveLength(POINTS);
    expect(new Set(lines.map((line) => JSON.parse(line).score))).toEqual(new Set([0.93]));
  });

  it('that is broken off stays on record as begun and not finished', async () => {
    const output = new PassThrough({ highWaterMark: 1_000 });
    const done = exportAlerts(db, { ...order, reason: 'broken off' }, output);
    await sleep(100);
    output.destroy();
    await expect(done).rejects.toThrow();
    const [record] = await listExports(db.dataSource, { limit: 1 });
    expect(record).toMatchObject({ reason: 'broken off', finished_at: null, alerts: null, sha256: null });
  });

  it('to a folder has its name when it is whole, is its owner’s, and has its hash beside it', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'gridwarden-exports-'));
    const now = new Date('2026-03-01T06:00:00Z');
    const { file, sha256 } = await exportToFolder(db, { folder, format: 'csv', now });
    expect(readdirSync(folder)).toEqual([
      'alerts-20260301T060000Z.csv',
      'alerts-20260301T060000Z.csv.sha256',
    ]);
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(sha256);
    expect(readFileSync(`${file}.sha256`, 'utf8')).toBe(`${sha256}  alerts-20260301T060000Z.csv\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await listExports(db.dataSource, { limit: 1 })).toMatchObject([
      { actor: 'schedule', destination: 'schedule', sha256 },
    ]);
    rmSync(folder, { recursive: true });
  });

  it('docs/exports.md explains every column, in this order', () => {
    const text = readFileSync(path.join(projectRoot, 'docs/exports.md'), 'utf8');
    const table = text.slice(text.indexOf('| column |'));
    const rows = [...table.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, name, type]) => ({ name, type }));
    expect(rows).toEqual(COLUMNS.map(({ name, type }) => ({ name, type })));
  });

  describe('over HTTP', () => {
    let app: INestApplication;
    const get = (query: string) => request(app.getHttpServer()).get(`/api/v1/alerts/${query}`);

    beforeAll(async () => {
      @Module({ controllers: [ExportsController], providers: [{ provide: DATABASE, useValue: db }] })
      class ExportsOnly {}
      app = (await Test.createTestingModule({ imports: [ExportsOnly] }).compile()).createNestApplication();
      app.useGlobalPipes(new StandardSchemaValidationPipe());
      actAs(app, AUDITOR);
      await app.init();
    });
    afterAll(() => app.close());

    it('is a file to download, and on record', async () => {
      const response = await get('export?state=firing&reason=weekly%20meeting').expect(200);
      expect(response.headers).toMatchObject({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename=alerts.csv',
      });
      expect(parse(response.text)).toHaveLength(POINTS + 1);
      const { body } = await get('exports?limit=1').expect(200);
      expect(body.items).toMatchObject([
        { reason: 'weekly meeting', sha256: createHash('sha256').update(response.text).digest('hex') },
      ]);
    });

    it('comes as a workbook', async () => {
      const { body } = await get('export?format=xlsx&reason=a%20test').buffer().parse(collect).expect(200);
      expect(readWorkbook(body as Buffer)).toHaveLength(POINTS + 1);
    });

    it.each([
      'export',
      'export?reason=',
      'export?reason=%20',
      'export?reason=ok&format=doc',
      'export?reason=ok&limit=5',
    ])('refuses %s, and leaves no record', async (query) => {
      const [before] = await listExports(db.dataSource, { limit: 1 });
      await get(query).expect(400);
      expect(await listExports(db.dataSource, { limit: 1 })).toEqual([before]);
    });
  });
});

function collect(response: request.Response, done: (error: Error | null, body: Buffer) => void): void {
  void buffer(response as unknown as PassThrough).then((body) => done(null, body));
}
