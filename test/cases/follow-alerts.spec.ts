import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { updateAlerts } from '../../src/alerts/update-alerts.js';
import { lockCase, takeStep, type StepChange } from '../../src/cases/case-steps.js';
import type { CaseStep } from '../../src/cases/domain/transitions.js';
import { followAlerts } from '../../src/cases/follow-alerts.js';
import { readGrounds } from '../../src/cases/grounds.js';
import type { Database } from '../../src/database/open-database.js';
import { inAuditedTransaction } from '../../src/audit/audited-transaction.js';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { addPoints, addTransformers, seedRegistry } from '../detection/synthetic-points.js';
import { testDatabase } from '../support/database.js';
import { scored, storeScores } from './suspicions.js';

const ASOF = dayFromIso('2026-03-01')!;
const NOW = new Date('2026-03-02T00:00:00Z');
const later = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

describe('cases follow alerts', () => {
  let db: Database;
  let client: Client;
  let points: Map<string, number>;
  const point = (name: string) => points.get(name)!;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    await seedRegistry(client);
    const names = ['P-1', 'P-2', 'P-3', 'P-4', 'P-5', 'P-6', 'P-7'];
    points = await addPoints(
      client,
      names.map((externalId) => ({ externalId, household: `H-${externalId}` })),
    );
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  const casesOf = async (name: string) =>
    (
      await client.query(
        `select id, state, version, kind, firing_kinds, score, month_kwh, since from case_file
         where metering_point_id = $1 order by id`,
        [point(name)],
      )
    ).rows;
  const stepsOf = async (name: string) =>
    (
      await client.query(
        `select s.step, s.actor, s.new_value from case_step s join case_file c on c.id = s.case_id
         where c.metering_point_id = $1 order by s.case_id, s.version`,
        [point(name)],
      )
    ).rows;
  const walk = async (name: string, steps: readonly (readonly [CaseStep, Partial<StepChange>])[]) => {
    const [{ id }] = (await casesOf(name)).slice(-1);
    await inAuditedTransaction(client, async () => {
      let file = (await lockCase(client, id))!;
      for (const [step, change] of steps)
        file = await takeStep(client, file, step, {
          by: { actor: 'test', personId: null },
          now: NOW,
          ...change,
        });
    });
  };
  const decided = async (name: string, step: 'dismissed' | 'confirmed') => {
    const [{ current }] = await readGrounds(client, [point(name)]);
    const set = step === 'dismissed' ? { dismissed_on: current } : {};
    await walk(name, [
      ['dealt', {}],
      ['taken_up', {}],
      [step, { set }],
    ]);
  };

  it('one is opened when a suspicion fires, with its numbers, in the same transaction', async () => {
    await scored(db, client, [{ meteringPointId: point('P-1'), asOf: ASOF, monthKwh: 3000 }], NOW);
    expect(await casesOf('P-1')).toMatchObject([
      {
        state: 'new',
        version: 1,
        kind: 'mining_suspected',
        firing_kinds: ['mining_suspected'],
        month_kwh: 3000,
        since: '2026-01-30',
      },
    ]);
    expect(await stepsOf('P-1')).toMatchObject([{ step: 'opened', actor: 'scoring' }]);
    const { rows } = await client.query('select * from case_alert');
    expect(rows).toHaveLength(1);
  });

  it('nothing happens when the same is said again', async () => {
    const before = await casesOf('P-1');
    await updateAlerts(db, 1, later(1), followAlerts);
    expect(await casesOf('P-1')).toEqual(before);
  });

  it('an alert of a time before there were cases gets its case', async () => {
    await storeScores(client, [{ meteringPointId: point('P-7'), asOf: ASOF }]);
    await updateAlerts(db, 1, NOW);
    expect(await casesOf('P-7')).toEqual([]);
    await updateAlerts(db, 1, later(1), followAlerts);
    expect(await casesOf('P-7')).toMatchObject([{ state: 'new' }]);
  });

  it('a transformer with hidden load gets one, with the energy that no meter saw', async () => {
    const meter = (await addTransformers(client, ['T-1'])).get('T-1')!;
    await client.query(
      `insert into transformer_balance (metering_point_id, as_of, verdict, hidden_kw, hidden_lower_kw, hidden_upper_kw,
         points, confidence, balance) values ($1, '2026-03-01', 'hidden_load', 20, 15, 25, 30, 0.9, '{}')`,
      [meter],
    );
    await scored(db, client, [{ meteringPointId: meter, asOf: ASOF, kind: 'hidden_load' }], NOW);
    points.set('T-1', meter);
    expect(await casesOf('T-1')).toMatchObject([{ kind: 'hidden_load', month_kwh: 20 * 730.5 }]);
  });

  it('what undoes the cases undoes the alerts', async () => {
    await storeScores(client, [{ meteringPointId: point('P-2'), asOf: ASOF }]);
    const failing = updateAlerts(db, 1, NOW, async () => {
      throw new Error('no cases today');
    });
    await expect(failing).rejects.toThrow('no cases today');
    const { rows } = await client.query('select from alert where metering_point_id = $1', [point('P-2')]);
    expect(rows).toHaveLength(0);
  });

  it('none is opened while a suspicion is pending, nor for a forecast alone', async () => {
    await scored(db, client, [{ meteringPointId: point('P-2'), asOf: ASOF, since: ASOF - 2 }], NOW);
    await scored(db, client, [{ meteringPointId: point('P-3'), asOf: ASOF, kind: 'quota_forecast' }], NOW);
    expect([await casesOf('P-2'), await casesOf('P-3')]).toEqual([[], []]);
  });

  it('the numbers follow without a step; another kind is one', async () => {
    await scored(
      db,
      client,
      [{ meteringPointId: point('P-1'), asOf: ASOF + 1, score: 0.7, monthKwh: 3100 }],
      later(1),
    );
    expect(await casesOf('P-1')).toMatchObject([{ version: 1, score: 0.7, month_kwh: 3100 }]);
    await scored(
      db,
      client,
      [{ meteringPointId: point('P-1'), asOf: ASOF + 2, kind: 'quota_exceeded', monthKwh: 7000 }],
      later(2),
    );
    expect(await casesOf('P-1')).toMatchObject([
      { version: 2, kind: 'quota_exceeded', firing_kinds: ['quota_exceeded', 'mining_suspected'] },
    ]);
    expect((await stepsOf('P-1'))[1]).toMatchObject({
      step: 'alerts_changed',
      new_value: { kinds: ['quota_exceeded', 'mining_suspected'] },
    });
  });

  it('a dismissed one rests until its load grows, and then is the same case', async () => {
    const suspicion = { meteringPointId: point('P-4'), asOf: ASOF, monthKwh: 2000 };
    await scored(db, client, [suspicion], NOW);
    await decided('P-4', 'dismissed');
    await scored(db, client, [{ ...suspicion, asOf: ASOF + 10, monthKwh: 2100 }], later(10));
    expect(await casesOf('P-4')).toMatchObject([{ state: 'dismissed' }]);
    await scored(db, client, [{ ...suspicion, asOf: ASOF + 11, monthKwh: 2700 }], later(11));
    expect(await casesOf('P-4')).toMatchObject([{ state: 'reopened', month_kwh: 2700 }]);
    expect((await stepsOf('P-4')).at(-1)).toMatchObject({
      step: 'reopened',
      actor: 'scoring',
      new_value: { reason: 'load_grew' },
    });
  });

  it('a dismissed one reopens for new evidence', async () => {
    const suspicion = { meteringPointId: point('P-5'), asOf: ASOF, evidence: { place: -2, 'base-load': 4 } };
    await scored(db, client, [suspicion], NOW);
    await decided('P-5', 'dismissed');
    await scored(
      db,
      client,
      [{ ...suspicion, asOf: ASOF + 8, evidence: { place: -2, 'base-load': 3, peers: 1 } }],
      later(8),
    );
    expect((await stepsOf('P-5')).at(-1)).toMatchObject({
      step: 'reopened',
      new_value: { reason: 'new_evidence' },
    });
  });

  it('a confirmed one stays the only one for a month; later suspicion opens another', async () => {
    const suspicion = { meteringPointId: point('P-6'), asOf: ASOF };
    await scored(db, client, [suspicion], NOW);
    await decided('P-6', 'confirmed');
    await scored(db, client, [{ ...suspicion, asOf: ASOF + 20 }], later(20));
    expect(await casesOf('P-6')).toHaveLength(1);
    await scored(db, client, [{ ...suspicion, asOf: ASOF + 40 }], later(40));
    expect(await casesOf('P-6')).toMatchObject([{ state: 'confirmed' }, { state: 'new' }]);
  });
});
