import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { sampleHeating } from '../../src/detection/heating-samples.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { TerritorySurroundings } from '../../src/detection/territory-surroundings.js';
import { dayFromIso, type DayNumber } from '../../src/grid/domain/calendar.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { testDatabase } from '../support/database.js';
import { seeded } from './load-text.js';
import {
  addPoints,
  BANNED_REGION,
  FREE_REGION,
  home,
  seedRegistry,
  storeLoads,
  storeWeather,
  withRigs,
  type Load,
  type SyntheticPoint,
} from './synthetic-points.js';

const rulebook = loadRulebook(`${projectRoot}/rulebook/ru.json`);
const FROM = dayFromIso('2026-09-01')!;
const END = dayFromIso('2026-12-01')!;
const NOW = new Date('2026-12-02T06:00:00Z');
const VILLAGE = 'village';
const DAYS = { from: FROM, to: END };

/** Degrees below the point where heating starts: an autumn that gets colder, with spells. */
const cold = (day: DayNumber) => Math.max(0, (day - FROM) / 5 - 2 + 4 * Math.sin(day / 3));

function heated(seed: number, kwPerDegree: number): Load {
  const everyday = home(seed);
  const random = seeded(`heated ${seed}`);
  return (day, hour) => everyday(day, hour) + kwPerDegree * cold(day) * (0.8 + 0.4 * random());
}

describe('the movement of electrically heated homes', () => {
  let db: Database;
  let client: Client;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    await seedRegistry(client);
    await client.query(
      `insert into territory (code, name_ru, name_en, parent_code, iana_zone, standard_offset_minutes)
       values ('${VILLAGE}', 'Село', 'Village', '${BANNED_REGION}', 'Europe/Moscow', 180)`,
    );
    const points: SyntheticPoint[] = [
      ...named('plain', 24, {}),
      ...named('declared', 10, { electricHeating: true }),
      // The registry does not know of the boilers, neither of the one in the village nor of those near Moscow.
      { externalId: 'undeclared', territory: VILLAGE },
      { externalId: 'undeclared with rig', territory: VILLAGE },
      ...named('other', 24, { territory: FREE_REGION }),
      ...named('hidden', 9, { territory: FREE_REGION }),
    ];
    const ids = await addPoints(client, points);
    const loads = points.map(({ externalId }, n): [number, Load] => {
      if (!/declared|hidden/.test(externalId)) return [ids.get(externalId)!, home(n)];
      const load = heated(n, 0.1 + 0.005 * (n % 7));
      const rigs = { kw: 2.2, onset: dayFromIso('2026-10-20')! };
      return [ids.get(externalId)!, externalId.endsWith('with rig') ? withRigs(load, rigs) : load];
    });
    await storeLoads(client, new Map(loads), { ...DAYS, now: NOW });
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  const sample = async () =>
    sampleHeating(client, await TerritorySurroundings.load(client, rulebook, DAYS), {
      ...DAYS,
      isWholeHistory: true,
      territories: null,
    });

  it('comes from those declared in the territory, or in its region where it has too few of its own', async () => {
    const heating = await sample();
    expect(heating.of(BANNED_REGION)).toMatchObject({ source: 'declared', homes: 10, key: BANNED_REGION });
    expect(heating.of(VILLAGE)).toBe(heating.of(BANNED_REGION));
    expect((await sample()).of(VILLAGE)).toEqual(heating.of(VILLAGE));
  });

  it('is inferred where nobody is declared, and rises with the cold there too', async () => {
    const found = (await sample()).of(FREE_REGION);
    expect(found).toMatchObject({ source: 'inferred', homes: 8 });
    expect(found!.movement[85]).toBeGreaterThan(2 * found!.movement[5]);
  });

  it('spares the undeclared boiler, and tells it from the rig beside it', async () => {
    await scorePoints(db, { rulebook, now: NOW, asOf: END });
    const { rows } = await client.query(
      `select p.external_id as id, s.score, s.case_worthy as worthy, s.evidence from score s
       join metering_point p on p.id = s.metering_point_id where p.external_id like 'undeclared%' order by 1`,
    );
    const [boiler, boilerAndRig] = rows;
    expect(boiler.score).toBeLessThan(0.01);
    expect(boilerAndRig).toMatchObject({ id: 'undeclared with rig', worthy: true });
    const ofKind = (kind: string) =>
      boilerAndRig.evidence.find((item: { kind: string }) => item.kind === kind);
    expect(ofKind('temperature').sentence.en).toContain('the electrically heated homes around');
  });

  it('is not read where the weather is known', async () => {
    await storeWeather(client, FROM, END);
    const heating = await sample();
    expect(heating.of(BANNED_REGION)).toBeNull();
    expect(heating.of(FREE_REGION)).not.toBeNull();
  });
});

function named(name: string, count: number, facts: Partial<SyntheticPoint>): SyntheticPoint[] {
  return Array.from({ length: count }, (_, n) => ({ externalId: `${name}-${n}`, ...facts }));
}
