import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';
import type { Database } from '../../src/database/open-database.js';
import {
  evaluateRegion,
  openRegion,
  type EvaluationOptions,
} from '../../src/detection/evaluation/evaluate-region.js';
import { svgCalibration } from '../../src/detection/evaluation/domain/calibration-plot.js';
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

  const evaluate = async (asked: Partial<EvaluationOptions> = {}) => {
    const config = { ...LIMITS, dataDir: path.join(folder, 'data') };
    return evaluateRegion(db, config, {
      region: await openRegion(folder),
      rulebook,
      say: () => {},
      ...asked,
    });
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
    expect(json).toMatchObject({
      recall_at_fpr: { '0.002': 0.5, '0.005': 0.5 },
      intervals: { roc_auc: [expect.any(Number), expect.any(Number)] },
      metered: { miners: 2, recall: { points: 2, flagged: 1, above_fpr_0_002: 1 } },
      recall_by_class: { rigs_steady: { points: 1, interval: [expect.any(Number), 1] } },
      false_alarms_with_electric_heating: { all: { points: 1, flagged: 0 }, registered: { points: 1 } },
      // The rig began at 00:00; the registry has one transformer, and no balance meter is read.
      onset_error: { hours: { dated: 1, median: 0 } },
      transformers: null,
      split: null,
      replay: null,
    });
    expect(Object.keys(json.baselines)).toHaveLength(6);
    // Any simple method puts 3.3 kW day and night first, and who has no readings last.
    for (const name of ['base_load', 'load_factor', 'irkutsk_rule'])
      expect(json.baselines[name]).toMatchObject({ roc_auc: 0.5, recall_at_fpr: { '0.002': 0.5 } });
    expect(describeEvaluation(evaluation)).toMatch(/rigs_steady +100 % +\[20\.7–100\] +1 of 1 +100 %/);
    expect(svgCalibration(evaluation.calibration)).toContain('</svg>');
  });

  it('looks back: days to detection, and halves of the households now and before', async () => {
    const evaluation = await evaluate({ replayStepDays: 7, split: true });
    const json = JSON.parse(JSON.stringify(evaluationJson(evaluation)));
    const { replay, split } = json;
    expect(replay).toMatchObject({ to: '2026-05-10', step_days: 7, miners_flagged_before_onset: 0 });
    expect(replay.days_to_detection.by_class.rigs_steady).toMatchObject({ miners: 1, detected: 1 });
    const days = replay.days_to_detection.by_class.rigs_steady.median_days;
    expect(days).toBeGreaterThan(0);
    expect(days).toBeLessThan(28);
    expect(replay.innocents_ever_flagged).toMatchObject({ points: 12, flagged: 0, by_class: {} });
    expect(split.map(({ half, as_of }: { half: string; as_of: string }) => `${half} ${as_of}`)).toEqual([
      'tune 2026-05-10',
      'test 2026-05-10',
      'tune 2026-04-07',
      'test 2026-04-07',
    ]);
    expect(split[0].points + split[1].points).toBe(14);
    expect(describeEvaluation(evaluation)).toContain('Days to detection');
  });

  it('refuses a folder without the truth in one sentence', async () => {
    await expect(openRegion(path.join(folder, 'nowhere'))).rejects.toThrow(/There is no .*truth\.csv/);
  });
});

async function writeRegion(folder: string): Promise<void> {
  const loads = new Map<string, Load>(Array.from({ length: 12 }, (_, n) => [`H${n}`, home(n)]));
  loads.set('RIG', withRigs(home(20), { kw: 3.3, onset: day('2026-04-01') }));
  const registry = [...loads.keys(), 'UNREAD'].map(
    (id) => `${id},${id},RU-DA,T1,F1,rural,${id === 'H0'},15,,`,
  );
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
  truth.push('RIG,rigs_steady,true,3.3,2026-04-01T00:00+03:00', 'UNREAD,no_readings,true,3.3,');
  await writeFile(
    path.join(folder, 'truth.csv'),
    `metering_point,class,is_miner,miner_kw,onset\n${truth.join('\n')}\n`,
  );
}
