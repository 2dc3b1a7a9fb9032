import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { expireProposals, propose } from '../../src/approvals/proposals.js';
import { proposeOrApply } from '../../src/approvals/propose-or-apply.js';
import { inAuditedTransaction } from '../../src/audit/audited-transaction.js';
import { lapseSecondLooks } from '../../src/cases/lapse-second-looks.js';
import { caseScoreInForce } from '../../src/detection/case-threshold.js';
import { STARTING_SET } from '../../src/detection/learning/domain/weight-set.js';
import { activeWeights, noteShadowRun } from '../../src/detection/learning/weight-sets.js';
import { weightsAdoption } from '../../src/detection/learning/weights-adoption.js';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { registryEdit } from '../../src/grid/point-changes.js';
import { changeTo, putInForce, rulebookChange } from '../../src/rulebook/rulebook-change.js';
import { loadRulebook, parseRulebook } from '../../src/rulebook/rulebook-file.js';
import { recordedRulebook } from '../../src/rulebook/rulebook-record.js';
import { ingestFile } from '../../src/uploads/ingest-file.js';
import { eraseHousehold } from '../../src/uploads/erase-household.js';
import { addPoints, seedRegistry } from '../detection/synthetic-points.js';
import { asPerson, mintKey, withKey } from '../support/access.js';
import { CasesApp, type Worker } from './cases-app.js';
import { scored } from './suspicions.js';

const ASOF = dayFromIso('2026-03-01')!;
const NOW = new Date('2026-03-02T00:00:00Z');
const REASON = 'the household has shown its contract';
const PATH = '/api/v1/proposals';

let cases: CasesApp;
let points: number[];
let alone: { proposal: number | null };
let north: Worker;
let northTwo: Worker;
let south: Worker;
let operator: Worker;

beforeAll(async () => {
  cases = await CasesApp.start();
  const { client, db } = cases;
  await seedRegistry(client);
  const added = await addPoints(
    client,
    Array.from({ length: 6 }, (_, index) => ({ externalId: `P-${index}`, household: `H-${index}` })),
  );
  points = [...added.values()];
  alone = await inAuditedTransaction(client, () => fromCommandLine(points[5], 1));
  north = await cases.worker('supervisor', 'north');
  northTwo = await cases.worker('supervisor', 'north');
  south = await cases.worker('supervisor', 'south');
  operator = await cases.worker('operator', 'service');
  await scored(
    db,
    client,
    points.map((meteringPointId, index) => ({
      meteringPointId,
      asOf: ASOF,
      evidence: { place: -2, 'base-load': 1.4, 'step-up': 0.6 + index / 10 },
      kind: 'none',
    })),
    NOW,
  );
});
afterAll(() => cases.stop());

async function fromCommandLine(point: number, kilowatts: number) {
  const proposer = { actor: 'command-line', personId: null, organisation: '', utilityId: null };
  const prepared = await registryEdit.prepare(
    cases.client,
    { metering_point: point, set: { declared_load_kw: kilowatts } },
    proposer,
    NOW,
  );
  return proposeOrApply(cases.client, registryEdit, prepared, {
    by: proposer,
    reason: REASON,
    now: new Date(),
    days: 14,
  });
}

const declared = async (point: number) => {
  const { rows } = await cases.client.query<{ kw: number | null }>(
    'select declared_load_kw as kw from metering_point where id = $1',
    [point],
  );
  return rows[0].kw;
};
const entriesOf = async (id: number) => {
  const { rows } = await cases.client.query<{ kind: string; actor: string; body: string }>(
    `select kind, actor_kind || ' ' || actor_id as actor, body from audit_entry where subject = $1 order by seq`,
    [`proposal:${id}`],
  );
  return rows;
};
const declaring = (worker: Worker, point: number, kilowatts = 5) =>
  worker.http.post(PATH).send({
    kind: 'point.edit',
    change: { metering_point: point, set: { declared_load_kw: kilowatts, declared_purpose: 'workshop' } },
    reason: REASON,
  });
const seen = ({ body }: Response) => ({ change_sha256: body.change_sha256 as string });

describe('a change that takes two', () => {
  it('is made when somebody of another organisation agrees, who has not seen who wants it nor why', async () => {
    const proposal = await declaring(north, points[0]).expect(201);
    const { id } = proposal.body;
    expect(proposal.body).toMatchObject({ state: 'open', mine: true, may_decide: false });
    expect(await declared(points[0])).toBeNull();
    const shown = await south.http.get(`${PATH}/${id}`).expect(200);
    expect(shown.body).toMatchObject({
      may_decide: true,
      first_opinion: null,
      summary: { was: { declared_load_kw: null }, becomes: { declared_load_kw: 5 } },
    });
    expect(JSON.stringify(shown.body)).not.toContain(REASON);
    await north.http.post(`${PATH}/${id}/agreement`).send(seen(proposal)).expect(403);
    await northTwo.http.post(`${PATH}/${id}/agreement`).send(seen(proposal)).expect(403);
    expect(await declared(points[0])).toBeNull();
    const agreed = await south.http.post(`${PATH}/${id}/agreement`).send(seen(proposal)).expect(200);
    expect(agreed.body).toMatchObject({ state: 'applied', first_opinion: { reason: REASON } });
    expect(await declared(points[0])).toBe(5);
    expect(await entriesOf(id)).toEqual([
      expect.objectContaining({ kind: 'change.proposed', actor: `person ${north.id}` }),
      expect.objectContaining({
        kind: 'change.agreed',
        actor: `person ${south.id}`,
        body: expect.stringContaining('declared_load_kw'),
      }),
    ]);
    const reasonSha = createHash('sha256').update(REASON).digest('hex');
    expect((await entriesOf(id))[0].body).toContain(reasonSha);
  });

  it('is made once, however many agree at the same moment', async () => {
    const proposal = await declaring(north, points[1]).expect(201);
    const others = await Promise.all([
      cases.worker('supervisor', 'east'),
      cases.worker('supervisor', 'west'),
      cases.worker('operator', 'far'),
    ]);
    const answers = await Promise.all(
      [south, operator, ...others].map(({ http }) =>
        http.post(`${PATH}/${proposal.body.id}/agreement`).send(seen(proposal)),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    const kinds = (await entriesOf(proposal.body.id)).map(({ kind }) => kind);
    expect(kinds).toEqual(['change.proposed', 'change.agreed']);
    for (const { id } of others)
      await cases.client.query('update person set blocked_at = now() where id = $1', [id]);
  });

  it('is not made after a refusal, a withdrawal, or its time', async () => {
    const refused = await declaring(north, points[2]).expect(201);
    await south.http.post(`${PATH}/${refused.body.id}/refusal`).send(seen(refused)).expect(400);
    await south.http
      .post(`${PATH}/${refused.body.id}/refusal`)
      .send({ ...seen(refused), words: 'the contract is of another house' })
      .expect(200);
    await operator.http.post(`${PATH}/${refused.body.id}/agreement`).send(seen(refused)).expect(409);
    const withdrawn = await declaring(north, points[2]).expect(201);
    await declaring(south, points[2]).expect(409);
    await south.http.delete(`${PATH}/${withdrawn.body.id}`).expect(403);
    await north.http.delete(`${PATH}/${withdrawn.body.id}`).expect(204);
    await south.http.post(`${PATH}/${withdrawn.body.id}/agreement`).send(seen(withdrawn)).expect(409);
    const late = await inAuditedTransaction(cases.client, () =>
      propose(
        cases.client,
        { subject: 'metering_point:0', change: { late: true }, summary: {} },
        {
          kind: 'point.edit',
          by: { actor: `person ${north.id}`, personId: north.id, organisation: 'north' },
          reason: REASON,
          now: new Date(Date.now() - 15 * 86_400_000),
          days: 14,
        },
      ),
    );
    const { body } = await south.http.get(`${PATH}/${late}`).expect(200);
    expect(body.may_decide).toBe(false);
    const answer = await south.http
      .post(`${PATH}/${late}/agreement`)
      .send({ change_sha256: body.change_sha256 });
    expect([answer.status, answer.body.detail]).toEqual([409, expect.stringContaining('expired')]);
    await inAuditedTransaction(cases.client, () => expireProposals(cases.client, new Date()));
    expect((await south.http.get(`${PATH}/${late}`)).body.state).toBe('expired');
    expect(await declared(points[2])).toBeNull();
  });

  it('is agreed to as it was read, and not when the row has changed since', async () => {
    const proposal = await declaring(north, points[3]).expect(201);
    const path = `${PATH}/${proposal.body.id}/agreement`;
    await south.http
      .post(path)
      .send({ change_sha256: '0'.repeat(64) })
      .expect(409);
    await cases.client.query('update metering_point set declared_load_kw = 1 where id = $1', [points[3]]);
    const { body } = await south.http.post(path).send(seen(proposal)).expect(422);
    expect(body.detail).toContain('changed since');
    expect((await south.http.get(`${PATH}/${proposal.body.id}`)).body.state).toBe('open');
  });

  it('takes a fresh sign-in, a person, and a role', async () => {
    const stale = await cases.worker('supervisor', 'south', new Date('2020-01-01'));
    const proposal = await declaring(north, points[4]).expect(201);
    const path = `${PATH}/${proposal.body.id}/agreement`;
    expect((await stale.http.post(path).send(seen(proposal)).expect(403)).body.reason).toBe('stale');
    await declaring(stale, points[3]).expect(403);
    const key = withKey(cases.app, await mintKey(cases.db, 'supervisor'));
    expect((await key.post(path).send(seen(proposal)).expect(403)).body.reason).toBe('stale');
    const inspector = await cases.worker('inspector', 'south');
    await inspector.http.post(path).send(seen(proposal)).expect(403);
    await inspector.http.get(PATH).expect(403);
  });

  it('is not agreed to by an account that the proposer has just set up, nor by who made the key it came with', async () => {
    const proposal = await declaring(operator, points[5]).expect(201);
    const login = `new-${Date.now()}`;
    const made = await operator.http
      .post('/api/v1/people')
      .send({ login, name: 'New', role: 'supervisor', organisation: 'elsewhere' })
      .expect(201);
    const token = (made.body.path as string).split('=')[1];
    const session = await asPerson(cases.app, { token: 'x' }).post('/api/v1/session').send({ token });
    const cookie = /gridwarden-loopback=([^;]+)/.exec(String(session.headers['set-cookie']))![1];
    const { body } = await asPerson(cases.app, { token: cookie })
      .post(`${PATH}/${proposal.body.id}/agreement`)
      .send(seen(proposal))
      .expect(403);
    expect(body.detail).toContain('set up your account');
    await cases.client.query(
      `update api_key set owner = 'mine', created_by = $1 where owner like 'test-supervisor%'`,
      [`person ${south.id}`],
    );
    const byKey = await inAuditedTransaction(cases.client, () =>
      propose(
        cases.client,
        { subject: 'metering_point:1', change: { x: 1 }, summary: {} },
        {
          kind: 'point.edit',
          by: { actor: 'key mine', personId: null, organisation: 'utility' },
          reason: REASON,
          now: new Date(),
          days: 14,
        },
      ),
    );
    const shown = await south.http.get(`${PATH}/${byKey}`).expect(200);
    expect(shown.body).toMatchObject({ may_decide: false, needed: 1 });
    expect((await north.http.get(`${PATH}/${byKey}`)).body.may_decide).toBe(true);
  });

  it('takes two people where the command line, which is nobody, proposes it; none while nobody signs in', async () => {
    expect(alone.proposal).toBeNull();
    expect(await declared(points[5])).toBe(1);
    const { rows } = await cases.client.query(`select from audit_entry where kind = 'change.made_alone'`);
    expect(rows).toHaveLength(1);
    const { proposal } = await inAuditedTransaction(cases.client, () => fromCommandLine(points[1], 7));
    const first = await north.http.get(`${PATH}/${proposal}`).expect(200);
    expect(first.body.needed).toBe(2);
    const path = `${PATH}/${proposal}/agreement`;
    expect((await north.http.post(path).send(seen(first)).expect(200)).body.state).toBe('open');
    expect((await north.http.post(path).send(seen(first))).status).toBe(403);
    expect((await northTwo.http.post(path).send(seen(first))).status).toBe(403);
    expect((await south.http.post(path).send(seen(first)).expect(200)).body.state).toBe('applied');
    expect(await declared(points[1])).toBe(7);
  });

  it('can’t be changed or removed in the database', async () => {
    for (const statement of [
      `update proposal set reason = 'x'`,
      `update proposal set state = 'open', ended_at = null where state = 'applied'`,
      `delete from proposal`,
      `update proposal_opinion set agrees = true`,
      `delete from proposal_opinion`,
      `update case_threshold set case_score = 0.1`,
    ])
      await expect(cases.client.query(statement)).rejects.toThrow(/never changed/);
  });
});

describe('the threshold', () => {
  it('says beforehand whom it would name, by heating and dwelling, and moves when another agrees', async () => {
    const { client } = cases;
    // Two kinds of evidence, as a case takes.
    await client.query(`update score set evidence = jsonb_set(evidence, '{2,kind}', '"change"')`);
    await client.query(`update metering_point set electric_heating = id % 2 = 0, tariff_category = 'flat'`);
    const asked = { kind: 'threshold.case_score', change: { case_score: 0.51 } };
    const preview = await north.http.post(`${PATH}/preview`).send(asked).expect(200);
    expect(preview.body.summary).toMatchObject({ was: 0.55, becomes: 0.51, named_now: 0 });
    const proposal = await north.http
      .post(PATH)
      .send({ ...asked, reason: REASON })
      .expect(201);
    expect(proposal.body.summary).toEqual(preview.body.summary);
    const { rows } = await client.query<{ between: number }>(
      'select count(*)::int as between from score where score >= 0.51 and score < 0.55',
    );
    expect(rows[0].between).toBeGreaterThan(0);
    expect(proposal.body.summary.more).toBe(rows[0].between);
    const groups: { electric_heating: boolean; named_then: number }[] = proposal.body.summary.by_home;
    expect(groups.reduce((sum, { named_then }) => sum + named_then, 0)).toBe(rows[0].between);
    expect(await caseScoreInForce(client)).toBe(0.55);
    await south.http.post(`${PATH}/${proposal.body.id}/agreement`).send(seen(proposal)).expect(200);
    expect(await caseScoreInForce(client)).toBe(0.51);
    await north.http
      .post(PATH)
      .send({ ...asked, change: { case_score: 0.4 } })
      .expect(400);
  });
});

describe('a registry file', () => {
  const load = async (...rows: readonly string[]) => {
    const { dataDir } = cases.service.config;
    const path = join(dataDir, 'registry.csv');
    await writeFile(path, `metering_point,territory,declared_load_kw\n${rows.join('\n')}\n`);
    const limits = { dataDir, uploadMaxBytes: 1e9, unpackedMaxBytes: 1e9, rejectedRowsKept: 100 };
    const { receipt } = await ingestFile(cases.db, limits, {
      path,
      kind: 'registry',
      utility: 'energo',
      zone: null,
    });
    return receipt;
  };
  const declaredOf = async (name: string) => {
    const { rows } = await cases.client.query<{ kw: number | null }>(
      `select declared_load_kw as kw from metering_point where external_id = $1`,
      [name],
    );
    return rows.map(({ kw }) => kw);
  };

  it('adds points at once, and changes known ones when two agree; a later file says it anew', async () => {
    expect(await load('R-1,RU-IRK,', 'R-2,RU-IRK,')).toMatchObject({
      status: 'loaded',
      counts: { stored: { created: 2 }, awaiting_agreement: 0 },
    });
    expect(await load('R-1,RU-IRK,15', 'R-2,RU-IRK,', 'R-3,RU-IRK,')).toMatchObject({
      status: 'loaded',
      counts: { stored: { created: 1, changed: 0 }, awaiting_agreement: 1 },
    });
    expect([await declaredOf('R-1'), await declaredOf('R-3')]).toEqual([[null], [null]]);
    await load('R-1,RU-IRK,20', 'R-2,RU-IRK,5');
    const { body } = await north.http.get(`${PATH}?state=open`).expect(200);
    const [waiting] = body.items.filter(({ kind }: { kind: string }) => kind === 'registry.upload');
    expect(waiting).toMatchObject({ needed: 2, summary: { rows: 2, columns: { declared_load_kw: 2 } } });
    expect(body.items.filter(({ kind }: { kind: string }) => kind === 'registry.upload')).toHaveLength(1);
    const path = `${PATH}/${waiting.id}/agreement`;
    const sha = { change_sha256: waiting.change_sha256 };
    await north.http.post(path).send(sha).expect(200);
    expect(await declaredOf('R-1')).toEqual([null]);
    expect((await south.http.post(path).send(sha).expect(200)).body.state).toBe('applied');
    expect([await declaredOf('R-1'), await declaredOf('R-2')]).toEqual([[20], [5]]);
    expect(
      (await cases.client.query('select from registry_change where upload_id = $1', [waiting.summary.upload]))
        .rowCount,
    ).toBe(0);
  });
});

/** The one and the other agree to what was proposed by nobody known; answers what became of it in between and at the end. */
async function bothAgree(id: number | null): Promise<string[]> {
  const shown = await north.http.get(`${PATH}/${id}`).expect(200);
  const path = `${PATH}/${id}/agreement`;
  const first = await north.http.post(path).send(seen(shown)).expect(200);
  const second = await south.http.post(path).send(seen(shown)).expect(200);
  return [first.body.state, second.body.state];
}

describe('erasing a household', () => {
  const asked = {
    utility: 'test',
    household: 'H-4',
    reason: REASON,
    actor: 'command-line',
    now: new Date(),
    days: 14,
  };
  const householdOf = async (id: number) => {
    const { rows } = await cases.client.query<{ household: string | null }>(
      'select household from metering_point where id = $1',
      [id],
    );
    return rows[0].household;
  };

  it('is done once two agree, to the household that was asked for', async () => {
    const { proposal } = await eraseHousehold(cases.client, asked);
    const shown = await north.http.get(`${PATH}/${proposal}`).expect(200);
    expect(shown.body).toMatchObject({ needed: 2, summary: { metering_points: ['P-4'] } });
    expect(JSON.stringify(shown.body)).not.toContain('H-4');
    expect(await householdOf(points[4])).toBe('H-4');
    expect(await bothAgree(proposal)).toEqual(['open', 'applied']);
    expect(await householdOf(points[4])).toBeNull();
    const { rows } = await cases.client.query(
      `select body::jsonb -> 'metering_point_ids' as ids from audit_entry where kind = 'household.erased'`,
    );
    expect(rows).toEqual([{ ids: [points[4]] }]);
  });

  it('is not done when the point has gone to another household since', async () => {
    const { utility, household } = { ...asked, household: 'H-3' };
    const shown = await north.http
      .post(PATH)
      .send({ kind: 'household.erase', change: { utility, household }, reason: REASON })
      .expect(201);
    await cases.client.query(`update metering_point set household = 'H-2' where id = $1`, [points[3]]);
    const path = `${PATH}/${shown.body.id}/agreement`;
    await north.http.post(path).send(seen(shown)).expect(403);
    const { body } = await south.http.post(path).send(seen(shown)).expect(422);
    expect(body.detail).toContain('changed since');
    expect(await householdOf(points[2])).toBe('H-2');
    await cases.client.query(`update metering_point set household = 'H-3' where id = $1`, [points[3]]);
  });
});

describe('a set of weights', () => {
  it('is in force once two agree, and can’t be proposed before it was run in shadow', async () => {
    const { client } = cases;
    const version = '00000000000000aa';
    await client.query(
      `insert into weight_set (version, origin, status, created_at, weights, prior_shift, settings, fitted_on, report)
       values ($1, 'fitted', 'shadow', now(), $2, 0.1, '{}', '{}', '{}')`,
      [version, JSON.stringify(STARTING_SET.weights)],
    );
    const proposer = { actor: 'command-line', personId: null, organisation: '', utilityId: null };
    const asked = { version, by: 'A. Ivanova', reason: REASON };
    const now = new Date();
    const prepare = () => weightsAdoption.prepare(client, asked, proposer, now);
    await expect(prepare()).rejects.toThrow(/shadow/);
    await noteShadowRun(client, { version, at: now, summary: { changed: 3 } });
    const { proposal } = await inAuditedTransaction(client, async () =>
      proposeOrApply(client, weightsAdoption, await prepare(), {
        by: proposer,
        reason: REASON,
        now,
        days: 14,
      }),
    );
    expect((await activeWeights(client))?.version).toBeUndefined();
    const shown = await north.http.get(`${PATH}/${proposal}`).expect(200);
    expect(shown.body.summary).toEqual({ version, shadow: { changed: 3 } });
    expect(await bothAgree(proposal)).toEqual(['open', 'applied']);
    const { rows } = await client.query(`select version from weight_set where status = 'active'`);
    expect(rows).toEqual([{ version }]);
  });
});

describe('a rulebook file', () => {
  it('that retires a rule is not judged by until two agree to this very file', async () => {
    const { client, db, service } = cases;
    const former = loadRulebook(service.config.rulebookFile);
    const changed = (change: (rule: { status: string; period: { from: string } | null }) => void) => {
      const text = JSON.parse(JSON.stringify(former.document)) as typeof former.document & {
        rules: { status: string; period: { from: string } | null }[];
      };
      change(text.rules.find(({ status, period }) => status === 'in_force' && period !== null)!);
      return parseRulebook(JSON.stringify(text), 'changed.json');
    };
    await putInForce(db, former);
    const rulebook = changed((rule) => (rule.status = 'withdrawn'));
    const another = changed(({ period }) => (period!.from = period!.from.replace(/^\d{4}/, '2018')));
    await expect(putInForce(db, rulebook)).rejects.toThrow(/nobody has agreed/);
    const { proposal } = await inAuditedTransaction(client, () =>
      proposeOrApply(
        client,
        rulebookChange,
        { subject: 'rulebook', change: changeTo(rulebook), summary: { version: rulebook.version } },
        {
          by: { actor: 'command-line', personId: null, organisation: '' },
          reason: REASON,
          now: new Date(),
          days: 14,
        },
      ),
    );
    await expect(putInForce(db, rulebook)).rejects.toThrow(/nobody has agreed/);
    expect(await bothAgree(proposal)).toEqual(['open', 'applied']);
    await expect(putInForce(db, another)).rejects.toThrow(/nobody has agreed/);
    await putInForce(db, rulebook);
    expect((await recordedRulebook(client))?.version).toBe(rulebook.version);
  });
});

describe('a whitelisted household', () => {
  it('gets no case until its day is over; then it does', async () => {
    const { client, db } = cases;
    const [point] = points;
    const until = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    const proposal = await north.http
      .post(PATH)
      .send({ kind: 'point.whitelist', change: { metering_point: point, until }, reason: REASON })
      .expect(201);
    await south.http.post(`${PATH}/${proposal.body.id}/agreement`).send(seen(proposal)).expect(200);
    const suspicions = points.map((meteringPointId) => ({
      meteringPointId,
      asOf: ASOF,
      evidence: { place: -2, 'base-load': 4, 'step-up': 2 },
      since: ASOF - 20,
    }));
    const casesOf = async (id: number) =>
      (await client.query('select from case_file where metering_point_id = $1', [id])).rowCount;
    await scored(db, client, suspicions, new Date());
    expect([await casesOf(point), await casesOf(points[1])]).toEqual([0, 1]);
    await scored(db, client, suspicions, new Date(Date.now() + 7 * 86_400_000));
    expect(await casesOf(point)).toBe(1);
  });
});

describe('a second look that nobody takes', () => {
  it('lapses: the dismissal takes no effect, and the case is dealt anew', async () => {
    const { client, app } = cases;
    const inspector = await cases.worker('inspector', 'north');
    const { rows } = await client.query<{ id: number; version: number; score: number }>(
      'select id, version, score from case_file where metering_point_id = $1',
      [points[2]],
    );
    const [{ id, version, score }] = rows;
    expect(score).toBeGreaterThan(0.8);
    await north.http
      .post(`/api/v1/cases/${id}/assignment`)
      .send({ version, inspector: inspector.id })
      .expect(200);
    await inspector.http
      .post(`/api/v1/cases/${id}/decision`)
      .send({ version: version + 1, verdict: 'dismiss', reason: 'electric_heating' })
      .expect(201);
    await client.query(
      `update case_decision set seals_at = now() - interval '1 second' where sealed_at is null`,
    );
    await north.http.get(`/api/v1/cases/${id}`);
    expect(await lapseSecondLooks(cases.db.dataSource, 14, new Date())).toBe(0);
    expect(await lapseSecondLooks(cases.db.dataSource, 14, new Date(Date.now() + 15 * 86_400_000))).toBe(1);
    const { rows: after } = await client.query('select state, inspector_id from case_file where id = $1', [
      id,
    ]);
    expect(after).toEqual([{ state: 'reopened', inspector_id: null }]);
    expect(app).toBeDefined();
  });
});
