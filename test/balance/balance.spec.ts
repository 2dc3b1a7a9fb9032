import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module, StandardSchemaValidationPipe, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { Client } from 'pg';
import { Registry } from 'prom-client';
import request from 'supertest';
import { DataSource } from 'typeorm';
import { BalanceController } from '../../src/balance/balance.controller.js';
import { BalanceMetrics } from '../../src/balance/balance.metrics.js';
import type { StruckBalance } from '../../src/balance/balance-writer.js';
import { balanceTransformer } from '../../src/balance/domain/balance.js';
import type { TransformerBalance } from '../../src/balance/domain/types.js';
import { BalanceWorkspace } from '../../src/balance/domain/workspace.js';
import { transformerPoints } from '../../src/balance/transformer-load.js';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { RULEBOOK } from '../../src/rulebook/rulebook.token.js';
import { storeScores } from '../cases/suspicions.js';
import { storeLoads } from '../detection/synthetic-points.js';
import { actAs, AUDITOR } from '../support/access.js';
import { testDatabase } from '../support/database.js';
import { syntheticTransformer, type Made } from './synthetic-transformer.js';
import { writeBalances } from './write-balances.js';

const AS_OF = 20_454 + 60;
const HOMES = 12;

describe('balances in the store', () => {
  let db: Database;
  let client: Client;
  let app: INestApplication;
  /** T1 and T2 in Irkutsk (T1 hides 6.6 kW, T2 8.2), T3 in Dagestan hides nothing, T4 there could not be struck. */
  const struck: StruckBalance[] = [];

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    await client.query(`insert into utility (code, name) values ('test', 'Test utility')`);
    await client.query(
      `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes) values
         ('RU-IRK', 'Иркутская область', 'Irkutsk Oblast', null, 'Asia/Irkutsk', 480),
         ('25701000', 'город Иркутск', 'Irkutsk', 'RU-IRK', 'Asia/Irkutsk', 480),
         ('RU-DA', 'Дагестан', 'Dagestan', null, 'Europe/Moscow', 180)`,
    );
    const made: [string, string, Omit<Made, 'seed'>][] = [
      ['T1', '25701000', { hidden: (hour) => (hour < 700 ? 0 : 6.6) }],
      ['T2', 'RU-IRK', { hidden: () => 8.2 }],
      ['T3', 'RU-DA', {}],
      ['T4', 'RU-DA', { neverRead: Array.from({ length: HOMES }, (_, home) => home) }],
    ];
    for (const [code, territory, settings] of made)
      struck.push(await addTransformer(code, territory, settings));
    @Module({
      controllers: [BalanceController],
      providers: [
        { provide: DataSource, useValue: db.dataSource },
        { provide: RULEBOOK, useValue: loadRulebook(`${projectRoot}/rulebook/ru.json`) },
      ],
    })
    class BalanceOnly {}
    app = (await Test.createTestingModule({ imports: [BalanceOnly] }).compile()).createNestApplication();
    app.useGlobalPipes(new StandardSchemaValidationPipe());
    actAs(app, AUDITOR);
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    await client.end();
    await db.close();
  });

  async function addTransformer(
    code: string,
    territory: string,
    settings: Omit<Made, 'seed'>,
  ): Promise<StruckBalance> {
    const one = async (sql: string, values: unknown[]) =>
      (await client.query<{ id: number }>(sql, values)).rows[0].id;
    const transformer = await one(
      `insert into transformer (utility_id, code) select id, $1 from utility returning id`,
      [code],
    );
    const add = (kind: string, externalId: string) =>
      one(
        `insert into metering_point (utility_id, kind, external_id, household, territory_code, transformer_id, tariff_category)
         select id, $1, $2, $2, $3, $4, 'urban' from utility returning id`,
        [kind, externalId, territory, transformer],
      );
    const meteringPointId = await add('transformer', code);
    const pointIds: number[] = [];
    for (let home = 0; home < HOMES; home++) pointIds.push(await add('household', `${code}-${home}`));
    const load = syntheticTransformer({ seed: 4, homes: HOMES, ...settings });
    return { meteringPointId, pointIds, balance: balanceTransformer(load, new BalanceWorkspace(60)) };
  }

  const get = (path: string) => request(app.getHttpServer()).get(`/api/v1/${path}`);
  const count = async (sql: string) => (await client.query<{ n: number }>(sql)).rows[0].n;

  it('writes what differs, and nothing a second time', async () => {
    expect(struck.map(({ balance }) => balance.verdict)).toEqual([
      'hidden_load',
      'hidden_load',
      'none',
      'unclear',
    ]);
    const suspects = struck.reduce((sum, { balance }) => sum + balance.suspects.length, 0);
    expect(await writeBalances(client, AS_OF, struck)).toBe(4 + suspects);
    expect(await writeBalances(client, AS_OF, struck)).toBe(0);
    expect(await count('select count(*)::int as n from balance_suspect')).toBe(suspects);
  });

  it('removes suspects of a transformer that hides nothing any more, and of no other', async () => {
    const [first, second] = struck;
    const calm: TransformerBalance = {
      ...first.balance,
      verdict: 'none',
      hiddenKw: 0,
      onset: null,
      suspects: [],
    };
    expect(await writeBalances(client, AS_OF, [{ ...first, balance: calm }])).toBe(
      1 + first.balance.suspects.length,
    );
    expect(await count('select count(*)::int as n from balance_suspect')).toBe(
      second.balance.suspects.length,
    );
    expect(await writeBalances(client, AS_OF, [first])).toBe(1 + first.balance.suspects.length);
  });

  it.each([1, 3, 4, 100])('lists in pages of %i, most hidden load first', async (limit) => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = (await get(
        `transformers?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`,
      ).expect(200)) as { body: { items: { transformer: string }[]; next_cursor: string | null } };
      seen.push(...body.items.map(({ transformer }) => transformer));
      cursor = body.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(['T2', 'T1', 'T3', 'T4']);
  });

  it.each([
    ['territory=RU-IRK', ['T2', 'T1']],
    ['territory=25701000', ['T1']],
    ['verdict=unclear', ['T4']],
    ['min_hidden_kw=7.5', ['T2']],
    ['territory=nowhere', []],
  ])('?%s', async (query, expected) => {
    const { body } = await get(`transformers?${query}`).expect(200);
    expect(body.items.map(({ transformer }: { transformer: string }) => transformer)).toEqual(expected);
  });

  it.each(['limit=0', 'verdict=guilty', 'cursor=abc', 'min_hidden_kw=-1', 'colour=red'])(
    'refuses ?%s',
    async (query) => {
      await get(`transformers?${query}`).expect(400);
    },
  );

  it('shows one with its suspects in order', async () => {
    const { body: list } = await get('transformers?territory=25701000').expect(200);
    const { body } = await get(`transformers/${list.items[0].id}`).expect(200);
    expect(body).toMatchObject({
      transformer: 'T1',
      verdict: 'hidden_load',
      since: '2026-01-30',
      points: HOMES,
    });
    expect(body.balance.residual.flatnessRatio).toBeGreaterThan(0.9);
    expect(body.balance).not.toHaveProperty('suspects');
    expect(body.suspects.map(({ rank }: { rank: number }) => rank)).toEqual(
      body.suspects.map((_: unknown, at: number) => at + 1),
    );
    expect(body.suspects[0].metering_point).toBe(`T1-${struck[0].balance.suspects[0].point}`);
    await get('transformers/999999').expect(404);
    await get('transformers/abc').expect(400);
  });

  it('gives what enters and what is metered by hour and day, and the homes in the order to check them', async () => {
    const { rows } = await client.query<{ id: number }>(`select id from transformer where code = 'T1'`);
    const [{ id }] = rows;
    const [{ meteringPointId, pointIds, balance }] = struck;
    const first = dayFromIso('2026-02-01')!;
    // 3 kW enter more than is metered; one home is not read on the second day.
    const loads = new Map([
      [meteringPointId, () => pointIds.length * 0.5 + 3],
      ...pointIds.map((point, index) => [
        point,
        (day: number) => (index === 0 && day === first + 1 ? NaN : 0.5),
      ]),
    ] as [number, (day: number, hour: number) => number][]);
    await storeLoads(client, loads, { from: first, to: first + 2, now: new Date('2026-02-03T00:00:00Z') });
    const { body: hourly } = await get(`transformers/${id}/load?from=2026-02-01`).expect(200);
    expect(hourly).toMatchObject({ to: '2026-02-03', minutes: 60, zone: 'Asia/Irkutsk', points: HOMES });
    const inflow = HOMES * 0.5 + 3;
    const loss = balance.loss!.noLoadKw + balance.loss!.quadraticPerKw * inflow ** 2;
    expect(hourly.in_kwh).toEqual(new Array(48).fill(inflow));
    expect(hourly.metered_kwh[0]).toBeCloseTo(HOMES * 0.5, 3);
    expect(hourly.rest_kwh[0]).toBeCloseTo(3 - loss, 2);
    expect(hourly.read_ratio[47]).toBeCloseTo((HOMES - 1) / HOMES, 3);
    const { body: daily } = await get(`transformers/${id}/load?from=2026-02-01&resolution=day`).expect(200);
    expect(daily.in_kwh).toEqual([24 * inflow, 24 * inflow]);
    expect(daily.loss_kwh[0]).toBeCloseTo(24 * loss, 1);
    const { body: points } = await get(`transformers/${id}/points`).expect(200);
    expect(points.items).toHaveLength(HOMES);
    expect(points.items[0]).toMatchObject({ rank: 1, share: balance.suspects[0].share });
    await get('transformers/999999/load').expect(404);
    await get('transformers/999999/points').expect(404);
    await get(`transformers/${id}/load?from=2026-02-31`).expect(400);
  });

  it('says how much somebody used only of those who may be suspected, and to their own utility', async () => {
    const { rows } = await client.query<{ id: number }>(`select id from transformer where code = 'T1'`);
    const ranked = struck[0].balance.suspects.map(({ point }) => `T1-${point}`);
    const { body: before } = await get(`transformers/${rows[0].id}/points`).expect(200);
    const others = before.items.filter(
      (each: { metering_point: string }) => !ranked.includes(each.metering_point),
    );
    const [innocent, suspected] = others as { id: number }[];
    const asOf = dayFromIso('2026-03-01')!;
    await storeScores(client, [
      { meteringPointId: innocent.id, asOf, kind: 'none' },
      { meteringPointId: suspected.id, asOf, monthKwh: 7000 },
    ]);
    // Where nothing is suspected only the month of the newest run is told.
    await client.query(
      `insert into scoring_run (as_of, started_at, finished_at, settings_version, first_stored_day, last_stored_day)
       values ('2026-03-01', now(), now(), 'test', '2026-01-01', '2026-02-28')`,
    );
    const shownTo = async (utilityId: number | null) => {
      const items = await transformerPoints(db.dataSource, rows[0].id, utilityId);
      return [innocent, suspected].map(({ id }) => items.find((each) => each.id === id)!.month_kwh);
    };
    const { rows: utilities } = await client.query<{ id: number }>(
      'select utility_id as id from transformer limit 1',
    );
    expect(await shownTo(null)).toEqual([null, 7000]);
    expect(await shownTo(utilities[0].id)).toEqual([24, 7000]);
    await client.query('truncate score, quota_judgement');
  });

  it('sums a region with its interval, and values it only at prices that are known', async () => {
    const { body } = await get('territories/hidden-load').expect(200);
    const [dagestan, irkutsk] = body.items;
    expect(dagestan).toMatchObject({
      territory: 'RU-DA',
      transformers: 2,
      flagged: 0,
      unclear: 1,
      hidden_mw: 0,
      money: [],
    });
    expect(irkutsk).toMatchObject({ territory: 'RU-IRK', transformers: 2, flagged: 2 });
    expect(irkutsk.hidden_mw).toBeCloseTo(0.0148, 2);
    expect(irkutsk.hidden_lower_mw).toBeLessThan(irkutsk.hidden_mw);
    expect(irkutsk.hidden_upper_mw).toBeGreaterThan(irkutsk.hidden_mw);
    expect(irkutsk.money[0]).toMatchObject({
      tariff_category: 'urban',
      band: 1,
      unmetered_kwh: 7800,
      household_rub_per_kwh: 1.78,
      unpaid_rub: 13_884,
      gap_rub: null,
    });
    const { body: priced } = await get(
      'territories/hidden-load?level=territory&commercial_rub_per_kwh=7',
    ).expect(200);
    const city = priced.items.find(({ territory }: { territory: string }) => territory === '25701000');
    expect(city.money[0]).toMatchObject({ unmetered_kwh: 3900, gap_rub: 27_300 });
  });

  it('values the metered load of points worth a case at the top of what they used', async () => {
    const [point] = struck[0].pointIds;
    await client.query(
      `insert into score (metering_point_id, run_id, as_of, score, case_worthy, kind, digest, months_digest)
       values ($1, 1, '2026-03-01', 0.9, true, 'mining_suspected', 0, 0)`,
      [point],
    );
    await client.query(
      `insert into quota_judgement (metering_point_id, month, counted_per, rule_id, limit_kwh, metered_kwh, unit_kwh,
         flat_kwh, intervals_present, intervals_expected, exceeded)
       values ($1, '2026-02-01', 'household', 'RU-QUOTA-6000', 6000, 5000, 5000, 3000, 672, 672, false)`,
      [point],
    );
    const { body } = await get('territories/hidden-load?territory=25701000').expect(200);
    expect(body.items[0].money.map(({ metered_kwh }: { metered_kwh: number }) => metered_kwh)).toEqual([
      1900, 1100,
    ]);
  });

  it('counts for Prometheus', async () => {
    const registry = new Registry();
    for (const metric of new BalanceMetrics(db).all) registry.registerMetric(metric);
    const text = await registry.metrics();
    expect(text).toContain('gridwarden_transformers_balanced{verdict="hidden_load"} 2');
    expect(text).toContain('gridwarden_transformer_hidden_load_kilowatts{region="RU-DA"} 0');
    expect(text).toMatch(/gridwarden_transformer_hidden_load_kilowatts\{region="RU-IRK"\} 15\./);
  });

  it('documents its routes', () => {
    const { paths } = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    expect(Object.keys(paths).sort()).toEqual([
      '/api/v1/territories/hidden-load',
      '/api/v1/transformers',
      '/api/v1/transformers/{id}',
      '/api/v1/transformers/{id}/load',
      '/api/v1/transformers/{id}/points',
    ]);
  });
});
