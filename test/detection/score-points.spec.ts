import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Client } from 'pg';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { defaultAsOf } from '../../src/detection/stored-days.js';
import { printScores } from '../../src/detection/score-output.js';
import { judgedMonths } from '../../src/detection/judged-months.js';
import { newestRunDay, scoreAsOf } from '../../src/detection/score-as-of.js';
import { dayFromIso, isoFromDay } from '../../src/grid/domain/calendar.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { testDatabase } from '../support/database.js';
import {
  addPoints,
  FREE_REGION,
  home,
  seedRegistry,
  storeLoads,
  storeWeather,
  withRigs,
  type Load,
} from './synthetic-points.js';

const rulebook = loadRulebook(`${projectRoot}/rulebook/ru.json`);
const day = (iso: string) => dayFromIso(iso)!;
const FROM = day('2026-05-01');
const END = day('2026-09-16');
const NOW = new Date('2026-09-20T06:00:00Z');

describe('scoring on a database', () => {
  let db: Database;
  let client: Client;
  let ids: Map<string, number>;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    await seedRegistry(client);
    const homes = Array.from({ length: 14 }, (_, index) => ({ externalId: `home-${index}` }));
    ids = await addPoints(client, [
      ...homes,
      { externalId: '=rig' },
      { externalId: 'half-a', territory: FREE_REGION, household: 'two meters' },
      { externalId: 'half-b', territory: FREE_REGION, household: 'two meters' },
      { externalId: 'silent' },
    ]);
    const loads = new Map<number, Load>(
      homes.map(({ externalId }, index) => [ids.get(externalId)!, home(index)]),
    );
    loads.set(ids.get('=rig')!, withRigs(home(3), { kw: 6.6, onset: day('2026-08-01') }));
    for (const half of ['half-a', 'half-b']) {
      loads.set(ids.get(half)!, withRigs(home(5), { kw: 4.8, onset: FROM }));
    }
    await storeLoads(client, loads, { from: FROM, to: END, now: NOW });
    await storeWeather(client, FROM, END);
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  it('looks at whole days up to the newest stored one, and never past today', async () => {
    expect(await defaultAsOf(client, NOW)).toBe(END);
    // 22:00 UTC is the next day in Moscow.
    expect(await defaultAsOf(client, new Date('2026-09-09T22:00:00Z'))).toBe(day('2026-09-10'));
  });

  it('finds the rig and its first day among its neighbours, and passes the silent point over', async () => {
    const summary = await scorePoints(db, { rulebook, now: NOW });
    expect(summary).toMatchObject({ asOf: END, points: 17, withoutReadings: 1 });
    expect(summary!.byKind.mining_suspected).toBe(1);
    const { rows } = await client.query(
      `select p.external_id as point, s.score, s.case_worthy as worthy, s.kind, s.since, s.findings, s.evidence
       from score s join metering_point p on p.id = s.metering_point_id order by s.score desc`,
    );
    const rig = rows.find(({ point }) => point === '=rig');
    expect(rig).toMatchObject({ kind: 'mining_suspected', worthy: true });
    expect(Math.abs(dayFromIso(rig.since)! - day('2026-08-01'))).toBeLessThanOrEqual(1);
    expect(rig.findings.map((found: { detector: string }) => found.detector)).toContain('peers');
    expect(rig.evidence[0].sentence).toEqual({ ru: expect.any(String), en: expect.any(String) });
    // Each half is below the limit; their household is not.
    const worthy = rows.filter((row) => row.worthy).map(({ point, kind }) => `${point} ${kind}`);
    expect(worthy.sort()).toEqual([
      '=rig mining_suspected',
      'half-a quota_exceeded',
      'half-b quota_exceeded',
    ]);
  });

  it('judges each month by the quota, over the unit that the rule counts by', async () => {
    const { rows } = await client.query(
      `select p.external_id as point, to_char(j.month, 'YYYY-MM-DD') as month, j.* from quota_judgement j
       join metering_point p on p.id = j.metering_point_id where p.external_id in ('half-a', '=rig') order by 1, 2`,
    );
    const july = rows.find(({ point, month }) => point === 'half-a' && month === '2026-07-01');
    const independent = await client.query(
      `select sum(total_wh)::float8 / 1000 as kwh from load_profile
       where metering_point_id = any($1) and day >= '2026-07-01' and day < '2026-08-01'`,
      [[ids.get('half-a'), ids.get('half-b')]],
    );
    expect(july.metered_kwh).toBeGreaterThan(3600);
    expect(july.limit_kwh).toBe(6000);
    const unit = july.counted_per === 'household' ? independent.rows[0].kwh : july.metered_kwh;
    expect(july.unit_kwh).toBeCloseTo(unit, 2);
    expect(july).toMatchObject({
      intervals_present: 744,
      intervals_expected: 744,
      exceeded: july.unit_kwh > 6000,
    });
    expect(july.flat_kwh).toBeGreaterThan(4.8 * 744);
    const september = rows.find(({ point, month }) => point === '=rig' && month === '2026-09-01');
    expect(september).toMatchObject({ intervals_present: 15 * 24, intervals_expected: 720 });
  });

  it('writes nothing when nothing changed, and scores only what is marked', async () => {
    expect((await client.query('select from scoring_mark')).rowCount).toBe(0);
    const again = await scorePoints(db, { rulebook, now: NOW });
    expect(again).toMatchObject({ points: 17, rowsWritten: 0 });
    expect(await scorePoints(db, { rulebook, now: NOW, onlyMarked: true })).toBeNull();

    const changed = new Map([[ids.get('half-a')!, () => 1]]);
    await storeLoads(client, changed, { from: END - 1, to: END, uploadId: 2, now: NOW });
    // Its other half too: they share a household, and so a quota.
    const marked = await scorePoints(db, { rulebook, now: NOW, onlyMarked: true });
    expect(marked).toMatchObject({ points: 2 });
    expect((await client.query('select from scoring_mark')).rowCount).toBe(0);
  });

  it('keeps a mark that is written during the run', async () => {
    const point = ids.get('home-1')!;
    await storeLoads(client, new Map([[point, () => 2]]), { from: END - 1, to: END, uploadId: 3, now: NOW });
    const summary = await scorePoints(db, {
      rulebook,
      now: NOW,
      onlyMarked: true,
      onProgress: () => void writeMark(point),
    });
    expect(summary).toMatchObject({ points: 1 });
    await marking;
    expect((await client.query('select from scoring_mark')).rowCount).toBe(1);
  });

  let marking: Promise<unknown> = Promise.resolve();
  /** With the very time it had: only the row's version tells it from the one that was read. */
  function writeMark(point: number): void {
    marking = client.query('update scoring_mark set marked_at = marked_at where metering_point_id = $1', [
      point,
    ]);
  }

  it('a look back to an earlier day takes no marks away', async () => {
    const summary = await scorePoints(db, { rulebook, now: NOW, asOf: day('2026-07-25') });
    expect(summary).toMatchObject({ points: 17, byKind: { mining_suspected: 0 } });
    expect((await client.query('select from scoring_mark')).rowCount).toBe(1);
    await scorePoints(db, { rulebook, now: NOW });
  });

  /** The row versions of scores, with what they say of their day. */
  const written = async () =>
    new Map(
      (
        await client.query<{ point: string; version: string; day: string; stands: string; reasons: boolean }>(
          `select p.external_id as point, s.xmin::text as version, s.as_of::text as day, (${scoreAsOf('$1')})::text as stands,
             s.evidence is not null as reasons
           from score s join metering_point p on p.id = s.metering_point_id`,
          [await newestRunDay(client)],
        )
      ).rows.map((row) => [row.point, row]),
    );

  it('a day later writes what has reasons, what an alert counts the days of, and no other', async () => {
    await scorePoints(db, { rulebook, now: new Date((END - 1) * 86_400_000) });
    const before = await written();
    const quiet = ['home-1', 'home-2', 'home-3'];
    expect(quiet.map((point) => before.get(point)!.reasons)).toEqual([false, false, false]);
    await client.query(
      `insert into alert (metering_point_id, kind, state, score, last_seen_as_of, opened_at)
       values ($1, 'mining_suspected', 'firing', 0.9, $2, $3)`,
      [ids.get('home-2'), '2026-09-01', NOW],
    );
    await scorePoints(db, { rulebook, now: NOW });
    const after = await written();
    const isNew = (point: string) => after.get(point)!.version !== before.get(point)!.version;
    expect(['=rig', 'half-a', ...quiet].map(isNew)).toEqual([true, true, false, true, false]);
    expect(after.get('home-1')).toMatchObject({ stands: '2026-09-16' });
    expect(after.get('home-2')).toMatchObject({ day: '2026-09-16' });
    await client.query('delete from alert');
  });

  it('a look back makes every row one of its day, and the next run does not take them for its own', async () => {
    await scorePoints(db, { rulebook, now: NOW, asOf: END - 1 });
    const days = [...(await written()).values()].map(({ day, stands }) => `${day} ${stands}`);
    expect(new Set(days)).toEqual(new Set(['2026-09-15 2026-09-15']));
    await scorePoints(db, { rulebook, now: NOW });
    expect((await written()).get('home-1')).toMatchObject({ day: '2026-09-16' });
  });

  it('keeps the months that something asks about, judges the others when asked, and takes back what is asked no more', async () => {
    const kept = async (point: string) =>
      (await client.query('select from quota_judgement where metering_point_id = $1', [ids.get(point)]))
        .rowCount;
    const judged = (point: string) =>
      judgedMonths(client, rulebook, { meteringPointId: ids.get(point)!, now: NOW });
    expect([await kept('=rig'), await kept('home-1')]).toEqual([5, 0]);
    expect((await judged('=rig')).map(({ month }) => isoFromDay(month))).toEqual([
      '2026-05-01',
      '2026-06-01',
      '2026-07-01',
      '2026-08-01',
      '2026-09-01',
    ]);
    const quiet = await judged('home-1');
    const { rows } = await client.query<{ kwh: number }>(
      `select (sum(total_wh) / 1000.0)::float8 as kwh from load_profile where metering_point_id = $1
       group by date_trunc('month', day) order by date_trunc('month', day)`,
      [ids.get('home-1')],
    );
    expect(quiet.map(({ meteredKwh }) => meteredKwh)).toEqual(rows.map(({ kwh }) => kwh));
    expect(quiet.at(-1)).toMatchObject({
      intervalsPresent: 15 * 24,
      intervalsExpected: 720,
      exceeded: false,
    });

    // A balance meter is no household, whatever flows through it.
    const [meter] = (
      await client.query<{ id: number }>(
        `insert into metering_point (utility_id, external_id, territory_code, kind)
         select utility_id, 'balance', territory_code, 'transformer' from metering_point limit 1 returning id`,
      )
    ).rows;
    await storeLoads(client, new Map([[meter.id, () => 90]]), { from: FROM, to: END, now: NOW });
    expect(await judgedMonths(client, rulebook, { meteringPointId: meter.id, now: NOW })).toEqual([]);
    await client.query('delete from scoring_mark');
    await client.query('delete from load_profile where metering_point_id = $1', [meter.id]);
    await client.query('delete from metering_point where id = $1', [meter.id]);

    const heavy = new Map([[ids.get('home-1')!, () => 6]]);
    const days = { from: day('2026-08-01'), to: day('2026-09-01'), now: NOW };
    await storeLoads(client, heavy, { ...days, uploadId: 4 });
    await scorePoints(db, { rulebook, now: NOW, onlyMarked: true });
    const asked = await kept('home-1');
    expect(asked).toBeGreaterThan(0);
    await storeLoads(client, new Map([[ids.get('home-1')!, home(1)]]), { ...days, uploadId: 5 });
    const summary = await scorePoints(db, { rulebook, now: NOW, onlyMarked: true });
    expect(await kept('home-1')).toBe(0);
    expect(summary!.rowsWritten).toBe(1 + asked!);
  });

  it('lets one scorer in at a time', async () => {
    const results = await Promise.allSettled([1, 2].map(() => scorePoints(db, { rulebook, now: NOW })));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it.each([
    ['csv', /^metering_point,score,kind,since\n'=rig,0\.\d+,mining_suspected,2026-0[78]-\d\d\n/],
    [
      'ndjson',
      /^\{"metering_point":"=rig","score":0\.\d+,"kind":"mining_suspected","since":"2026-0[78]-\d\d"\}\n/,
    ],
    ['table', /^metering_point +score +kind +since\n=rig +[01]\.\d{3} +mining_suspected +2026/],
  ] as const)('prints the scores as %s, highest first', async (format, expected) => {
    const output = new PassThrough();
    const printed = text(output);
    await printScores(db, { of: 'households', format }, output);
    output.end();
    expect(await printed).toMatch(expected);
  });

  it('prints every scored point once', async () => {
    const output = new PassThrough();
    const printed = text(output);
    await printScores(db, { of: 'households', format: 'json' }, output);
    output.end();
    const rows = JSON.parse(await printed) as { metering_point: string; score: number }[];
    expect(new Set(rows.map((row) => row.metering_point)).size).toBe(17);
    expect(rows.map((row) => row.score)).toEqual(rows.map((row) => row.score).sort((a, b) => b - a));
  });
});
