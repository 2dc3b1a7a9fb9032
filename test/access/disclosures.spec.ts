import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { disclose, MOST_HOUSEHOLDS_PER_HOUR } from '../../src/grid/disclosures.js';
import { asPerson, mintKey, signIn, withKey } from '../support/access.js';
import { testService, type TestService } from '../support/http-app.js';
import { eventually } from '../support/process.js';

const HEADER = 'metering_point,territory,consumer_name,address\n';

let service: TestService;
let utility: ReturnType<typeof withKey>;
let auditor: ReturnType<typeof withKey>;
beforeAll(async () => {
  // Whom how much must speak against, test/integrity says.
  service = await testService({ env: { GRIDWARDEN_NAMING_EVIDENCE: '0' } });
  utility = withKey(service.app, await mintKey(service.database, 'utility', 'irkutsk'));
  auditor = withKey(service.app, await mintKey(service.database, 'auditor'));
});
afterAll(() => service.close());

describe('names and addresses of a registry', () => {
  test('are shown to who asks for one household, and that is recorded', async () => {
    await load(`${HEADER}H1,RU-IRK,Иванов И. И.,"ул. Ленина, 1"\nH2,RU-IRK,,\n`);
    const inspector = await signIn(service.database, 'inspector');
    const id = await idOf('H1');
    const { body } = await asPerson(service.app, inspector)
      .post(`/api/v1/metering-points/${id}/disclosures`)
      .send({ reason: 'case 7' })
      .expect(201);
    expect(body).toMatchObject({ consumer_name: 'Иванов И. И.', address: 'ул. Ленина, 1' });
    const seen = await auditor.get(`/api/v1/metering-points/${id}/disclosures`).expect(200);
    expect(seen.body.items).toEqual([
      {
        id: body.disclosure,
        at: expect.any(String),
        actor: `person ${inspector.personId}`,
        reason: 'case 7',
      },
    ]);
  });

  test('are in one table', async () => {
    const columns: { name: string }[] = await service.database.dataSource.query(
      `select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = current_schema() and column_name ~ '(address|consumer|surname|phone)'`,
    );
    expect(columns.map(({ name }) => name).sort()).toEqual([
      'household_identity.address',
      'household_identity.consumer_name',
    ]);
  });

  test('that are not known are asked for and recorded all the same', async () => {
    const id = await idOf('H2');
    const { body } = await auditor.post(`/api/v1/metering-points/${id}/disclosures`).send({}).expect(201);
    expect(body).toMatchObject({ consumer_name: null, address: null });
    const list = (await auditor.get('/api/v1/metering-points?metering_point=H2')).body.items;
    expect(list).toMatchObject([{ metering_point: 'H2', has_identity: false }]);
  });

  test('are shown on a record that nobody changes', async () => {
    const refused = (what: string) =>
      expect(service.database.dataSource.query(what)).rejects.toThrow('never changed or removed');
    await refused(`update disclosure set actor = 'nobody'`);
    await refused('delete from disclosure');
    await refused('truncate disclosure');
  });

  test('stay when a registry has no columns for them, change and go with one that has', async () => {
    const id = await idOf('H1');
    const shown = async () => {
      const { consumer_name, address } = (
        await auditor.post(`/api/v1/metering-points/${id}/disclosures`).send({})
      ).body as { consumer_name: string | null; address: string | null };
      return [consumer_name, address];
    };
    await load('metering_point,territory\nH1,RU-IRK\n');
    expect(await shown()).toEqual(['Иванов И. И.', 'ул. Ленина, 1']);
    await load(`${HEADER}H1,RU-IRK,Петрова,\n`);
    expect(await shown()).toEqual(['Петрова', null]);
    await load(`${HEADER}H1,RU-IRK,,\n`);
    expect(await shown()).toEqual([null, null]);
  });

  test('of no household, or of a transformer, there are none', async () => {
    await load('metering_point,territory,transformer\nH3,RU-IRK,T1\n');
    const [{ id }]: { id: number }[] = await service.database.dataSource.query(
      `select id from metering_point where kind = 'transformer'`,
    );
    await auditor.post(`/api/v1/metering-points/${id}/disclosures`).send({}).expect(404);
    await auditor.post('/api/v1/metering-points/2147483647/disclosures').send({}).expect(404);
  });
});

test(`more than ${MOST_HOUSEHOLDS_PER_HOUR} households an hour are refused; the same one again is not`, async () => {
  const { dataSource } = service.database;
  await dataSource.query(
    `insert into metering_point (utility_id, kind, external_id, territory_code)
     select u.id, 'household', 'many-' || n, 'RU-IRK' from utility u, generate_series(1, $1::int) n`,
    [MOST_HOUSEHOLDS_PER_HOUR + 1],
  );
  const points: { id: number }[] = await dataSource.query(
    `select id from metering_point where external_id like 'many-%' order by id`,
  );
  const now = new Date('2026-03-02T10:00:00Z');
  const ask = ({ id }: { id: number }, at = now) =>
    disclose(dataSource, { meteringPointId: id, actor: 'person 999', reason: null, now: at });
  for (const point of points.slice(0, -1)) expect(await ask(point)).toMatchObject({ consumerName: null });
  expect(await ask(points[points.length - 1])).toBe('too-many');
  expect(await ask(points[0])).toMatchObject({ householdsThisHour: MOST_HOUSEHOLDS_PER_HOUR });
  expect(await ask(points[points.length - 1], new Date('2026-03-02T11:00:01Z'))).toMatchObject({
    householdsThisHour: 1,
  });
});

test('metering points come page by page', async () => {
  const seen: number[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: { items: { id: number }[]; next_after: number | null } = (
      await utility.get(`/api/v1/metering-points?limit=97&after=${after || 1}&territory=RU-IRK`)
    ).body;
    seen.push(...page.items.map(({ id }) => id));
    after = page.next_after;
  }
  const all: { id: number }[] = await service.database.dataSource.query(
    `select id from metering_point where kind = 'household' and id > 1 order by id`,
  );
  expect(seen).toEqual(all.map(({ id }) => id));
});

async function load(registry: string): Promise<void> {
  const sent = await utility.post('/api/v1/uploads?kind=registry').type('text/csv').send(registry);
  expect(sent.status).toBe(202);
  await eventually(async () => (await utility.get(sent.headers.location)).body.status === 'loaded', 30_000);
}

async function idOf(meteringPoint: string): Promise<number> {
  const { body } = await auditor.get(`/api/v1/metering-points?metering_point=${meteringPoint}`);
  return body.items[0].id;
}
