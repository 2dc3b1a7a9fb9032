import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import type { Agent, Response } from 'supertest';
import { revokeKey } from '../../src/access/api-key.repository.js';
import { blockPerson } from '../../src/access/person.repository.js';
import type { Fault } from '../../src/audit/domain/chain-check.js';
import { inSnapshot } from '../../src/audit/read-log.js';
import { isoFromDay, dayFromIso } from '../../src/grid/domain/calendar.js';
import {
  addPoints,
  addTransformers,
  FREE_REGION,
  home,
  seedRegistry,
  storeLoads,
  storeWeather,
  withRigs,
} from '../detection/synthetic-points.js';
import { asPerson, mintKey, signIn, withKey } from '../support/access.js';
import { superuserOf } from '../support/database.js';
import { CasesApp, type Worker } from './cases-app.js';
import { RECORD_TAMPERINGS, recordsSaid, tamper } from './record-tampering.js';
import { scored } from './suspicions.js';

const ASOF = dayFromIso('2026-03-01')!;
const NOW = new Date('2026-03-02T00:00:00Z');
const POINTS = 14;

let cases: CasesApp;
let north: Worker;
let north2: Worker;
let northChief: Worker;
let southChief: Worker;
let auditor: Agent;
let points: Map<string, number>;

beforeAll(async () => {
  cases = await CasesApp.start();
  const { client, db } = cases;
  await seedRegistry(client);
  await addTransformers(client, ['T-1']);
  points = await addPoints(
    client,
    Array.from({ length: POINTS }, (_, index) => ({
      externalId: `P-${String(index).padStart(3, '0')}`,
      household: `H-${index}`,
      ...(index === 0 ? { transformer: 'T-1' } : {}),
      ...(index >= 12 ? { territory: FREE_REGION } : {}),
    })),
  );
  await scored(
    db,
    client,
    [...points.values()].map((meteringPointId, index) => ({
      meteringPointId,
      asOf: ASOF,
      // Odd ones are likelier than the threshold of the second look.
      evidence: {
        place: -2,
        'base-load': index % 2 === 0 ? 2.5 : 4,
        'step-up': 1 + index / 100,
        heating: -0.4,
      },
      monthKwh: 2000 + index * 500,
      since: ASOF - 20 - index,
    })),
    NOW,
  );
  north = await cases.worker('inspector', 'north');
  north2 = await cases.worker('inspector', 'north');
  northChief = await cases.worker('supervisor', 'north');
  southChief = await cases.worker('supervisor', 'south');
  auditor = withKey(cases.app, await mintKey(db, 'auditor'));
});
afterAll(() => cases.stop());

interface CaseRow {
  readonly id: number;
  readonly version: number;
  readonly state: string;
  readonly inspector: number | null;
}

const caseOf = async (index: number): Promise<CaseRow> => {
  const { rows } = await cases.client.query(
    'select id, version, state, inspector_id as inspector from case_file where metering_point_id = $1',
    [points.get(`P-${String(index).padStart(3, '0')}`)],
  );
  return rows[0];
};
/** Gives a case to somebody and answers it as they get it. */
const given = async (index: number, worker: Worker) => {
  const { id, version, inspector } = await caseOf(index);
  // The dealing may have given it to them.
  if (inspector === worker.id) return caseOf(index);
  await northChief.http
    .post(`/api/v1/cases/${id}/assignment`)
    .send({ version, inspector: worker.id })
    .expect(200);
  return caseOf(index);
};
/** As if the seconds to undo were over. */
const afterUndoTime = () =>
  cases.client.query(
    `update case_decision set seals_at = now() - interval '1 second' where sealed_at is null`,
  );

describe('places and rules', () => {
  it('say what holds where today, how many cases there are, and how much load is suspected', async () => {
    const { body } = await northChief.http.get('/api/v1/territories').expect(200);
    expect(body.items.map(({ code }: { code: string }) => code)).toEqual(['RU-DA', 'RU-MOS']);
    const [dagestan, moscow] = body.items;
    expect(dagestan).toMatchObject({
      name: { ru: 'Дагестан', en: 'Dagestan' },
      points: 12,
      cases: { open: 12, confirmed: 0, dismissed: 0 },
      rule: {
        ban: { status: 'banned', rule: { acts: [{ title: expect.stringContaining('1869') }] } },
        quota: { limit_kwh: 6000 },
      },
      today: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      unpaid_rub: 0,
    });
    // Flat energy of the last whole month of points worth a case: half of what they used.
    const kwh = Array.from({ length: 12 }, (_, index) => (2000 + index * 500) / 2).reduce((a, b) => a + b);
    expect(dagestan.suspected_mw.metered).toBeCloseTo(kwh / 730.5 / 1000, 3);
    expect(moscow).toMatchObject({ points: 2, rule: { ban: { status: 'free' } } });
    const { body: municipal } = await auditor.get('/api/v1/territories?level=territory').expect(200);
    expect(municipal.items).toHaveLength(2);
  });

  it('are for whoever works on cases; the rules for everybody who is judged by them', async () => {
    const operator = await cases.worker('operator');
    await operator.http.get('/api/v1/territories').expect(403);
    const { body } = await operator.http.get('/api/v1/rules').expect(200);
    expect(body).toMatchObject({ version: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(body.rules.map(({ id }: { id: string }) => id)).toContain('RU-QUOTA-6000');
  });
});

describe('the queue', () => {
  it('shows an inspector nothing until something is dealt, an auditor everything, and a stranger the door', async () => {
    expect((await north.http.get('/api/v1/cases').expect(200)).body.items).toEqual([]);
    const { body } = await auditor.get('/api/v1/cases?limit=100').expect(200);
    expect(body.items).toHaveLength(POINTS);
    expect(body.items[0]).toMatchObject({
      state: 'new',
      state_name: { ru: 'Новое', en: 'New' },
      kind: 'mining_suspected',
      why: [{ ru: expect.any(String), en: expect.any(String) }, expect.anything()],
    });
    await asPerson(cases.app, { token: 'x'.repeat(43) })
      .get('/api/v1/cases')
      .expect(401);
  });

  it.each([1, 4, 100])('pages of %i show each case once, the likeliest first', async (limit) => {
    const seen: { id: number; score: number }[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Response = await auditor
        .get(`/api/v1/cases?limit=${limit}${cursor && `&cursor=${cursor}`}`)
        .expect(200);
      seen.push(...page.body.items);
      cursor = page.body.next_cursor;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(POINTS);
    expect(seen.map(({ score }) => score)).toEqual(seen.map(({ score }) => score).sort((a, b) => b - a));
  });

  it.each([
    ['territory=RU-MOS', `territory_code = 'RU-MOS'`],
    ['min_score=0.9', 'score >= 0.9'],
    ['min_kwh=6000', 'month_kwh >= 6000'],
    [`since=${isoFromDay(ASOF - 25)}`, `since >= '${isoFromDay(ASOF - 25)}'`],
    [
      'text=p-01',
      `id in (select c.id from case_file c join metering_point p on p.id = c.metering_point_id
      where p.external_id like 'P-01%')`,
    ],
    ['text=013', `metering_point_id = (select id from metering_point where external_id = 'P-013')`],
    ['text=t-1', 'transformer_id is not null'],
    [
      `text=${encodeURIComponent(`h-3 p-003`)}`,
      `metering_point_id = (select id from metering_point where external_id = 'P-003')`,
    ],
    ['min_kwh=4000&min_score=0.9', 'month_kwh >= 4000 and score >= 0.9'],
  ])('filters by %s', async (query, where) => {
    const { body } = await auditor.get(`/api/v1/cases?limit=100&sort=newest&${query}`).expect(200);
    const { rows } = await cases.client.query<{ id: number }>(
      `select id from case_file where ${where} order by id desc`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThan(POINTS);
    expect(body.items.map(({ id }: { id: number }) => id)).toEqual(rows.map(({ id }) => id));
  });

  it.each([
    'state=open',
    'min_score=2',
    'since=2026-02-31',
    'limit=0',
    'cursor=abc',
    'colour=red',
    'text=a%00',
  ])('refuses ?%s', async (query) => {
    await auditor.get(`/api/v1/cases?${query}`).expect(400);
  });

  it.each([`it's`, `a' | 'b`, `a\\`, `':*`, '& !', '<->'])(
    'takes %j as words and not as a query',
    async (text) => {
      const { body } = await auditor.get(`/api/v1/cases?text=${encodeURIComponent(text)}`).expect(200);
      expect(body.items).toEqual([]);
    },
  );
});

describe('dealing', () => {
  it('is by a seed that is kept with everything it was drawn from, and fills no queue beyond its limit', async () => {
    const operator = await cases.worker('operator');
    for (const { id } of [north, north2])
      await operator.http
        .put(`/api/v1/cases/workers/${id}`)
        .send({ organisation: 'north', queue_limit: 2 })
        .expect(204);
    const { body } = await northChief.http.post('/api/v1/cases/dealing').expect(201);
    expect(body).toMatchObject({
      seed: expect.stringMatching(/^.{16,}$/),
      deals: { length: 4 },
      undealt: { length: POINTS - 4 },
    });
    expect(body.undealt[0].why).toBe('queues_full');
    const { rows } = await cases.client.query('select seed, actor, dealt, input from case_dealing');
    expect(rows).toMatchObject([{ seed: body.seed, actor: `person ${northChief.id}`, dealt: 4 }]);
    expect(rows[0].input.cases).toHaveLength(POINTS);
    for (const change of [`update case_dealing set seed = '1'`, 'delete from case_dealing'])
      await expect(cases.client.query(change)).rejects.toThrow('never changed or removed');
    const mine = await north.http.get('/api/v1/cases').expect(200);
    expect(mine.body.items).toHaveLength(2);
    expect(mine.body.items[0]).toMatchObject({ state: 'dealt', inspector: { id: north.id } });
    await operator.http.put(`/api/v1/cases/workers/${north.id}`).send({ organisation: 'north' }).expect(204);
    await operator.http
      .put(`/api/v1/cases/workers/${north2.id}`)
      .send({ organisation: 'north', away: true })
      .expect(204);
    const { body: workers } = await northChief.http.get('/api/v1/cases/workers').expect(200);
    expect(workers.items).toMatchObject([
      { id: north.id, holds: 2, away: false },
      { id: north2.id, holds: 2, away: true },
      { id: northChief.id },
    ]);
  });

  it('is nothing an inspector may do', async () => {
    await north.http.post('/api/v1/cases/dealing').send({}).expect(403);
  });

  it('shows another organisation’s supervisor nothing of it', async () => {
    const { body } = await southChief.http.get('/api/v1/cases?limit=100').expect(200);
    expect(body.items).toHaveLength(POINTS - 4);
    const { id } = (await north.http.get('/api/v1/cases')).body.items[0];
    await southChief.http.get(`/api/v1/cases/${id}`).expect(404);
    await north2.http.get(`/api/v1/cases/${id}`).expect(404);
    await northChief.http.get(`/api/v1/cases/${id}`).expect(200);
  });
});

describe('work on a case', () => {
  it('one who comes second is told what the first changed', async () => {
    const { id, version } = await given(4, north);
    await north.http.post(`/api/v1/cases/${id}/first-look`).send({ version }).expect(200);
    const { body } = await northChief.http
      .post(`/api/v1/cases/${id}/assignment`)
      .send({ version, inspector: north2.id })
      .expect(409);
    expect(body).toMatchObject({
      status: 409,
      changes: [
        {
          version: version + 1,
          step: 'taken_up',
          actor: `person ${north.id}`,
          sentence: { ru: expect.any(String) },
        },
      ],
    });
  });

  it('two at the same moment: one does it, the other hears of it', async () => {
    const { id, version } = await given(10, north);
    const answers = await Promise.all(
      [1, 2].map(() => north.http.post(`/api/v1/cases/${id}/first-look`).send({ version })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('a visit is booked, reported with findings and the household’s words, and shown', async () => {
    const { id, version } = await given(6, north);
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    const { body: booked } = await north.http
      .post(`/api/v1/cases/${id}/visits`)
      .send({ version, booked_for: soon })
      .expect(201);
    await north.http
      .post(`/api/v1/cases/${id}/decision`)
      .send({ version: booked.version, verdict: 'dismiss', reason: 'electric_heating' })
      .expect(422);
    const report = {
      findings: ['electric_heating'],
      explanation: 'Бойлер.',
      done_at: new Date().toISOString(),
    };
    await north.http
      .post(`/api/v1/cases/${id}/visits/${booked.visit}/report`)
      .send({ ...report, version: booked.version, findings: ['gold'] })
      .expect(400);
    const { body: reported } = await north.http
      .post(`/api/v1/cases/${id}/visits/${booked.visit}/report`)
      .send({ ...report, version: booked.version })
      .expect(201);
    const photograph = Buffer.concat([
      Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, 12]),
      Buffer.from('GPS 52.286'),
      Buffer.from([0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9]),
    ]);
    const { body: added } = await north.http
      .post(`/api/v1/cases/${id}/visits/${booked.visit}/photographs`)
      .set('content-type', 'image/jpeg')
      .send(photograph)
      .expect(201);
    await north.http
      .post(`/api/v1/cases/${id}/visits/${booked.visit}/photographs`)
      .set('content-type', 'image/jpeg')
      .send(Buffer.from('<svg/>'))
      .expect(422);
    const seen = await auditor.get(`/api/v1/cases/${id}/photographs/${added.sha256}`).buffer().expect(200);
    expect(seen.headers['content-type']).toBe('image/jpeg');
    expect(Buffer.from(seen.body)).toEqual(Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9]));
    await north2.http.get(`/api/v1/cases/${id}/photographs/${added.sha256}`).expect(404);
    const { body } = await north.http.get(`/api/v1/cases/${id}`).expect(200);
    expect(body).toMatchObject({
      state: 'needs_visit',
      version: reported.version,
      visits: [
        {
          explanation: 'Бойлер.',
          findings: [{ finding: 'electric_heating', sentence: { ru: 'Электроотопление' } }],
          photographs: [{ sha256: added.sha256, bytes: 11 }],
        },
      ],
    });
  });

  it('comments, tags and links', async () => {
    const [one, other] = [await given(8, north), await given(9, north)];
    await north.http
      .post(`/api/v1/cases/${one.id}/comments`)
      .send({ words: 'Похоже на соседний дом.' })
      .expect(201);
    await north.http
      .post(`/api/v1/cases/${one.id}/links`)
      .send({ to: other.id, words: 'Один хозяин.' })
      .expect(201);
    await north.http.post(`/api/v1/cases/${other.id}/links`).send({ to: one.id }).expect(409);
    await north.http
      .post(`/api/v1/cases/tags`)
      .send({ ids: [one.id, other.id], add: ['гараж'] })
      .expect(200);
    const { body } = await north.http.get(`/api/v1/cases/${other.id}`).expect(200);
    expect(body).toMatchObject({ tags: ['гараж'], links: [{ id: one.id, words: 'Один хозяин.' }] });
    const tagged = await north.http.get(`/api/v1/cases?tag=${encodeURIComponent('гараж')}`).expect(200);
    expect(tagged.body.items).toHaveLength(2);
    await north.http.delete(`/api/v1/cases/${one.id}/links/${other.id}`).expect(204);
    const { body: after } = await north.http.get(`/api/v1/cases/${one.id}`).expect(200);
    expect(after).toMatchObject({
      links: [],
      comments: [{ words: 'Похоже на соседний дом.', name: 'Test inspector' }],
    });
    const { rows } = await cases.client.query<{ body: string }>(
      `select body from audit_entry where kind = 'case.commented' and subject = $1`,
      [`case:${one.id}`],
    );
    expect(rows).toMatchObject([{ body: expect.stringContaining('words_sha256') }]);
    expect(rows[0].body).not.toContain('соседний');
    const steps = after.history.map(({ step }: { step: string }) => step);
    expect(steps.slice(-3)).toEqual(['linked', 'tagged', 'unlinked']);
  });

  it('bulk actions are all or nothing, and none of them decides', async () => {
    const mine = await given(2, north);
    await north.http
      .post('/api/v1/cases/tags')
      .send({ ids: [mine.id, 999_999], add: ['x'] })
      .expect(404);
    expect(await caseOf(2)).toEqual(mine);
    await north.http.post('/api/v1/cases/decision').send({}).expect(404);
  });

  it('saved views are one’s own', async () => {
    const view = { name: 'Мои', filter: { state: 'dealt,first_look', min_score: '0.9', sort: 'kwh' } };
    const { body } = await north.http.post('/api/v1/cases/views').send(view).expect(201);
    await north.http
      .post('/api/v1/cases/views')
      .send({ ...view, filter: { colour: 'red' } })
      .expect(400);
    expect((await north.http.get('/api/v1/cases/views')).body.items).toMatchObject([view]);
    expect((await north2.http.get('/api/v1/cases/views')).body.items).toEqual([]);
    await north2.http.delete(`/api/v1/cases/views/${body.id}`).expect(404);
    await north.http.delete(`/api/v1/cases/views/${body.id}`).expect(204);
  });
});

describe('a decision', () => {
  const decide = (worker: Worker, id: number, version: number, verdict: string, reason: string) =>
    worker.http.post(`/api/v1/cases/${id}/decision`).send({ version, verdict, reason });

  it('can be undone until it is sealed, and nobody works on the case meanwhile', async () => {
    const { id, version } = await given(0, north);
    const made = await decide(north, id, version, 'confirm', 'mining_found').expect(201);
    expect(made.body.leads_to).toBe('confirmed');
    expect(new Date(made.body.seals_at).getTime() - Date.now()).toBeLessThanOrEqual(10_000);
    expect((await north.http.get(`/api/v1/cases/${id}`)).body).toMatchObject({
      state: 'first_look',
      decision: { verdict: 'confirm', reason: 'mining_found' },
      transformer_context: { code: 'T-1' },
    });
    await northChief.http
      .post(`/api/v1/cases/${id}/assignment`)
      .send({ version: made.body.version, inspector: north2.id })
      .expect(409);
    await northChief.http.delete(`/api/v1/cases/${id}/decision`).expect(403);
    await north.http.delete(`/api/v1/cases/${id}/decision`).expect(200);
    await north.http.delete(`/api/v1/cases/${id}/decision`).expect(409);
    const again = await caseOf(0);
    await decide(north, id, again.version, 'confirm', 'mining_found').expect(201);
    await afterUndoTime();
    const { body } = await north.http.get(`/api/v1/cases/${id}`).expect(200);
    expect(body).toMatchObject({ state: 'confirmed', decision: null, decisions: [{ verdict: 'confirm' }] });
    await north.http.delete(`/api/v1/cases/${id}/decision`).expect(409);
    const { rows } = await cases.client.query(
      `select outcome, source from inspection_outcome where metering_point_id = $1`,
      [points.get('P-000')],
    );
    expect(rows).toEqual([{ outcome: 'confirmed', source: 'cases' }]);
  });

  it('is sealed without anybody asking', async () => {
    const { id, version } = await given(12, north);
    await decide(north, id, version, 'dismiss', 'vehicle_charging').expect(201);
    await afterUndoTime();
    for (let tries = 0; (await caseOf(12)).state !== 'dismissed'; tries++) {
      expect(tries).toBeLessThan(80);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  it('takes a fresh sign-in', async () => {
    const stale = await cases.worker('inspector', 'north', new Date(Date.now() - 3_600_000));
    const { id, version } = await given(13, stale);
    await decide(stale, id, version, 'confirm', 'mining_found').expect(403);
    expect(await caseOf(13)).toMatchObject({ version, state: 'dealt' });
  });

  it('to dismiss a likely one takes a supervisor of another organisation, who is not told the first opinion', async () => {
    const { id, version } = await given(11, north);
    const made = await decide(north, id, version, 'dismiss', 'vehicle_charging').expect(201);
    expect(made.body.leads_to).toBe('second_look');
    await afterUndoTime();
    const { body: theirs } = await southChief.http.get(`/api/v1/cases/${id}`).expect(200);
    expect(theirs).toMatchObject({ state: 'second_look', decision: null, decisions: [] });
    expect(JSON.stringify(theirs)).not.toContain('vehicle_charging');
    await decide(northChief, id, theirs.version, 'dismiss', 'electric_heating').expect(403);
    await decide(north, id, theirs.version, 'dismiss', 'electric_heating').expect(403);
    await decide(southChief, id, theirs.version, 'dismiss', 'electric_heating').expect(201);
    await afterUndoTime();
    const { body } = await auditor.get(`/api/v1/cases/${id}`).expect(200);
    expect(body).toMatchObject({
      state: 'dismissed',
      decisions: [{ made_by: north.id }, { made_by: southChief.id }],
    });
    await southChief.http.get(`/api/v1/cases/${id}`).expect(404);
  });

  it('is nobody’s whose case it is not, and no key’s', async () => {
    const { id, version } = await given(1, north);
    await decide(north2, id, version, 'confirm', 'mining_found').expect(404);
    await decide(northChief, id, version, 'confirm', 'mining_found').expect(403);
    const key = withKey(cases.app, await mintKey(cases.db, 'inspector'));
    await key
      .post(`/api/v1/cases/${id}/decision`)
      .send({ version, verdict: 'confirm', reason: 'other' })
      .expect(403);
    await key.post(`/api/v1/cases/${id}/first-look`).send({ version }).expect(403);
    await auditor.post(`/api/v1/cases/${id}/first-look`).send({ version }).expect(403);
    const utility = withKey(cases.app, await mintKey(cases.db, 'utility'));
    await utility.get('/api/v1/cases').expect(403);
    await utility.get(`/api/v1/cases/${id}`).expect(403);
  });
});

describe('the page of a case', () => {
  it('gives reasons whose weights add up to the score, the rule with its act, and months by tariff band', async () => {
    const { id } = await caseOf(3);
    const { body } = await auditor.get(`/api/v1/cases/${id}`).expect(200);
    const sum = body.reasons.reduce((total: number, each: { log_odds: number }) => total + each.log_odds, 0);
    expect(body.log_odds).toBeCloseTo(sum, 12);
    expect(1 / (1 + Math.exp(-sum))).toBeCloseTo(body.score, 9);
    expect(body.alert_score).toBe(body.score);
    expect(body).toMatchObject({
      metering_point: 'P-003',
      territory: { code: 'RU-DA', name: { ru: 'Дагестан' } },
      notice: { en: expect.stringContaining('never mining') },
      rule: {
        ban: { status: 'banned', rule: { id: 'RU-DA-BAN-2025', acts: [{ number: '1869' }] } },
        quota: { limit_kwh: 6000, rule: { acts: [{ number: '221-ФЗ' }, { number: '1469' }] } },
      },
      months: [{ metered_kwh: 3500, limit_kwh: 6000, coverage_ratio: 1, exceeded: false }],
      alert_history: [{ to_state: 'pending' }, { to_state: 'firing', sentence: { ru: expect.any(String) } }],
    });
    const [month] = body.months;
    expect(month.bands.reduce((total: number, { kwh }: { kwh: number }) => total + kwh, 0)).toBeCloseTo(
      3500,
      9,
    );
    expect(month.bands[0]).toMatchObject({ from_kwh: 0, to_kwh: 3900, kwh: 3500 });
  });

  it('of no case is 404', async () => {
    await auditor.get('/api/v1/cases/999999').expect(404);
    await auditor.get('/api/v1/cases/abc').expect(400);
  });
});

describe('the curve of a case', () => {
  const floats = ({ base64 }: { base64: string }) => {
    const bytes = Buffer.from(base64, 'base64');
    return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
  };
  const from = ASOF - 40;

  beforeAll(async () => {
    const neighbours = await addPoints(
      cases.client,
      Array.from({ length: 8 }, (_, index) => ({ externalId: `N-${index}` })),
    );
    const loads = new Map([...neighbours.values()].map((id, index) => [id, home(index)]));
    const miner = withRigs(home(99), { kw: 3, onset: ASOF - 20 });
    // One hour is missing.
    loads.set(points.get('P-005')!, (day, hour) => (day === from && hour === 2 ? NaN : miner(day, hour)));
    await storeLoads(cases.client, loads, { from, to: ASOF, now: NOW });
    await storeWeather(cases.client, from, ASOF);
  });

  it('gives the load, its gaps, the neighbours’ band, temperature, the quota’s pace and the onset', async () => {
    const { id } = await caseOf(5);
    const { body } = await auditor
      .get(`/api/v1/cases/${id}/curve?from=${isoFromDay(from)}&to=${isoFromDay(ASOF)}`)
      .expect(200);
    expect(body).toMatchObject({ minutes: 60, offset_minutes: 180, zone: 'Europe/Moscow' });
    const kwh = floats(body.kwh);
    expect(kwh).toHaveLength(40 * 24);
    expect(kwh[2]).toBeNaN();
    expect([...Buffer.from(body.quality.base64, 'base64').subarray(0, 4)]).toEqual([0, 0, 255, 0]);
    const [low, high] = [floats(body.neighbours.p10_kwh), floats(body.neighbours.p90_kwh)];
    expect(body.neighbours.points).toBe(8);
    const at = 35 * 24 + 3;
    expect(low[at]).toBeLessThan(high[at]);
    expect(kwh[at]).toBeGreaterThan(high[at] + 2);
    expect(floats(body.temperature.celsius)).toHaveLength(40 * 24);
    expect(body.quota[1]).toEqual({ month: '2026-02-01', limit_kwh: 6000, kwh_per_slot: 6000 / (28 * 24) });
    expect(body.onset).toEqual({ since: '2026-02-04', from: '2026-02-04', to: '2026-02-04' });
  });

  it('by the day adds up to the same energy', async () => {
    const { id } = await caseOf(5);
    const span = `from=${isoFromDay(from + 1)}&to=${isoFromDay(ASOF)}`;
    const byHour = await auditor.get(`/api/v1/cases/${id}/curve?${span}&resolution=hour`).expect(200);
    const byDay = await auditor.get(`/api/v1/cases/${id}/curve?${span}&resolution=day`).expect(200);
    const days = floats(byDay.body.kwh);
    expect(days).toHaveLength(39);
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(days)).toBeCloseTo(sum(floats(byHour.body.kwh)), 2);
    expect(byDay.body.neighbours.minutes).toBe(1440);
    expect(floats(byDay.body.temperature.celsius)).toHaveLength(39);
  });

  it('without a span is the last year of what is stored; of nothing stored it is empty', async () => {
    const { body } = await auditor.get(`/api/v1/cases/${(await caseOf(5)).id}/curve`).expect(200);
    expect([body.from, body.to]).toEqual([isoFromDay(ASOF - 365), isoFromDay(ASOF)]);
    const bare = await auditor.get(`/api/v1/cases/${(await caseOf(7)).id}/curve`).expect(200);
    expect(floats(bare.body.kwh).every(Number.isNaN)).toBe(true);
  });

  it('is nobody’s whose case it is not', async () => {
    await southChief.http.get(`/api/v1/cases/${(await caseOf(11)).id}/curve`).expect(404);
  });
});

/** More by `npm run torture`, as of the log itself. */
const TRIALS = Number(process.env.TAMPERINGS ?? 200);

describe('the records of all this', () => {
  let superuser: Client;
  let fault: (client: Client) => Promise<Fault | null>;

  beforeAll(async () => {
    const { client, db } = cases;
    superuser = await superuserOf(db);
    const { id } = await caseOf(0);
    const point = points.get('P-000')!;
    await auditor.post(`/api/v1/metering-points/${point}/disclosures`).send({ reason: 'a test' }).expect(201);
    const { body: complaint } = await northChief.http
      .post('/api/v1/integrity/complaints')
      .send({ case: id, received_at: new Date().toISOString(), words: 'Мы не майним.' })
      .expect(201);
    await southChief.http
      .post(`/api/v1/integrity/complaints/${complaint.id}/answer`)
      .send({ upheld: true, answer: 'Да.' })
      .expect(204);
    await northChief.http
      .post('/api/v1/integrity/outside-disclosures')
      .send({
        metering_point: point,
        recipient: 'МВД',
        legal_basis: 'ст. 13 ФЗ «О полиции»',
        request: '№ 1 от 2026-03-01',
        content: 'load of a month',
      })
      .expect(201);
    const until = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
    const { body: proposal } = await northChief.http
      .post('/api/v1/proposals')
      .send({
        kind: 'point.whitelist',
        change: { metering_point: point, until },
        reason: 'a contract was shown',
      })
      .expect(201);
    await southChief.http
      .post(`/api/v1/proposals/${proposal.id}/agreement`)
      .send({ change_sha256: proposal.change_sha256 })
      .expect(200);
    const gone = await signIn(db, 'inspector');
    await blockPerson(db.dataSource, { login: gone.login, by: 'test', now: new Date() });
    const key = await mintKey(db, 'operator');
    await revokeKey(db.dataSource, { prefix: key.split('_')[1], by: 'test', now: new Date() });
    fault = await recordsSaid(client);
  }, 60_000);
  afterAll(() => superuser.end());

  it('are what the audit log says of them', async () => {
    expect(await inSnapshot(superuser, () => fault(superuser))).toBeNull();
  });

  it.each(RECORD_TAMPERINGS)(
    '%s: is found and named',
    async (_, statement, of) => {
      for (let trial = 0; trial < Math.ceil(TRIALS / RECORD_TAMPERINGS.length); trial++) {
        await superuser.query('begin');
        try {
          await superuser.query(`set local session_replication_role = 'replica'`);
          await superuser.query('select setseed($1)', [(trial % 1000) / 1000]);
          await tamper(superuser, statement);
          const found = await fault(superuser);
          expect({ trial, ...found }).toMatchObject({ trial, sentence: expect.stringContaining(of) });
        } finally {
          await superuser.query('rollback');
        }
      }
    },
    20_000 + TRIALS * 10,
  );
});
