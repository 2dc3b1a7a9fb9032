import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compareWithTruth, mainReason, suspectedKw } from './demo-report.js';
import type { FlaggedPoint } from './demo-summary.js';
import type { Evidence, Finding, Observed } from '../detection/domain/types.js';

const finding = (detector: string, observed: Observed): Finding => ({
  detector,
  version: 1,
  window: { from: '2026-01-01', to: '2026-02-01' },
  settings: {},
  observed,
  since: null,
});
const base = finding('base-load', { floorKw: 3.1 });
const remainder = finding('temperature-remainder', { remainderKw: 2.9 });
const unknownRemainder = finding('temperature-remainder', { remainderKw: null });
const step = finding('step-up', { stepKw: 2.7 });

test.each([
  ['nothing', [], null],
  ['a floor', [base], 3.1],
  ['what the weather leaves, before the floor', [base, remainder], 2.9],
  ['the floor, when the weather says nothing', [unknownRemainder, base], 3.1],
  ['the step, before both', [base, remainder, step], 2.7],
  ['a finding without power', [finding('peers', { timesPeers: 4 })], null],
])('suspected kW from %s', (_, findings, expected) => expect(suspectedKw(findings)).toBe(expected));

describe('the main reason', () => {
  const evidence = (logOdds: number, en: string): Evidence => ({
    detector: 'flatness',
    kind: 'shape',
    logOdds,
    sentence: { ru: '', en },
  });

  test.each([
    [
      'is what speaks most for it',
      [evidence(-5, 'against'), evidence(1, 'some'), evidence(3, 'most')],
      'most',
    ],
    ['is never what speaks against', [evidence(-5, 'against'), evidence(0, 'neither')], ''],
    ['is empty without evidence', [], ''],
  ])('%s', (_, list, expected) => expect(mainReason(list)).toBe(expected));
});

test('the truth is compared class by class, miners first; a lawful miner is innocent', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'truth-'));
  const file = path.join(folder, 'truth.csv');
  writeFileSync(
    file,
    [
      'metering_point,class,is_miner,miner_kw,onset',
      'P1,flat,false,,',
      'P2,flat,false,,',
      'P3,rigs_steady,true,3.2,2026-01-05',
      'P4,rigs_steady,false,3.2,2026-01-05',
      'P5,small_shop,false,,',
      'P6,full_bypass,true,3.2,',
      'P7,full_bypass,true,3.2,',
      'P8,rigs_steady,true,3.2,',
    ].join('\n'),
  );
  const flagged = (meteringPoint: string, kind: FlaggedPoint['kind']): FlaggedPoint => ({
    ...{ meteringPoint, kind, score: 0.9, kwhPerMonth: 1 },
    ...{ since: null, suspectedKw: null, reason: '' },
  });
  const transformer = {
    transformer: 'T1',
    score: 0.9,
    since: null,
    reason: '',
    households: ['P1', 'P6', 'P8'],
  };
  const outcomes = await compareWithTruth(
    file,
    [flagged('P3', 'mining_suspected'), flagged('P4', 'quota_exceeded'), flagged('P5', 'mining_suspected')],
    [transformer],
  );
  rmSync(folder, { recursive: true });
  expect(outcomes).toEqual([
    { name: 'rigs_steady', isMiner: true, points: 2, suspected: 1, overQuota: 0, throughTransformer: 0 },
    { name: 'full_bypass', isMiner: true, points: 2, suspected: 0, overQuota: 0, throughTransformer: 1 },
    { name: 'flat', isMiner: false, points: 2, suspected: 0, overQuota: 0, throughTransformer: 0 },
    { name: 'rigs_steady', isMiner: false, points: 1, suspected: 0, overQuota: 1, throughTransformer: 0 },
    { name: 'small_shop', isMiner: false, points: 1, suspected: 1, overQuota: 0, throughTransformer: 0 },
  ]);
});
