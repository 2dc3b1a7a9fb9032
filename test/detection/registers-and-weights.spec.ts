import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { STARTING_SET, versionOf, weightsMark } from '../../src/detection/learning/domain/weight-set.js';
import { scorePoints } from '../../src/detection/score-points.js';
import { dayFromIso } from '../../src/grid/domain/calendar.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { testDatabase } from '../support/database.js';
import { addPoints, FREE_REGION, home, seedRegistry, storeLoads, withRigs } from './synthetic-points.js';

const rulebook = loadRulebook(`${projectRoot}/rulebook/ru.json`);
const day = (iso: string) => dayFromIso(iso)!;
const NOW = new Date('2026-08-03T06:00:00Z');

describe('scoring where there is more or less than intervals', () => {
  let db: Database;
  let client: Client;
  let ids: Map<string, number>;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.connect();
    await seedRegistry(client);
    const together = { territory: FREE_REGION, household: 'two meters' };
    ids = await addPoints(client, [
      { externalId: 'monthly', territory: FREE_REGION },
      { externalId: 'rig' },
      { externalId: 'shared-hourly', ...together },
      { externalId: 'shared-monthly', ...together },
    ]);
  });
  afterAll(async () => {
    await client.end();
    await db.close();
  });

  /** Readings at local midnight (Moscow) of the first of June, July and August. */
  async function read(point: string, kwh: readonly number[]): Promise<void> {
    for (const [index, total] of kwh.entries()) {
      await client.query(
        `insert into register_reading (metering_point_id, meter_serial, tariff_zone, taken_at, kwh, ct_ratio, quality, upload_id)
         values ($1, 'A1', 'total', $2, $3, 1, 0, 1)`,
        [ids.get(point), `2026-0${6 + index}-01T00:00:00+03:00`, total],
      );
    }
  }

  const judgements = async (point: string) =>
    (
      await client.query(
        `select to_char(month, 'YYYY-MM') as month, metered_kwh, unit_kwh, exceeded from quota_judgement
         where metering_point_id = $1 order by 1`,
        [ids.get(point)],
      )
    ).rows;

  it('judges months by registers alone, in a database that holds nothing else', async () => {
    await read('monthly', [1000, 8100, 9000]);
    const summary = await scorePoints(db, { rulebook, now: NOW });
    expect(summary).toMatchObject({ points: 1, asOf: day('2026-08-01'), byKind: { quota_exceeded: 1 } });
    expect(await judgements('monthly')).toEqual([
      { month: '2026-06', metered_kwh: 7100, unit_kwh: 7100, exceeded: true },
      { month: '2026-07', metered_kwh: 900, unit_kwh: 900, exceeded: false },
    ]);
  });

  it('adds the registers of one meter of a household to the intervals of the other', async () => {
    await read('shared-monthly', [500, 3700, 4000]);
    const loads = new Map([
      [ids.get('shared-hourly')!, () => 5],
      [ids.get('rig')!, withRigs(home(3), { kw: 1.6, onset: day('2026-06-20') })],
    ]);
    await storeLoads(client, loads, { from: day('2026-05-01'), to: day('2026-08-01'), now: NOW });
    await scorePoints(db, { rulebook, now: NOW });
    expect(await judgements('shared-hourly')).toMatchObject([
      { month: '2026-05', unit_kwh: 3720 },
      { month: '2026-06', metered_kwh: 3600, unit_kwh: 6800 },
      { month: '2026-07', metered_kwh: 3720, unit_kwh: 4020 },
    ]);
    expect(await judgements('shared-monthly')).toMatchObject([
      { month: '2026-06', metered_kwh: 3200, unit_kwh: 6800 },
      { month: '2026-07', metered_kwh: 300, unit_kwh: 4020 },
    ]);
  });

  it('scores with the weights that were adopted, and says so', async () => {
    const score = async () => {
      const { rows } = await client.query(
        `select s.score, r.settings_version as version from score s join scoring_run r on r.id = s.run_id
         where s.metering_point_id = $1`,
        [ids.get('rig')],
      );
      return rows[0] as { score: number; version: string };
    };
    const before = await score();
    expect(before.version).toContain(weightsMark(versionOf(STARTING_SET)));
    const set = { ...STARTING_SET, priorShift: -2 };
    await client.query(
      `insert into weight_set (version, origin, status, created_at, weights, prior_shift, settings, fitted_on, report,
         activated_at, activated_by)
       values ($1, 'fitted', 'active', $2, $3, $4, '{}', '{}', '{}', $2, 'A. Ivanova')`,
      [versionOf(set), NOW, JSON.stringify(set.weights), set.priorShift],
    );
    await scorePoints(db, { rulebook, now: NOW });
    const after = await score();
    expect(after.version).toContain(weightsMark(versionOf(set)));
    const logit = (p: number) => Math.log(p / (1 - p));
    expect(logit(after.score) - logit(before.score)).toBeCloseTo(-2, 6);
  });
});
