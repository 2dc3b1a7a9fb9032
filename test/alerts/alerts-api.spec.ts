import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module, StandardSchemaValidationPipe, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { Client } from 'pg';
import request from 'supertest';
import { DataSource } from 'typeorm';
import { AlertsController } from '../../src/alerts/alerts.controller.js';
import { cursorOf } from '../../src/alerts/alerts.schemas.js';
import type { Database } from '../../src/database/open-database.js';
import { addPoints, BANNED_REGION, FREE_REGION, seedRegistry } from '../detection/synthetic-points.js';
import { actAs, AUDITOR } from '../support/access.js';
import { testDatabase } from '../support/database.js';

const ALERTS = 23;

describe('GET /api/v1/alerts', () => {
  let db: Database;
  let client: Client;
  let app: INestApplication;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    await seedRegistry(client);
    await seedAlerts(client);
    @Module({
      controllers: [AlertsController],
      providers: [{ provide: DataSource, useValue: db.dataSource }],
    })
    class AlertsOnly {}
    app = (await Test.createTestingModule({ imports: [AlertsOnly] }).compile()).createNestApplication();
    app.useGlobalPipes(new StandardSchemaValidationPipe());
    actAs(app, AUDITOR);
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    await client.end();
    await db.close();
  });

  const get = (path: string) => request(app.getHttpServer()).get(`/api/v1/alerts${path}`);
  const idsOf = (body: { items: { id: number }[] }) => body.items.map(({ id }) => id);

  it.each([1, 5, 7, 23, 500])(
    'pages of %i show each alert once, newest first, whatever happens meanwhile',
    async (limit) => {
      const seen: number[] = [];
      let cursor: string | null = null;
      do {
        const page: request.Response = await get(
          `?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`,
        ).expect(200);
        seen.push(...idsOf(page.body));
        cursor = page.body.next_cursor;
        // Scores move while somebody pages; the order does not hang on them.
        await client.query('update alert set score = 1 - score');
      } while (cursor !== null);
      expect(seen).toHaveLength(ALERTS);
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
    },
  );

  it.each([
    ['state=pending', `state = 'pending'`],
    ['kind=quota_exceeded', `kind = 'quota_exceeded'`],
    [
      `territory=${FREE_REGION}`,
      `metering_point_id in (select id from metering_point where territory_code <> '${BANNED_REGION}')`,
    ],
    [
      'territory=46700000',
      `metering_point_id in (select id from metering_point where territory_code = '46700000')`,
    ],
    ['min_score=0.6', 'score >= 0.6'],
    ['since=2026-02-10', `since >= '2026-02-10'`],
    [
      'state=firing&kind=mining_suspected&min_score=0.3',
      `state = 'firing' and kind = 'mining_suspected' and score >= 0.3`,
    ],
  ])('filters by %s', async (query, where) => {
    const { body } = await get(`?limit=100&${query}`).expect(200);
    const { rows } = await client.query<{ id: number }>(
      `select id from alert where ${where} order by id desc`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThan(ALERTS);
    expect(idsOf(body)).toEqual(rows.map(({ id }) => id));
  });

  it.each([
    'state=open',
    'min_score=2',
    'since=2026-02-31',
    'limit=0',
    'limit=501',
    'cursor=abc',
    `cursor=${cursorOf(2 ** 31)}`,
    'territory=RU%00',
    'colour=red',
  ])('refuses ?%s', async (query) => {
    await get(`?${query}`).expect(400);
  });

  it('takes a cursor up to the last id there can be', async () => {
    const { body } = await get(`?limit=100&cursor=${cursorOf(2 ** 31 - 1)}`).expect(200);
    expect(idsOf(body)).toHaveLength(ALERTS);
  });

  it('shows one alert with its reasons in both languages, its findings and its history', async () => {
    const { body } = await get('/1').expect(200);
    expect(body).toMatchObject({
      id: 1,
      metering_point: 'P-0',
      territory: BANNED_REGION,
      notice: { ru: expect.stringContaining('не майнинг'), en: expect.stringContaining('never mining') },
      reasons: [
        { detector: 'step-up', kind: 'onset', log_odds: 2.5, sentence: { ru: 'Скачок.', en: 'A step.' } },
      ],
      findings: [{ detector: 'step-up', observed: { stepKw: 3.3 } }],
      events: [
        { from_state: null, to_state: 'pending', reason: 'suspected', sentence: { en: expect.any(String) } },
      ],
    });
    await get('/4711').expect(404);
    await get('/x').expect(400);
  });

  it('is described in OpenAPI: every filter, and the answer', () => {
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    const list = document.paths['/api/v1/alerts'].get!;
    const names = list.parameters!.map((parameter) => ('name' in parameter ? parameter.name : ''));
    expect(names.sort()).toEqual(['cursor', 'kind', 'limit', 'min_score', 'since', 'state', 'territory']);
    expect(JSON.stringify(list.responses['200'])).toContain('next_cursor');
    expect(JSON.stringify(document.paths['/api/v1/alerts/{id}'].get!.responses['200'])).toContain('log_odds');
  });
});

async function seedAlerts(client: Client): Promise<void> {
  await client.query(
    `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
     values ('46700000', 'Город', 'A town', '${FREE_REGION}', 'Europe/Moscow', 180)`,
  );
  const territories = [BANNED_REGION, FREE_REGION, '46700000'];
  const points = Array.from({ length: ALERTS }, (_, n) => ({
    externalId: `P-${n}`,
    territory: territories[n % 3],
  }));
  const ids = [...(await addPoints(client, points)).values()];
  for (const [n, point] of ids.entries()) {
    await client.query(
      `insert into alert (metering_point_id, kind, state, score, since, opened_at, last_seen_as_of)
       values ($1, $2, $3, $4, date '2026-02-01' + $5::int, now(), '2026-03-01')`,
      [
        point,
        ['mining_suspected', 'quota_exceeded'][n % 2],
        ['pending', 'firing', 'resolved'][n % 3],
        n / ALERTS,
        n,
      ],
    );
  }
  await client.query(`update alert set findings = $2, evidence = $3 where metering_point_id = $1`, [
    ids[0],
    JSON.stringify([
      {
        detector: 'step-up',
        version: 1,
        window: { from: '2026-01-01', to: '2026-03-01' },
        settings: {},
        observed: { stepKw: 3.3 },
        since: '2026-02-01',
      },
    ]),
    JSON.stringify([
      { detector: 'step-up', kind: 'onset', logOdds: 2.5, sentence: { ru: 'Скачок.', en: 'A step.' } },
    ]),
  ]);
  await client.query(
    `insert into alert_event (alert_id, at, actor, from_state, to_state, reason, run_id)
     values (1, now(), 'scoring', null, 'pending', 'suspected', 1)`,
  );
}
