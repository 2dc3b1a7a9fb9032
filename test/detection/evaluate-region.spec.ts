import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import { evaluateRegion, openRegion } from '../../src/detection/evaluation/evaluate-region.js';
import { describeEvaluation, evaluationJson } from '../../src/detection/evaluation/evaluation-output.js';
import { dayFromIso, isoFromDay } from '../../src/grid/domain/calendar.js';
import { loadRulebook } from '../../src/rulebook/rulebook-file.js';
import { testDatabase } from '../support/database.js';
import { home, withRigs, type Load } from './synthetic-points.js';

const day = (iso: string) => dayFromIso(iso)!;
const rulebook = loadRulebook(`${projectRoot}/rulebook/ru.json`);
const LIMITS = { uploadMaxBytes: 1e9, unpackedMaxBytes: 1e9, rejectedRowsKept: 100 };

describe('evaluating a labelled region', () => {
  let db: Database;
  let folder: string;

  beforeAll(async () => {
    db = await testDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'gridwarden-region-'));
    await writeRegion(folder);
  });
  afterAll(async () => {
    await db.close();
    await rm(folder, { recursive: true });
  });

  const evaluate = async () => {
    const config = { ...LIMITS, dataDir: path.join(folder, 'data') };
    return evaluateRegion(db, config, { region: await openRegion(folder), rulebook, say: () => {} });
  };

  it('ranks the rig above every home, and says by class what was flagged', async () => {
    const evaluation = await evaluate();
    expect(evaluation).toMatchObject({
      points: 14,
      miners: 2,
      recall: 0.5,
      falseAlarmRate: 0,
      recallByClass: { rigs_steady: { points: 1, flagged: 1, share: 1 }, no_readings: { flagged: 0 } },
      falseAlarmsByClass: { flat: { points: 12, flagged: 0, share: 0 } },
      onsetError: { known: 1, dated: 1, medianDays: 0, withinOneDay: 1 },
      scoring: { points: 13 },
    });
    const json = JSON.parse(JSON.stringify(evaluationJson(evaluation)));
    // One of two miners ranks first, the other, unread, last: 12 of 24 pairs are in order.
    expect(json).toMatchObject({ roc_auc: 0.5, recall_at_fpr: { '0.001': 0.5, '0.01': 0.5 } });
    expect(describeEvaluation(evaluation)).toMatch(/rigs_steady +100 % +\(1 of 1\)/);
  });

  it('refuses a folder without the truth in one sentence', async () => {
    await expect(openRegion(path.join(folder, 'nowhere'))).rejects.toThrow(/There is no .*truth\.csv/);
  });
});

async function writeRegion(folder: string): Promise<void> {
  const loads = new Map<string, Load>(Array.from({ length: 12 }, (_, n) => [`H${n}`, home(n)]));
  loads.set('RIG', withRigs(home(20), { kw: 3.3, onset: day('2026-04-01') }));
  const registry = [...loads.keys(), 'UNREAD'].map((id) => `${id},${id},RU-DA,T1,F1,rural,false,15,,`);
  const header = 'metering_point,household,territory,transformer,feeder,tariff_category,electric_heating,';
  await writeFile(
    path.join(folder, 'registry.csv'),
    `${header}contracted_kw,declared_load_kw,declared_purpose\n${registry.join('\n')}\n`,
  );
  const lines = ['metering_point,start,kwh'];
  for (const [id, load] of loads) {
    for (let at = day('2026-02-01'); at < day('2026-05-10'); at++) {
      for (let hour = 0; hour < 24; hour++) {
        lines.push(
          `${id},${isoFromDay(at)}T${String(hour).padStart(2, '0')}:00:00+03:00,${load(at, hour).toFixed(3)}`,
        );
      }
    }
  }
  await writeFile(path.join(folder, 'readings.csv'), `${lines.join('\n')}\n`);
  const truth = [...loads.keys()].filter((id) => id !== 'RIG').map((id) => `${id},flat,false,0,`);
  truth.push('RIG,rigs_steady,true,3.3,2026-04-01', 'UNREAD,no_readings,true,3.3,');
  await writeFile(
    path.join(folder, 'truth.csv'),
    `metering_point,class,is_miner,miner_kw,onset\n${truth.join('\n')}\n`,
  );
}
