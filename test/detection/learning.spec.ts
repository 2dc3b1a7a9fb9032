import type { Client } from 'pg';
import { inAuditedTransaction } from '../../src/audit/audited-transaction.js';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { assess } from '../../src/detection/domain/assess.js';
import { DEFAULT_SETTINGS } from '../../src/detection/domain/settings.js';
import type { PointScore } from '../../src/detection/domain/types.js';
import { importOutcomes } from '../../src/detection/learning/import-outcomes.js';
import {
  countHouseholds,
  readDecisions,
  recordOutcomes,
} from '../../src/detection/learning/inspection-outcomes.js';
import { runShadow } from '../../src/detection/learning/run-shadow.js';
import {
  forThisRelease,
  settingsWith,
  STARTING_SET,
  STARTING_VERSION,
  versionOf,
  weightsMark,
  weightsVersionIn,
} from '../../src/detection/learning/domain/weight-set.js';
import {
  activeWeights,
  adoptWeightSet,
  findWeightSet,
  fitWeightSet,
  knownSets,
  listWeightSets,
  weightsInForce,
} from '../../src/detection/learning/weight-sets.js';
import { listText, reportText, setText, shadowText } from '../../src/detection/learning/weights-output.js';
import { TerritorySurroundings } from '../../src/detection/territory-surroundings.js';
import { dayFromIso, isoFromDay } from '../../src/grid/domain/calendar.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { testDatabase } from '../support/database.js';
import { inputOf, loadText } from './load-text.js';
import { addPoints, BANNED_REGION, FREE_REGION, seedRegistry } from './synthetic-points.js';

const rulebook = loadRulebook(`${projectRoot}/rulebook/ru.json`);
const NOW = new Date('2026-06-20T08:00:00Z');
const AS_OF = dayFromIso('2026-06-01')!;
const surroundings = new TerritorySurroundings({ parents: new Map(), temperatures: new Map() }, rulebook);

/** Homes, rigs from too small to be told to plain (some lie just below a case), and what else is in a region. */
const POINTS = [
  ...Array.from({ length: 12 }, (_, i) => ({ name: `home-${i}`, load: `home + nothing ${i}`, kw: 0 })),
  ...Array.from({ length: 24 }, (_, i) => ({ name: `rig-${i}`, load: 'home', kw: 0.5 + 0.02 * i })),
  { name: '=free', load: 'home', kw: 9, territory: FREE_REGION },
  { name: 'boiler', load: 'home + boiler 0.2', kw: 0, electricHeating: true },
  { name: 'shop', load: 'shop 1.5', kw: 0 },
];

const adopt = (adoption: Parameters<typeof adoptWeightSet>[1]) =>
  inAuditedTransaction(client, () => adoptWeightSet(client, adoption));

let db: Database;
let client: Client;
let ids: Map<string, number>;

beforeAll(async () => {
  db = await testDatabase();
  client = await db.connect();
  await seedRegistry(client);
  ids = await addPoints(
    client,
    POINTS.map(({ name, ...point }) => ({ externalId: name, ...point })),
  );
  await scoreAll(`${STARTING_VERSION.slice(0, 4)} ${weightsMark(STARTING_VERSION)}`);
});
afterAll(async () => {
  await client.end();
  await db.close();
});

describe('versions', () => {
  it('are hashes of what a set says', () => {
    expect(versionOf(STARTING_SET)).toBe(STARTING_VERSION);
    expect(versionOf({ ...STARTING_SET, priorShift: 0.1 })).not.toBe(STARTING_VERSION);
    const reordered = Object.fromEntries(Object.entries(STARTING_SET.weights).reverse());
    expect(versionOf({ weights: reordered, priorShift: 0 })).toBe(STARTING_VERSION);
  });

  it('are read back from what a run recorded', () => {
    expect(weightsVersionIn(`2+abc ${weightsMark('0123456789abcdef')} rulebook 12`)).toBe('0123456789abcdef');
    expect(weightsVersionIn('2+abc rulebook 12')).toBe(STARTING_VERSION);
  });

  it('a set of an earlier release keeps its words, and takes the starting ones where it has none', () => {
    const { peers: _gone, ...others } = STARTING_SET.weights;
    const earlier = {
      priorShift: 0.2,
      weights: {
        ...others,
        flatness: { kind: 'level' as const, for: 9, against: 8 },
        seance: { kind: 'shape' as const, for: 1, against: 1 },
      },
    };
    const { weights, priorShift } = forThisRelease(earlier);
    expect(Object.keys(weights).sort()).toEqual(Object.keys(STARTING_SET.weights).sort());
    expect(weights.flatness).toEqual({ ...STARTING_SET.weights.flatness, for: 9, against: 8 });
    expect(weights.peers).toEqual(STARTING_SET.weights.peers);
    expect(priorShift).toBe(0.2);
  });

  it('the starting set leaves the settings as they are', () => {
    expect(settingsWith(DEFAULT_SETTINGS, STARTING_SET)).toEqual(DEFAULT_SETTINGS);
  });
});

describe('no decision, no change', () => {
  it('the fit is the starting set, in force already', async () => {
    const { set, report, isNew } = await fitWeightSet(client, NOW);
    expect(set).toEqual({ ...STARTING_SET, version: STARTING_VERSION });
    expect(isNew).toBe(false);
    expect(report.doubts).toEqual(['no_decisions']);
    expect(await activeWeights(client)).toBeNull();
    expect((await weightsInForce(client, NOW)).version).toBe(STARTING_VERSION);
    expect(listText(await listWeightSets(client), 'table')).toMatch(
      new RegExp(`${STARTING_VERSION} +in force +release`),
    );
  });

  it('in shadow it changes no score, and every score is reproduced by its evidence', async () => {
    const set = await findWeightSet(client, STARTING_VERSION);
    const summary = await runShadow(client, set, { rulebook, now: NOW });
    expect(summary).toMatchObject({
      points: await explainedPoints(),
      notReproduced: 0,
      becoming: 0,
      ceasing: 0,
    });
    expect(summary.largestChange).toBeLessThan(1e-12);
    expect(summary.caseWorthyBefore).toBeGreaterThan(3);
  });
});

describe('past inspections from a file', () => {
  const lines = (...rows: string[]) => [
    'metering_point,outcome,arm,decided_at,inclusion_probability',
    ...rows,
  ];
  const read = (rows: readonly string[]) =>
    importOutcomes(client, blocks(`${rows.join('\n')}\n`), { source: 'inspections.csv', now: NOW });

  it('bad rows are refused with line and field, the others are taken', async () => {
    const { recorded, known, refused } = await read(
      lines(
        'rig-0,confirmed,targeted,2026-06-10,',
        'rig-1,maybe,targeted,2026-06-10,',
        'rig-1,confirmed,tip,2026-06-10,',
        'nowhere,confirmed,targeted,2026-06-10,',
        'rig-1,confirmed,targeted,2026-02-30,',
        'rig-1,confirmed,targeted,2027-01-01,',
        'rig-1,confirmed,targeted,2026-05-20,',
        'rig-1,confirmed,targeted,2026-06-10,0.1',
        'home-0,dismissed,random_audit,2026-06-10,',
        'home-0,dismissed,random_audit,2026-06-10T09:00:00+03:00,0.25',
        ',confirmed,targeted,2026-06-10,',
      ),
    );
    expect({ recorded, known }).toEqual({ recorded: 2, known: 0 });
    expect(refused.map(({ line, field }) => [line, field])).toEqual([
      [3, 'outcome'],
      [4, 'arm'],
      [5, 'metering_point'],
      [6, 'decided_at'],
      [7, 'decided_at'],
      [8, 'decided_at'],
      [9, 'inclusion_probability'],
      [10, 'inclusion_probability'],
      [12, 'metering_point'],
    ]);
    expect(refused[5].reason).toContain('score --as-of 2026-05-20');
  });

  it('the same file again changes nothing', async () => {
    const again = await read(lines('rig-0,confirmed,targeted,2026-06-10,'));
    expect(again).toEqual({ recorded: 0, known: 1, refused: [] });
  });

  it('a file without the columns is refused whole', async () => {
    await expect(read(['point;result', 'a;b'])).rejects.toThrow(
      'lacks metering_point, outcome, arm, decided_at',
    );
  });

  it('keeps the evidence that was there, without its sentences, and never changes it', async () => {
    const decision = (await readDecisions(client)).find((each) => each.meteringPointId === ids.get('rig-0'))!;
    expect(decision).toMatchObject({
      confirmed: true,
      arm: 'targeted',
      everTargeted: true,
      auditProbability: null,
    });
    expect(decision.weightsVersion).toBe(STARTING_VERSION);
    expect(Object.keys(decision.evidence[0]).sort()).toEqual(['detector', 'kind', 'logOdds']);
    const sum = decision.evidence.reduce((total, { logOdds }) => total + logOdds, 0);
    expect(1 / (1 + Math.exp(-sum))).toBeCloseTo(decision.score, 12);
    await expect(client.query(`update inspection_outcome set outcome = 'dismissed'`)).rejects.toThrow(
      'never changed',
    );
    await expect(client.query('delete from inspection_outcome')).rejects.toThrow('never changed');
  });

  it('an arm without its probability, or with one too many, is refused by the database', async () => {
    const outcome = {
      meteringPointId: ids.get('home-1')!,
      alertId: null,
      arm: 'random_audit' as const,
      inclusionProbability: null,
      outcome: 'dismissed' as const,
      decidedAt: NOW,
      score: 0.1,
      evidence: null,
      weightsVersion: STARTING_VERSION,
      source: 'test',
    };
    await expect(recordOutcomes(client, [outcome], NOW)).rejects.toThrow('arm_check');
    await expect(
      recordOutcomes(client, [{ ...outcome, arm: 'targeted', inclusionProbability: 0.1 }], NOW),
    ).rejects.toThrow('arm_check');
  });

  it('the strata counted by the database are those of the code', async () => {
    const counted = await countHouseholds(client);
    expect(counted.reduce((sum, households) => sum + households, 0)).toBe(POINTS.length);
  });
});

describe('from decisions to a set in force', () => {
  let version: string;

  it('a fit is kept in shadow, and the same decisions give the same version', async () => {
    // Small rigs that the starting weights doubt are confirmed, and audits find the homes empty.
    await decide('rig', 'confirmed');
    await decide('home', 'dismissed');
    const { set, report, isNew } = await fitWeightSet(client, NOW);
    version = set.version;
    expect(isNew).toBe(true);
    expect(report).toMatchObject({ decisions: 36, confirmed: 24, dismissed: 12, audited: 12 });
    expect(set.weights['base-load'].for).toBeGreaterThan(STARTING_SET.weights['base-load'].for);
    expect((await fitWeightSet(client, NOW)).isNew).toBe(false);
    expect(await activeWeights(client)).toBeNull();
    const stored = await findWeightSet(client, version.slice(0, 6));
    expect(stored).toMatchObject({ status: 'shadow', origin: 'fitted', parent: STARTING_VERSION, report });
    expect(reportText(report)).toContain('36 decisions: 24 confirmed, 12 dismissed');
    expect(setText(stored, 'table')).toContain(version);
  });

  it('can not be adopted before it was run in shadow', async () => {
    const adoption = { version, by: 'A. Ivanova', reason: 'finds small rigs', now: NOW };
    await expect(adopt(adoption)).rejects.toThrow('never run in shadow');
    await expect(findWeightSet(client, 'ffffffff')).rejects.toThrow('There is no weight set ffffffff');
  });

  it('the shadow run lists exactly what scoring with the set would change, and changes nothing', async () => {
    const before = await stored();
    const set = await findWeightSet(client, version);
    const summary = await runShadow(client, set, { rulebook, now: NOW });
    expect(await stored()).toEqual(before);

    const changed = new Map(summary.differences.map((difference) => [difference.meteringPoint, difference]));
    const settings = settingsWith(DEFAULT_SETTINGS, set);
    let becoming = 0;
    for (const point of POINTS) {
      const fresh = scoreOf(point, settings);
      const old = before.find(({ name }) => name === point.name)!;
      const told = changed.get(point.name)?.after.score ?? old.score;
      if (old.evidence === null) expect(fresh.score).toBeLessThan(0.01);
      else expect(told).toBeCloseTo(fresh.score, 9);
      expect(changed.get(point.name)?.after.caseWorthy ?? old.case_worthy).toBe(fresh.caseWorthy);
      if (fresh.caseWorthy && !old.case_worthy) becoming++;
    }
    expect(becoming).toBeGreaterThan(0);
    expect(summary).toMatchObject({
      points: await explainedPoints(),
      notReproduced: 0,
      becoming,
      notListed: 0,
    });
    expect(summary.groups[0]).toMatchObject({ territory: BANNED_REGION, heating: 'other', becoming });
    expect(shadowText(summary, 'table')).toContain('would become worthy of a case');
    const csv = shadowText(summary, 'csv').split('\n');
    expect(csv[0]).toBe(
      'metering_point,territory,electric_heating,change,score_before,score_after,kind_before,kind_after',
    );
    expect(csv[1]).toMatch(new RegExp(`^rig-\\d+,${BANNED_REGION},false,becomes_case_worthy,`));
    expect(shadowText(summary, 'csv')).toContain(`'=free`);
  });

  it('is in force once adopted, by name and with a reason', async () => {
    const by = 'A. Ivanova';
    const reason = 'finds small rigs';
    expect(await adopt({ version, by, reason, now: NOW })).toMatchObject({
      status: 'active',
      activatedBy: by,
    });
    const active = (await activeWeights(client))!;
    expect(active.version).toBe(version);
    await expect(adopt({ version, by, reason, now: NOW })).rejects.toThrow('in force already');
    const { rows } = await client.query(
      `select event, actor, reason from weight_set_event where version = $1 order by id`,
      [version],
    );
    expect(rows.map(({ event }) => event)).toEqual(['created', 'shadow_run', 'activated']);
    expect(rows[2]).toMatchObject({ actor: by, reason });
  });

  it('scores made with it are taken apart by it', async () => {
    const set = (await activeWeights(client))!;
    await scoreAll(`2+x ${weightsMark(set.version)}`, settingsWith(DEFAULT_SETTINGS, set));
    const back = await findWeightSet(client, STARTING_VERSION);
    const summary = await runShadow(client, back, { rulebook, now: NOW });
    expect(summary).toMatchObject({ points: await explainedPoints(), notReproduced: 0 });
    expect(summary.ceasing).toBeGreaterThan(0);
  });

  it('the starting weights can be gone back to; one set is in force at a time', async () => {
    await adopt({ version: STARTING_VERSION, by: 'B', reason: 'back', now: NOW });
    expect((await activeWeights(client))!.version).toBe(STARTING_VERSION);
    const sets = await listWeightSets(client);
    expect(sets.filter(({ status }) => status === 'active').map((set) => set.version)).toEqual([
      STARTING_VERSION,
    ]);
    expect(sets.find((set) => set.version === version)!.status).toBe('retired');
    expect((await knownSets(client)).size).toBe(2);
    await expect(client.query(`update weight_set set prior_shift = 1`)).rejects.toThrow('never changed');
  });

  it('a score that its evidence does not add up to is told apart, not compared', async () => {
    await client.query(`update score set score = 0.123 where metering_point_id = $1`, [ids.get('shop')]);
    const summary = await runShadow(client, await findWeightSet(client, version), { rulebook, now: NOW });
    expect(summary.notReproduced).toBe(1);
  });
});

type Point = (typeof POINTS)[number];

function scoreOf(point: Point, settings = DEFAULT_SETTINGS): PointScore {
  const rig = point.kw > 0 ? ` + rig ${point.kw} from day 30` : '';
  const territory = 'territory' in point ? point.territory! : BANNED_REGION;
  const input = inputOf(loadText(`120 days to ${isoFromDay(AS_OF)}: ${point.load}${rig}`), {
    legal: surroundings.legal(territory, AS_OF - 1),
    facts: {
      meteringPoint: point.name,
      electricHeating: 'electricHeating' in point ? point.electricHeating! : false,
      tariffCategory: 'rural',
      contractedKw: null,
    },
  });
  return assess(input, settings);
}

async function scoreAll(settingsVersion: string, settings = DEFAULT_SETTINGS): Promise<void> {
  const run = await client.query<{ id: number }>(
    `insert into scoring_run (as_of, started_at, settings_version, first_stored_day, last_stored_day)
     values ($1, $2, $3, $1, $1) returning id`,
    [isoFromDay(AS_OF), NOW, settingsVersion],
  );
  for (const point of POINTS) {
    const { score, caseWorthy, kind, findings, evidence, explained } = scoreOf(point, settings);
    await client.query(
      `insert into score (metering_point_id, run_id, as_of, score, case_worthy, kind, findings, evidence, digest, months_digest)
       values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)
       on conflict (metering_point_id) do update set run_id = excluded.run_id, score = excluded.score,
         case_worthy = excluded.case_worthy, kind = excluded.kind, findings = excluded.findings,
         evidence = excluded.evidence`,
      [
        ids.get(point.name),
        run.rows[0].id,
        isoFromDay(AS_OF),
        score,
        caseWorthy,
        kind,
        explained ? JSON.stringify(findings) : null,
        explained ? JSON.stringify(evidence) : null,
      ],
    );
  }
}

/** Points whose score has reasons: of the others none are kept, and nothing can be weighed anew. */
async function explainedPoints(): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    'select count(*)::int as n from score where evidence is not null',
  );
  expect(rows[0].n).toBeGreaterThan(20);
  return rows[0].n;
}

async function stored(): Promise<{ name: string; score: number; case_worthy: boolean; evidence: unknown }[]> {
  const { rows } = await client.query(
    `select p.external_id as name, s.* from score s join metering_point p on p.id = s.metering_point_id order by 2`,
  );
  return rows;
}

/** Rigs were targeted, homes drawn by an audit of half of all. */
async function decide(prefix: string, outcome: 'confirmed' | 'dismissed'): Promise<void> {
  const audited = outcome === 'dismissed';
  const { rows } = await client.query(
    `select s.metering_point_id as id, s.score, s.evidence from score s join metering_point p
     on p.id = s.metering_point_id where p.external_id like $1`,
    [`${prefix}-%`],
  );
  await recordOutcomes(
    client,
    rows.map(({ id, score, evidence }) => ({
      meteringPointId: id,
      alertId: null,
      arm: audited ? 'random_audit' : 'targeted',
      inclusionProbability: audited ? 0.5 : null,
      outcome,
      decidedAt: new Date('2026-06-15T00:00:00Z'),
      score,
      evidence,
      weightsVersion: STARTING_VERSION,
      source: 'test',
    })),
    NOW,
  );
}

async function* blocks(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
