import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Client } from 'pg';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { printScores } from '../../src/detection/score-output.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { testDatabase } from '../support/database.js';
import {
  addPoints,
  addTransformers,
  home,
  seedRegistry,
  storeLoads,
  storeWeather,
  type Load,
} from './synthetic-points.js';

const rulebook = loadRulebook(`${projectRoot}/rulebook/ru.json`);
const day = (iso: string) => dayFromIso(iso)!;
const FROM = day('2026-07-01');
const END = day('2026-09-16');
const ONSET = day('2026-08-10');
const NOW = new Date('2026-09-20T06:00:00Z');
const HOMES = 12;

describe('scoring transformers', () => {
  let db: Database;
  let client: Client;
  let ids: Map<string, number>;
  let meters: Map<string, number>;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    await seedRegistry(client);
    meters = await addTransformers(client, ['honest', 'hiding', 'unread']);
    const names = ['honest', 'hiding', 'unread'].flatMap((transformer) =>
      Array.from({ length: HOMES }, (_, n) => ({ externalId: `${transformer}-${n}`, transformer })),
    );
    ids = await addPoints(client, [...names, { externalId: 'elsewhere' }]);
    const loads = new Map<number, Load>([...ids.values()].map((id, index) => [id, home(index)]));
    loads.set(meters.get('honest')!, inflow('honest', 0));
    loads.set(meters.get('hiding')!, inflow('hiding', 6));
    await storeLoads(client, loads, { from: FROM, to: END, now: NOW });
    await storeWeather(client, FROM, END);
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  /** The homes' sum with a loss that grows with the load, and `hiddenKw` that pass no meter. */
  function inflow(transformer: string, hiddenKw: number): Load {
    const places = [...ids.keys()].flatMap((name, index) =>
      name.startsWith(`${transformer}-`) ? [index] : [],
    );
    const homes = places.map((index) => home(index));
    return (at, hour) => {
      const metered = homes.reduce((sum, load) => sum + load(at, hour), 0);
      return 0.3 + metered + 0.0005 * metered ** 2 + (at >= ONSET ? hiddenKw : 0);
    };
  }

  const printed = async (of: 'households' | 'transformers') => {
    const output = new PassThrough();
    const all = text(output);
    await printScores(db, { of, format: 'csv' }, output);
    output.end();
    return (await all).trimEnd().split('\n');
  };

  it('finds the load that passes no meter, and since when', async () => {
    const summary = await scorePoints(db, { rulebook, now: NOW });
    expect(summary).toMatchObject({ points: 3 * HOMES + 1, transformers: 2, byKind: { hidden_load: 1 } });
    const [head, first, second, ...more] = await printed('transformers');
    expect(head).toBe('metering_point,score,kind,since');
    expect(first).toMatch(/^hiding,0\.9\d+,hidden_load,2026-08-(09|10|11)$/);
    expect(second).toMatch(/^honest,0\.\d+,none,$/);
    expect(more).toEqual([]);
    expect(await printed('households')).toHaveLength(1 + 3 * HOMES + 1);
    const { rows } = await client.query(
      'select verdict, hidden_kw from transformer_balance where metering_point_id = $1',
      [meters.get('hiding')],
    );
    expect(rows[0].verdict).toBe('hidden_load');
    expect(rows[0].hidden_kw).toBeCloseTo(6, 0);
  });

  it('writes nothing when nothing changed', async () => {
    expect(await scorePoints(db, { rulebook, now: NOW })).toMatchObject({ transformers: 2, rowsWritten: 0 });
    expect((await client.query('select from scoring_mark')).rowCount).toBe(0);
  });

  it.each([
    ['a home under it', 'honest', () => ids.get('honest-3')!],
    ['its balance meter', 'hiding', () => meters.get('hiding')!],
  ])('scores a whole transformer again when %s changed, and nothing else', async (_, __, changed) => {
    await storeLoads(client, new Map([[changed(), () => 1]]), {
      from: END - 1,
      to: END,
      uploadId: 2,
      now: NOW,
    });
    const summary = await scorePoints(db, { rulebook, now: NOW, onlyMarked: true });
    expect(summary).toMatchObject({ points: HOMES, transformers: 1 });
    expect((await client.query('select from scoring_mark')).rowCount).toBe(0);
    expect(await scorePoints(db, { rulebook, now: NOW, onlyMarked: true })).toBeNull();
  });

  it('scores the same in threads', async () => {
    await scorePoints(db, { rulebook, now: NOW });
    const before = await printed('households');
    await client.query('truncate score, quota_judgement, transformer_balance, balance_suspect');
    const done: number[] = [];
    const summary = await scorePoints(db, {
      rulebook,
      now: NOW,
      threads: 2,
      onProgress: (progress) => done.push(progress.done),
    });
    expect(summary).toMatchObject({ points: 3 * HOMES + 1, transformers: 2 });
    expect(done.at(-1)).toBe(3 * HOMES + 1);
    expect(await printed('households')).toEqual(before);
  });

  it('stops between two blocks when it is told to, and keeps the marks', async () => {
    await storeLoads(client, new Map([[ids.get('elsewhere')!, () => 1]]), {
      from: END - 1,
      to: END,
      uploadId: 3,
      now: NOW,
    });
    const stopped = AbortSignal.abort(new Error('enough'));
    for (const threads of [0, 2]) {
      await expect(scorePoints(db, { rulebook, now: NOW, threads, signal: stopped })).rejects.toThrow(
        'enough',
      );
    }
    expect((await client.query('select from scoring_mark')).rowCount).toBe(1);
  });
});
