import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { DataSource } from 'typeorm';
import type { Database } from '../../src/database/open-database.js';
import type { RegistryRow } from '../../src/grid/domain/registry-row.js';
import { foreignTerritory, resolveTerritory } from '../../src/grid/domain/territories.js';
import { parseZone } from '../../src/grid/domain/time-zone.js';
import { gridEntities } from '../../src/grid/entities.js';
import { GridMetrics } from '../../src/grid/grid.metrics.js';
import { applyRegistry, ensureUtility } from '../../src/grid/registry.repository.js';
import { decodeRegistry } from '../../src/uploads/formats/registry-csv.js';
import { testDatabase } from '../support/database.js';

let database: Database;
let client: Client;
let utilityId: number;

beforeAll(async () => {
  database = await testDatabase();
  client = await database.connect();
  // Nobody empties the history of cases; these tests begin with empty tables each time, and there are none.
  await client.query('alter table case_step disable trigger user');
  await client.query('alter table disclosure disable trigger user');
});
afterAll(async () => {
  await client?.end();
  await database?.close();
});
beforeAll(async () => {
  for (const table of ['proposal', 'proposal_opinion', 'case_threshold', 'outside_disclosure'])
    await client.query(`alter table ${table} disable trigger user`);
});
beforeEach(async () => {
  await client.query(
    'truncate territory, utility, feeder, transformer, metering_point restart identity cascade',
  );
  utilityId = await ensureUtility(client, 'irkenergo');
});

function point(meteringPoint: string, stated: Partial<RegistryRow> = {}): RegistryRow {
  return {
    line: 2,
    meteringPoint,
    household: null,
    territory: resolveTerritory('25701000')!,
    transformer: null,
    feeder: null,
    tariffCategory: null,
    electricHeating: null,
    contractedKw: null,
    declaredLoadKw: null,
    declaredPurpose: null,
    ...stated,
  };
}

async function apply(rows: RegistryRow[], uploadId = 1) {
  await client.query('begin');
  const { seals: _, ...changes } = await applyRegistry(client, { utilityId, uploadId }, rows);
  await client.query('commit');
  return changes;
}

const all = async (sql: string) => (await client.query({ text: sql, rowMode: 'array' })).rows;

/** Which transaction wrote each row last: equal before and after means that nothing was written. */
const versions = () =>
  all(`select 'p', id, xmin::text from metering_point union all select 't', id, xmin::text from transformer
       union all select 'f', id, xmin::text from feeder union all select code, 0, xmin::text from territory order by 1, 2`);

describe('applyRegistry', () => {
  const whole = point('P1', {
    household: 'H1',
    transformer: 'T1',
    feeder: 'F1',
    tariffCategory: 'urban',
    electricHeating: true,
    contractedKw: 15.5,
    declaredLoadKw: 12,
    declaredPurpose: 'sauna',
  });

  it('refuses another zone for a place abroad than the one it has', async () => {
    const abroad = (code: string, zone: string) =>
      point('P1', { territory: foreignTerritory(code, parseZone(zone)!)! });
    await apply([abroad('AU-NSW', 'Australia/Sydney')]);
    await apply([abroad('AU-NSW', 'Australia/Sydney')]);
    await expect(apply([abroad('AU-NSW', 'Australia/Perth')])).rejects.toThrow(
      /AU-NSW has had the zone Australia\/Sydney .* gives it Australia\/Perth/,
    );
    await client.query('rollback');
    await apply([abroad('AU-WA', 'Australia/Perth')]);
    expect(
      await all('select code, parent_code, iana_zone, standard_offset_minutes from territory order by code'),
    ).toEqual([
      ['AU-NSW', null, 'Australia/Sydney', 600],
      ['AU-WA', null, 'Australia/Perth', 480],
    ]);
  });

  it('stores what a row states, with its transformer, feeder, territory and balance meter', async () => {
    expect(await apply([whole, point('P2')], 7)).toEqual({ created: 2, changed: 0, unchanged: 0 });
    expect(
      await all(
        `select p.kind, p.external_id, p.household, p.territory_code, t.code, f.code, p.tariff_category, p.electric_heating,
           p.contracted_kw, p.declared_load_kw, p.declared_purpose, p.registry_upload_id
         from metering_point p left join transformer t on t.id = p.transformer_id
         left join feeder f on f.id = t.feeder_id order by 1, 2`,
      ),
    ).toEqual([
      ['household', 'P1', 'H1', '25701000', 'T1', 'F1', 'urban', true, 15.5, 12, 'sauna', 7],
      ['household', 'P2', null, '25701000', null, null, null, null, null, null, null, 7],
      ['transformer', 'T1', null, '25701000', 'T1', 'F1', null, null, null, null, null, 7],
    ]);
    // The region is there too, for sums by region, though no row names it.
    expect(await all(`select * from territory order by code`)).toEqual([
      [
        '25701000',
        'Иркутская область, ОКТМО 25701000',
        'Irkutsk Oblast, OKTMO 25701000',
        'RU-IRK',
        'Asia/Irkutsk',
        480,
      ],
      ['RU-IRK', 'Иркутская область', 'Irkutsk Oblast', null, 'Asia/Irkutsk', 480],
    ]);
  });

  it('writes nothing when everything is there already', async () => {
    const rows = [
      whole,
      point('P2', { transformer: 'T1' }),
      point('P3', { territory: resolveTerritory('RU-BU')! }),
    ];
    await apply(rows, 1);
    const before = await versions();
    expect(await apply(rows, 2)).toEqual({ created: 0, changed: 0, unchanged: 3 });
    expect(await versions()).toEqual(before);
    expect(await all('select last_value from metering_point_id_seq')).toEqual([[4]]);
  });

  const changes: [string, Partial<RegistryRow>][] = [
    ['household', { household: 'H2' }],
    ['territory', { territory: resolveTerritory('25703000')! }],
    ['transformer', { transformer: 'T2' }],
    ['no transformer', { transformer: null, feeder: null }],
    ['tariff category', { tariffCategory: 'rural' }],
    ['heating', { electricHeating: false }],
    ['heating no longer stated', { electricHeating: null }],
    ['contracted power', { contractedKw: 16 }],
    ['declared load', { declaredLoadKw: null }],
    ['purpose', { declaredPurpose: 'workshop' }],
  ];
  it.each(changes)('rewrites the one point that differs: %s', async (_name, stated) => {
    await apply([whole, point('P2')], 1);
    expect(await apply([point('P1', { ...whole, ...stated }), point('P2')], 2)).toEqual({
      created: 0,
      changed: 1,
      unchanged: 1,
    });
    expect(
      await all(
        `select external_id, registry_upload_id from metering_point where kind = 'household' order by 1`,
      ),
    ).toEqual([
      ['P1', 2],
      ['P2', 1],
    ]);
  });

  it('hangs a transformer on another feeder, and leaves it there when a later row states none', async () => {
    const feeder = () => all('select f.code from transformer t join feeder f on f.id = t.feeder_id');
    await apply([point('P1', { transformer: 'T1' })]);
    expect(await feeder()).toEqual([]);
    await apply([point('P1', { transformer: 'T1', feeder: 'F1' })]);
    expect(await feeder()).toEqual([['F1']]);
    await apply([point('P1', { transformer: 'T1', feeder: 'F2' }), point('P2', { transformer: 'T1' })]);
    expect(await feeder()).toEqual([['F2']]);
    await apply([point('P1', { transformer: 'T1' })]);
    expect(await feeder()).toEqual([['F2']]);
  });

  it('places a balance meter with its households, the same whatever the order of batches', async () => {
    const place = () => all(`select territory_code from metering_point where kind = 'transformer'`);
    const first = point('P1', { transformer: 'T1', territory: resolveTerritory('25703000')! });
    const second = point('P2', { transformer: 'T1' });
    await apply([first]);
    expect(await place()).toEqual([['25703000']]);
    await apply([second]);
    expect(await place()).toEqual([['25701000']]);
    const before = await versions();
    await apply([first]);
    await apply([second]);
    expect(await versions()).toEqual(before);
  });

  it('keeps utilities apart', async () => {
    await apply([whole]);
    const other = await ensureUtility(client, 'buryatenergo');
    expect(await applyRegistry(client, { utilityId: other, uploadId: 2 }, [whole])).toMatchObject({
      created: 1,
      changed: 0,
      unchanged: 0,
    });
    expect(await all('select utility_id, count(*) from transformer group by 1 order by 1')).toEqual([
      [utilityId, 1],
      [other, 1],
    ]);
  });

  it('takes no rows', async () => {
    expect(await apply([])).toEqual({ created: 0, changed: 0, unchanged: 0 });
  });

  it('is undone with the transaction of its caller', async () => {
    await client.query('begin');
    await applyRegistry(client, { utilityId, uploadId: 1 }, [whole]);
    await client.query('rollback');
    expect(await all('select count(*) from metering_point')).toEqual([[0]]);
  });

  it('lets two imports of one utility follow each other instead of colliding', async () => {
    const second = await database.connect();
    try {
      await client.query('begin');
      await second.query('begin');
      await applyRegistry(client, { utilityId, uploadId: 1 }, [whole]);
      const waiting = applyRegistry(second, { utilityId, uploadId: 2 }, [whole]);
      await client.query('commit');
      expect(await waiting).toMatchObject({ created: 0, changed: 0, unchanged: 1 });
      await second.query('commit');
    } finally {
      await second.end();
    }
  });
});

it('ensureUtility gives the same id again', async () => {
  expect(await ensureUtility(client, 'irkenergo')).toBe(utilityId);
  expect(await all('select code, name from utility')).toEqual([['irkenergo', 'irkenergo']]);
});

it('a registry file goes in, and the same file again writes nothing', async () => {
  const file =
    'metering_point;territory;transformer;feeder;electric_heating;contracted_kw\n' +
    'P1;25701000;T1;F1;да;15,5\nP2;RU-DA;T2;F1;нет;\nP3;nowhere;;;;\n';
  const load = async () => {
    const counts = { created: 0, changed: 0, unchanged: 0, rejected: 0 };
    for await (const { rows, rejected } of decodeRegistry(toStream(file))) {
      const applied = await apply(rows);
      counts.created += applied.created;
      counts.changed += applied.changed;
      counts.unchanged += applied.unchanged;
      counts.rejected += rejected.length;
    }
    return counts;
  };
  expect(await load()).toEqual({ created: 2, changed: 0, unchanged: 0, rejected: 1 });
  const before = await versions();
  expect(await load()).toEqual({ created: 0, changed: 0, unchanged: 2, rejected: 1 });
  expect(await versions()).toEqual(before);
});

async function* toStream(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

describe('the module around it', () => {
  it('has entities that match the migrated tables', async () => {
    const { url } = database;
    const source = await new DataSource({
      type: 'postgres',
      url,
      entities: gridEntities,
      installExtensions: false,
    }).initialize();
    try {
      const { upQueries } = await source.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
    } finally {
      await source.destroy();
    }
  });

  it('counts metering points by kind and region', async () => {
    await apply([
      point('P1', { transformer: 'T1' }),
      point('P2', { territory: resolveTerritory('RU-IRK')! }),
      point('P3', { territory: foreignTerritory('AU-NSW', parseZone('Australia/Sydney')!)! }),
    ]);
    const { values } = await new GridMetrics(database.dataSource).meteringPoints.get();
    expect(values.map(({ labels, value }) => [labels.kind, labels.region, value]).sort()).toEqual([
      ['household', 'AU-NSW', 1],
      ['household', 'RU-IRK', 2],
      ['transformer', 'RU-IRK', 1],
    ]);
  });
});
