import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inAuditedTransaction } from '../../src/audit/audited-transaction.js';
import type { FoundEntry } from '../../src/audit/domain/chain-check.js';
import { NOTE_KEY, signerKey } from '../../src/audit/domain/signed-note.js';
import { RECORD_SOURCES } from '../../src/audit/record-sources.js';
import { readPage } from '../../src/audit/read-log.js';
import { dealCases } from '../../src/cases/deal-cases.js';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { DrawCheck, DRAW_KINDS, type LogEntry } from '../../src/integrity/domain/check-draws.js';
import { commitPeriods } from '../../src/integrity/draw-periods.js';
import { isSecretOf } from '../../src/integrity/draw-secret.js';
import { drawEntry } from '../../src/integrity/draws.command.js';
import { openNextPeriod, seedKnownCases } from '../../src/integrity/open-draws.js';
import { superuserOf } from '../support/database.js';
import { recordsSaid } from '../cases/record-tampering.js';
import { CasesApp, type Worker } from '../cases/cases-app.js';
import { scored } from '../cases/suspicions.js';
import { addPoints, addTransformers, seedRegistry } from '../detection/synthetic-points.js';

const ASOF = dayFromIso('2026-03-01')!;
const POINTS = 24;
/** Households of which nothing is suspected at first. */
const QUIET = 20;
const FRESH = 8;
const DAY_MS = 86_400_000;
const KEY = signerKey('test.example/log', NOTE_KEY, randomBytes(32));
const SETTINGS = {
  drawDays: 7,
  beacon: 'http://beacon.invalid/{unix}',
  // All of them: what is drawn is tested apart from how many are.
  shares: { dismissals: 1, confirmations: 1, seeded: 1, visits: 1 },
};

let cases: CasesApp;
let inspectors: Worker[];
let points: number[];
const start = new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS);
const later = (days: number) => new Date(start.getTime() + days * DAY_MS);

beforeAll(async () => {
  cases = await CasesApp.start();
  const { client, db } = cases;
  await seedRegistry(client);
  await addTransformers(client, ['T-1']);
  const added = await addPoints(
    client,
    Array.from({ length: POINTS + QUIET }, (_, index) => ({
      externalId: `P-${String(index).padStart(4, '0')}`,
      household: `H-${index}`,
    })),
  );
  points = [...added.values()];
  await client.query(
    `insert into household_identity (metering_point_id, consumer_name) select id, 'N' from metering_point`,
  );
  inspectors = [await cases.worker('inspector', 'north'), await cases.worker('inspector', 'south')];
  await scored(
    db,
    client,
    points.slice(0, POINTS).map((meteringPointId) => ({
      meteringPointId,
      asOf: ASOF,
      evidence: { place: -2, 'base-load': 2.5, 'step-up': 0.2 },
      since: ASOF - 20,
    })),
    start,
  );
});
afterAll(() => cases.stop());

const change = <T>(work: () => Promise<T>) => inAuditedTransaction(cases.client, work);
const deal = (now: Date) =>
  change(() =>
    dealCases(cases.client, { by: { actor: 'dealing', personId: null }, now, organisation: null }),
  );

/** Decides everything that is dealt, with a visit done before; half of it each way. */
async function decideAll(at: Date): Promise<number> {
  const { client } = cases;
  const { rows } = await client.query<{ id: number; version: number; inspector: number }>(
    `select id, version, inspector_id as inspector from case_file where state = 'dealt' order by id`,
  );
  for (const { id, version, inspector } of rows) {
    const { http } = inspectors.find((each) => each.id === inspector)!;
    await client.query(
      `insert into case_visit (case_id, booked_for, booked_at, booked_by, done_at, reported_at, reported_by, findings)
       values ($1, $2, $2, 'test', $2, $2, 'test', '{nothing_unusual}')`,
      [id, at],
    );
    const opinion =
      id % 2 === 0
        ? { verdict: 'confirm', reason: 'mining_found' }
        : { verdict: 'dismiss', reason: 'electric_heating' };
    await http
      .post(`/api/v1/cases/${id}/decision`)
      .send({ version, ...opinion })
      .expect(201);
  }
  // Made and sealed at that time, as the history will say.
  await client.query(
    `update case_decision set made_at = $1, seals_at = $1 where sealed_at is null and undone_at is null`,
    [at],
  );
  const { sealDueDecisions } = await import('../../src/cases/seal-decisions.js');
  return sealDueDecisions(cases.db.dataSource, new Date(at.getTime() + 1000));
}

async function logEntries(): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  const take = ({ text }: FoundEntry) => {
    const entry = drawEntry(text, DRAW_KINDS);
    if (entry !== null) entries.push(entry);
  };
  for (let after: number | null = null; ;) {
    after = await readPage(cases.client, after, take);
    if (after === null) return entries;
  }
}

function checked(entries: readonly LogEntry[]) {
  const check = new DrawCheck();
  for (const entry of entries) check.take(entry);
  return check.periods((period, secret) => isSecretOf(KEY.verifier, period, secret));
}

const drawn = async (purpose: string) => {
  const { rows } = await cases.client.query<{ id: number; of: number; point: number }>(
    `select case_id as id, of_case_id as "of", metering_point_id as point from inspection_draw where purpose = $1
     order by case_id`,
    [purpose],
  );
  return rows;
};

describe('chance', () => {
  it('fixes the secret of a period before it begins, once, and tells it only afterwards', async () => {
    const quiet = { ...SETTINGS, shares: { ...SETTINGS.shares, visits: 0 } };
    for (const day of [-28, -28, -21, -14])
      await change(() => commitPeriods(cases.client, KEY, quiet, later(day)));
    for (;;) {
      const opened = await change(() =>
        openNextPeriod(cases.client, KEY, later(0.1), () => Promise.resolve('chance')),
      );
      if (opened === null) break;
    }
    const periods = checked(await logEntries());
    expect(periods.length).toBe(4);
    expect(periods.flatMap(({ faults }) => faults)).toEqual([]);
    const { rows } = await cases.client.query(
      `select from audit_entry where kind = 'draws.committed' group by subject having count(*) > 1`,
    );
    expect(rows).toEqual([]);
  });

  it('has decisions looked at again by somebody else, who cannot tell', async () => {
    const { client } = cases;
    await change(() => commitPeriods(client, KEY, SETTINGS, later(0)));
    await deal(later(0));
    await change(() => seedKnownCases(client, KEY, later(0)));
    expect(await drawn('seeded')).toEqual([]);
    const decided = await decideAll(later(0));
    expect(decided).toBe(POINTS);
    await change(() => commitPeriods(client, KEY, SETTINGS, later(8)));
    const beacons: string[] = [];
    const beaconOf = (address: string) => {
      beacons.push(address);
      return Promise.resolve('chance');
    };
    const opened = await change(() => openNextPeriod(client, KEY, later(8), beaconOf));
    expect(opened).toMatchObject({ reinspections: POINTS });
    expect(beacons[0]).toMatch(/^http:\/\/beacon\.invalid\/\d{10}$/);
    const again = await drawn('reinspection');
    expect(again).toHaveLength(POINTS);
    await deal(later(8));
    const { rows } = await client.query<{ id: number; inspector: number; first: number }>(
      `select d.case_id as id, c.inspector_id as inspector, o.inspector_id as first
       from inspection_draw d join case_file c on c.id = d.case_id join case_file o on o.id = d.of_case_id
       where d.purpose = 'reinspection'`,
    );
    for (const { inspector, first } of rows) expect(inspector).not.toBe(first);
    const [{ id, inspector }] = rows;
    const { http } = inspectors.find((each) => each.id === inspector)!;
    const { body } = await http.get(`/api/v1/cases/${id}`).expect(200);
    const [first] = again.filter((each) => each.id === id);
    expect(body).toMatchObject({ state: 'dealt', decisions: [], visits: [], comments: [], links: [] });
    expect(body.history.map(({ step }: { step: string }) => step)).toEqual(['opened', 'dealt']);
    expect(body.history[0].actor).toBe('scoring');
    expect(body.reasons.length).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toMatch(/reinspect|seeded|draw/);
    await http.get(`/api/v1/cases/${first.of}`).expect(404);
  });

  it('draws households whatever their score, and hands what is found to the arm without bias', async () => {
    const { client } = cases;
    const visits = await drawn('visit');
    expect(visits.length).toBeGreaterThan(0);
    const lot = visits.filter(({ point }) => points.indexOf(point) >= POINTS);
    expect(lot.length).toBeGreaterThan(0);
    const { rows } = await client.query(`select kind, state from case_file where id = $1`, [lot[0].id]);
    expect(rows).toEqual([{ kind: 'random_audit', state: 'dealt' }]);
    await decideAll(later(8));
    const { rows: outcomes } = await client.query<{ arm: string; p: number; point: number }>(
      `select arm, inclusion_probability as p, metering_point_id as point from inspection_outcome
       where arm = 'random_audit'`,
    );
    expect(outcomes.map(({ point }) => point).sort()).toEqual(visits.map(({ point }) => point).sort());
    for (const { p } of outcomes) expect(p).toBeCloseTo(visits.length / (POINTS + QUIET));
  });

  it('puts known cases into the queue that lead to no household, and count as none', async () => {
    const { client } = cases;
    await change(() => commitPeriods(client, KEY, SETTINGS, later(15)));
    await change(() => openNextPeriod(client, KEY, later(15), () => Promise.resolve('more chance')));
    // Three weeks after the first decisions these are known well enough.
    await change(() => commitPeriods(client, KEY, SETTINGS, later(22)));
    await change(() => openNextPeriod(client, KEY, later(22), () => Promise.resolve('yet more')));
    // New ones: of the quiet homes chance may have drawn every one by now.
    const fresh = await addPoints(
      client,
      Array.from({ length: FRESH }, (_, index) => ({ externalId: `N-${index}`, household: `N-${index}` })),
    );
    await scored(
      cases.db,
      client,
      [...fresh.values()].map((id) => ({ meteringPointId: id, asOf: ASOF, since: ASOF - 20 })),
      later(22),
    );
    await deal(later(22));
    const before = await client.query(`select from inspection_outcome`);
    await change(() => seedKnownCases(client, KEY, later(22)));
    const seeded = await drawn('seeded');
    expect(seeded.length).toBeGreaterThan(0);
    await deal(later(22));
    const { rows } = await client.query<{ id: number; inspector: number; version: number; source: string }>(
      `select c.id, c.inspector_id as inspector, c.version, p.external_id as source
       from inspection_draw d join case_file c on c.id = d.case_id
       join case_file o on o.id = d.of_case_id join metering_point p on p.id = o.metering_point_id
       where d.purpose = 'seeded' and c.state = 'dealt' order by c.id`,
    );
    expect(rows.length).toBeGreaterThan(1);
    const [visited, dismissed] = rows;
    const of = ({ inspector }: { inspector: number }) => inspectors.find(({ id }) => id === inspector)!.http;
    const { body } = await of(visited).get(`/api/v1/cases/${visited.id}`).expect(200);
    expect(JSON.stringify(body)).not.toContain(visited.source);
    expect(body.reasons.length).toBeGreaterThan(0);
    const point = body.point.id as number;
    const shown = await of(visited)
      .post(`/api/v1/metering-points/${point}/disclosures`)
      .send({ reason: 'x' });
    expect(shown.body).toMatchObject({ consumer_name: null, address: null });
    const asked = await of(visited)
      .post(`/api/v1/cases/${visited.id}/visit-request`)
      .send({ version: visited.version })
      .expect(200);
    const booked = await of(visited)
      .post(`/api/v1/cases/${visited.id}/visits`)
      .send({ version: asked.body.version, booked_for: later(30).toISOString() });
    expect([booked.status, booked.body.detail]).toEqual([
      expect.any(Number),
      expect.stringContaining('no household to visit'),
    ]);
    await of(dismissed)
      .post(`/api/v1/cases/${dismissed.id}/decision`)
      .send({ version: dismissed.version, verdict: 'dismiss', reason: 'electric_heating' })
      .expect(201);
    await client.query(
      `update case_decision set seals_at = now() - interval '1 second' where sealed_at is null`,
    );
    await of(dismissed).get(`/api/v1/cases/${dismissed.id}`);
    const state = await client.query('select state from case_file where id = $1', [dismissed.id]);
    expect(state.rows).toEqual([{ state: 'dismissed' }]);
    expect((await client.query(`select from inspection_outcome`)).rowCount).toBe(before.rowCount);
    const auditor = await cases.worker('auditor');
    await auditor.http.get(`/api/v1/cases/${dismissed.id}`).expect(404);
  });

  it('can be made again by anybody from the log, and what was drawn otherwise is named', async () => {
    await change(() => commitPeriods(cases.client, KEY, SETTINGS, later(29)));
    await change(() => openNextPeriod(cases.client, KEY, later(36), () => Promise.resolve('last')));
    const entries = await logEntries();
    const periods = checked(entries);
    expect(periods.flatMap(({ faults }) => faults)).toEqual([]);
    expect(Math.max(...periods.map(({ reinspections }) => reinspections))).toBe(POINTS);
    const at = entries.findIndex(
      ({ kind, body }) => kind === 'draws.opened' && (body.reinspections as unknown[]).length === POINTS,
    );
    const changed = (body: object) =>
      checked(
        entries.map((entry, index) =>
          index === at ? { ...entry, body: { ...entry.body, ...body } } : entry,
        ),
      )
        .flatMap(({ faults }) => faults)
        .join('; ');
    const { reinspections, visits } = entries[at].body as {
      reinspections: { of: string; case: number }[];
      visits: { drawn: { point: number; case: number }[] };
    };
    expect(changed({ reinspections: reinspections.slice(1) })).toContain(
      `${reinspections[0].of} is missing from the draw`,
    );
    expect(changed({ reinspections: [...reinspections, { of: '999@4', case: 5 }] })).toContain(
      '999@4 does not follow',
    );
    expect(changed({ secret: '00'.repeat(64) })).toContain('not the one that was fixed');
    expect(changed({ beacon: 'other' })).toContain('household');
    const other = visits.drawn.map((each, index) => (index === 0 ? { ...each, point: 1_000_000 } : each));
    expect(changed({ visits: { ...visits, drawn: other } })).toContain('household 1000000 does not follow');
    const late = entries.filter(({ kind }) => kind !== 'draws.committed');
    expect(
      checked([
        ...late,
        ...entries.filter(({ kind }) => kind === 'draws.committed').map((entry) => ({ ...entry, seq: 1e9 })),
      ])
        .flatMap(({ faults }) => faults)
        .join(),
    ).toContain('before its secret was fixed');
  });

  it('has periods on record whose shares nobody lowers quietly', async () => {
    // The rest was back-dated above, so that there is something to draw from.
    const periods = RECORD_SOURCES.filter(({ name }) => name === 'The period of draws');
    const fault = await recordsSaid(cases.client, periods);
    const superuser = await superuserOf(cases.db);
    await superuser.query('begin');
    expect(await fault(superuser)).toBeNull();
    await superuser.query(`set local session_replication_role = 'replica'`);
    await superuser.query(
      `update draw_period set shares = '{}' where name = (select max(name) from draw_period)`,
    );
    expect(await fault(superuser)).toMatchObject({
      kind: 'altered',
      sentence: expect.stringContaining('The period of draws'),
    });
    await superuser.end();
  });
});
