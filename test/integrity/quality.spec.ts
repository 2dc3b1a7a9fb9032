import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dealCases } from '../../src/cases/deal-cases.js';
import { sealDueDecisions } from '../../src/cases/seal-decisions.js';
import { inAuditedTransaction } from '../../src/audit/audited-transaction.js';
import { systemActor } from '../../src/audit/append-audit.js';
import { projectRoot } from '../../src/config/project-root.js';
import { dayFromIso, isoFromDay } from '../../src/grid/domain/calendar.js';
import { householdFile } from '../../src/integrity/household-file.js';
import { readObserved } from '../../src/integrity/read-quality.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { CasesApp, type Worker } from '../cases/cases-app.js';
import { scored } from '../cases/suspicions.js';
import { addPoints, seedRegistry, storeLoads } from '../detection/synthetic-points.js';
import { mintKey, withKey } from '../support/access.js';

const ASOF = dayFromIso('2026-03-01')!;
const PATH = '/api/v1/integrity';
const DAY_MS = 86_400_000;

let cases: CasesApp;
let points: number[];
let north: Worker;
let south: Worker;
let northChief: Worker;
let southChief: Worker;
let auditor: Worker;
/** The case of each point that was suspected, by index. */
let files: { id: number; inspector: number }[];

const SUSPECTED = 8;
const today = Math.floor(Date.now() / DAY_MS);
const rulebook = loadRulebook(`${projectRoot}/rulebook/ru.json`);
const asked = (name: string) => ({ name, by: systemActor('test'), now: new Date() });

beforeAll(async () => {
  cases = await CasesApp.start();
  const { client, db } = cases;
  await seedRegistry(client);
  const added = await addPoints(
    client,
    Array.from({ length: SUSPECTED + 2 }, (_, index) => ({
      externalId: `P-${index}`,
      household: `H-${index}`,
    })),
  );
  points = [...added.values()];
  await client.query(
    `insert into household_identity (metering_point_id, consumer_name, address)
     select id, 'Иван Петров', 'ул. Мира, 1' from metering_point`,
  );
  north = await cases.worker('inspector', 'north');
  south = await cases.worker('inspector', 'south');
  northChief = await cases.worker('supervisor', 'north');
  southChief = await cases.worker('supervisor', 'south');
  auditor = await cases.worker('auditor');
  await scored(
    db,
    client,
    points.slice(0, SUSPECTED).map((meteringPointId) => ({
      meteringPointId,
      asOf: ASOF,
      evidence: { place: -2, 'base-load': 2.5, 'step-up': 0.6 },
      since: ASOF - 20,
      monthKwh: 7000,
    })),
    new Date(),
  );
  await inAuditedTransaction(client, () =>
    dealCases(client, {
      by: { actor: 'dealing', personId: null },
      now: new Date(),
      organisation: null,
      seed: 'some to each',
    }),
  );
  const { rows } = await client.query<{ id: number; inspector: number }>(
    `select id, inspector_id as inspector from case_file order by metering_point_id`,
  );
  files = rows;
  // The load of the first falls in the days before its visit; that of the second stays.
  await storeLoads(
    client,
    new Map(
      points
        .slice(0, 2)
        .map((point, index) => [point, (day: number) => (index === 0 && day >= today - 5 ? 0.3 : 4)]),
    ),
    { from: today - 60, to: today, now: new Date() },
  );
  await storeLoads(client, new Map([[points[2], () => 3]]), {
    from: today - 10,
    to: today,
    uploadId: 2,
    now: new Date(),
  });
  await storeLoads(client, new Map([[points[2], () => 2]]), {
    from: today - 10,
    to: today,
    uploadId: 3,
    now: new Date(),
  });
  await decideAll();
});
afterAll(() => cases.stop());

/** Every second case is confirmed; each was visited today. */
async function decideAll(): Promise<void> {
  const { client, db } = cases;
  for (const [index, { id, inspector }] of files.entries()) {
    const { rows } = await client.query<{ version: number }>('select version from case_file where id = $1', [
      id,
    ]);
    const { http } = inspector === north.id ? north : south;
    await client.query(
      `insert into case_visit (case_id, booked_for, booked_at, booked_by, done_at, reported_at, reported_by, findings,
         explanation)
       values ($1, now(), now(), 'test', now(), now(), 'test', '{electric_heating}', 'Греем дом током.')`,
      [id],
    );
    const opinion =
      index % 2 === 0
        ? { verdict: 'confirm', reason: 'mining_found', words: 'Стойки в гараже.' }
        : { verdict: 'dismiss', reason: 'electric_heating', words: '' };
    await http
      .post(`/api/v1/cases/${id}/decision`)
      .send({ version: rows[0].version, ...opinion })
      .expect(201);
  }
  await client.query(
    `update case_decision set seals_at = now() - interval '1 second' where sealed_at is null`,
  );
  await sealDueDecisions(db.dataSource, new Date());
}

const complain = async (index: number) => {
  const { body } = await northChief.http
    .post(`${PATH}/complaints`)
    .send({ case: files[index].id, received_at: new Date().toISOString(), words: 'Меня назвали майнером.' })
    .expect(201);
  return body.id as number;
};

describe('what inspections are measured by', () => {
  it('is read from decisions, visits, readings and reads', async () => {
    const chief = files.findIndex(({ inspector }) => inspector === north.id);
    const upheld = await complain(chief);
    await southChief.http
      .post(`${PATH}/complaints/${upheld}/answer`)
      .send({ upheld: true, answer: 'Ошибка инспектора.' })
      .expect(204);
    await southChief.http
      .post(`${PATH}/complaints/${upheld}/answer`)
      .send({ upheld: false, answer: 'x' })
      .expect(409);
    const disclose = (worker: Worker, point: number) =>
      worker.http.post(`/api/v1/metering-points/${point}/disclosures`).send({ reason: 'case' });
    await disclose(north, points[files.findIndex(({ inspector }) => inspector === north.id)]).expect(201);
    await disclose(north, points[files.findIndex(({ inspector }) => inspector === south.id)]).expect(201);
    const span = { from: new Date(Date.now() - DAY_MS), to: new Date(Date.now() + DAY_MS) };
    const observed = await readObserved(cases.client, span);
    expect(observed.looks).toHaveLength(SUSPECTED);
    expect(observed.looks.map(({ confirmed }) => confirmed)).toEqual(
      files.map((_, index) => index % 2 === 0),
    );
    expect(observed.looks.map(({ fellBeforeVisit }) => fellBeforeVisit).slice(0, 3)).toEqual([
      true,
      false,
      null,
    ]);
    expect(observed.looks.filter(({ complaintUpheld }) => complaintUpheld)).toHaveLength(1);
    expect(observed.looks[0].minutes).toBeGreaterThanOrEqual(0);
    expect(observed.reads).toEqual([{ inspectorId: north.id, organisation: 'north', shown: 2, outside: 1 }]);
  });

  it('is shown to an auditor by name, to a supervisor of their own people, to others not at all', async () => {
    const { body } = await auditor.http.get(`${PATH}/quality`).expect(200);
    expect(body.inspectors.map(({ inspector }: { inspector: number }) => inspector)).toEqual([
      north.id,
      south.id,
    ]);
    expect(body.everybody).toMatchObject({ looks: SUSPECTED, confirmed: { observed: SUSPECTED / 2 } });
    expect(body.organisations.map(({ organisation }: { organisation: string }) => organisation)).toEqual([
      'north',
      'south',
    ]);
    expect(body.inspectors[0]).toMatchObject({ name: 'Test inspector', few: true, remarks: [] });
    expect(body.utilities).toEqual([expect.objectContaining({ changed: 10, lower: 10 })]);
    expect(body.utilities[0].kwh_after).toBeLessThan(body.utilities[0].kwh_before);
    const own = await northChief.http.get(`${PATH}/quality?days=30`).expect(200);
    expect(own.body.inspectors.map(({ inspector }: { inspector: number }) => inspector)).toEqual([north.id]);
    await north.http.get(`${PATH}/quality`).expect(403);
    const metrics = await withKey(cases.app, await mintKey(cases.db, 'metrics'))
      .get('/metrics')
      .expect(200);
    expect(metrics.text).toContain('gridwarden_inspection_remarks{measure="leak"} 0');
    expect(metrics.text).toMatch(/^gridwarden_blind_agreement_ratio 0\.9$/m);
  });

  it('lets nobody answer a complaint about their own work', async () => {
    const { client } = cases;
    const mine = files.findIndex(({ inspector }) => inspector === north.id);
    const id = await complain(mine);
    await northChief.http
      .post('/api/v1/cases/tags')
      .send({ ids: [files[mine].id], add: ['seen'], remove: [] })
      .expect(200);
    const answer = { upheld: false, answer: 'Нет.' };
    await northChief.http.post(`${PATH}/complaints/${id}/answer`).send(answer).expect(403);
    await southChief.http.post(`${PATH}/complaints/${id}/answer`).send(answer).expect(204);
    const { body } = await auditor.http.get(`${PATH}/complaints`).expect(200);
    expect(body.items).toHaveLength(2);
    expect((await client.query(`select from audit_entry where kind like 'complaint.%'`)).rowCount).toBe(4);
  });
});

describe('a household', () => {
  it('is not named before enough speaks for mining; an auditor may ask, on record', async () => {
    const [, , ...rest] = points.slice(SUSPECTED - 2);
    const answer = await north.http
      .post(`/api/v1/metering-points/${rest[0]}/disclosures`)
      .send({ reason: 'x' });
    expect([answer.status, answer.body.detail]).toEqual([403, expect.stringContaining('kinds of evidence')]);
    expect(
      (await cases.client.query('select from disclosure where metering_point_id = $1', [rest[0]])).rowCount,
    ).toBe(0);
    await auditor.http
      .post(`/api/v1/metering-points/${rest[0]}/disclosures`)
      .send({ reason: 'x' })
      .expect(201);
  });

  it('has it on record who looked at its load, once for each look', async () => {
    const { id, inspector } = files[0];
    const { http } = inspector === north.id ? north : south;
    await http.get(`/api/v1/cases/${id}`).expect(200);
    await http.get(`/api/v1/cases/${id}`).expect(200);
    await http.get(`/api/v1/cases/${id}/curve`).expect(200);
    await auditor.http.get(`/api/v1/cases/${id}`).expect(200);
    const { rows } = await cases.client.query<{ who: string }>(
      `select actor_kind || ' ' || actor_id as who from audit_entry where kind = 'case.shown' and subject = $1
       order by seq`,
      [`case:${id}`],
    );
    expect(rows.map(({ who }) => who)).toEqual([`person ${inspector}`, `person ${auditor.id}`]);
  });

  it('is handed outside on a legal basis only, and the record stays', async () => {
    const body = {
      metering_point: points[0],
      case: files[0].id,
      recipient: 'МВД по Республике Дагестан',
      legal_basis: 'ст. 13 Федерального закона № 3-ФЗ',
      request: 'запрос № 17 от 01.03.2026',
      content: 'нагрузка за февраль',
    };
    const { legal_basis: _, ...without } = body;
    await northChief.http.post(`${PATH}/outside-disclosures`).send(without).expect(400);
    await northChief.http.post(`${PATH}/outside-disclosures`).send(body).expect(201);
    await northChief.http
      .post(`${PATH}/outside-disclosures`)
      .send({ ...body, metering_point: points[1] })
      .expect(404);
    const listed = await auditor.http
      .get(`${PATH}/outside-disclosures?metering_point=${points[0]}`)
      .expect(200);
    expect(listed.body.items).toHaveLength(1);
    await expect(cases.client.query(`update outside_disclosure set content = 'x'`)).rejects.toThrow(
      'never changed',
    );
    const { rows } = await cases.client.query(
      `select from audit_entry where kind = 'disclosure.outside' and subject = $1`,
      [`metering_point:${points[0]}`],
    );
    expect(rows).toHaveLength(1);
  });

  it('is told all that is held about it, in Russian, and that is recorded', async () => {
    const file = await householdFile(cases.client, rulebook, asked('P-0'));
    for (const part of [
      'Иван Петров',
      'ул. Мира, 1',
      'Почасовые показания: 60 суток',
      isoFromDay(today - 60),
      'превышена',
      'нагрузка похожа на майнинг',
      'Подозрение подтверждено инспектором.',
      'На месте найдено оборудование для майнинга. «Стойки в гараже.»',
      'Объяснение: «Греем дом током.»',
      'ст. 13 Федерального закона № 3-ФЗ',
    ])
      expect(file).toContain(part);
    expect(file).not.toContain('Test inspector');
    await expect(householdFile(cases.client, rulebook, asked('nobody'))).rejects.toThrow('no household');
    const { rows } = await cases.client.query(
      `select from audit_entry where kind = 'export.household_file' and subject = $1`,
      [`metering_point:${points[0]}`],
    );
    expect(rows).toHaveLength(1);
  });
});
