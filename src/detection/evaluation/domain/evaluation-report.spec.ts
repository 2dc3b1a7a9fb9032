import { describe, expect, it } from '@jest/globals';
import { replayReport } from './detection-delay.js';
import { evaluationReport, halfOf, isHeated, type JudgedPoint } from './evaluation-report.js';
import { transformerReport } from './transformer-report.js';

const point = (given: Partial<JudgedPoint>): JudgedPoint => ({
  className: 'flat',
  isMiner: false,
  cluster: 'H',
  electricHeating: false,
  onset: null,
  onsetHour: null,
  score: 0,
  flagged: false,
  since: null,
  sinceHour: null,
  ...given,
});
const miner = (given: Partial<JudgedPoint>) => point({ className: 'rigs_steady', isMiner: true, ...given });

describe('the report', () => {
  it('keeps full bypass out of what is metered', () => {
    const report = evaluationReport([
      miner({ score: 0.9, flagged: true }),
      miner({ className: 'full_bypass' }),
      point({ score: 0.1 }),
      point({ score: 0.1 }),
    ]);
    expect(report.recall).toBe(0.5);
    expect(report.meteredRecall).toMatchObject({ points: 1, flagged: 1, share: 1, ranked: 1 });
    expect(report.ranking.rocAuc.value).toBe(0.5);
    expect(report.metered.rocAuc.value).toBe(1);
  });

  it('counts a miner ranked above the threshold though not worthy of a case', () => {
    const { recallByClass } = evaluationReport([
      miner({ score: 0.4 }),
      miner({ score: 0.01 }),
      point({ score: 0.1 }),
    ]);
    expect(recallByClass.rigs_steady).toMatchObject({ points: 2, flagged: 0, ranked: 1 });
  });

  it.each([
    ['electric_boiler_undeclared', false, true],
    ['electric_heating', null, true],
    ['night_storage', false, true],
    ['heat_pump', true, true],
    ['flat', true, true],
    ['flat', null, false],
    ['electric_car', false, false],
  ])('%s, registered %s: heated %s', (className, electricHeating, heated) =>
    expect(isHeated({ className, electricHeating })).toBe(heated),
  );

  it('tells heated homes that are registered from those that are not', () => {
    const { heatingAlarms } = evaluationReport([
      miner({}),
      point({ className: 'electric_boiler', electricHeating: true }),
      point({ className: 'electric_boiler_undeclared', flagged: true }),
      point({}),
    ]);
    expect(heatingAlarms).toMatchObject({
      all: { points: 2, flagged: 1 },
      registered: { points: 1, flagged: 0 },
      unregistered: { points: 1, flagged: 1 },
    });
  });

  it('measures the onset to the hour; a day without one stands for its noon', () => {
    const found = { flagged: true, onset: 100, onsetHour: 2417, since: 100 };
    const { onsetError } = evaluationReport([
      miner({ ...found, sinceHour: 2415 }),
      miner({ ...found, sinceHour: null }),
      miner({ ...found, onsetHour: null }),
      point({}),
    ]);
    expect(onsetError).toMatchObject({ known: 3, dated: 3, medianDays: 0, withinOneDay: 3 });
    expect(onsetError.hours).toMatchObject({ dated: 2, medianHours: 2, p90Hours: 5 });
    expect(onsetError.hoursByClass.rigs_steady).toMatchObject({ dated: 2 });
  });

  it('a household is always in the same half, and the halves are even', () => {
    const halves = Array.from({ length: 2000 }, (_, nth) => halfOf(`H${nth}`));
    expect(halfOf('H7')).toBe(halfOf('H7'));
    expect(halves.filter((half) => half === 'tune').length).toBeGreaterThan(900);
    expect(halves.filter((half) => half === 'tune').length).toBeLessThan(1100);
  });
});

describe('days to detection', () => {
  const look = (asOf: number, ...flagged: boolean[]) => ({ asOf, flagged });

  it('from the beginning to the first look that sees it', () => {
    const points = [
      miner({ onset: 40, onsetHour: 40 * 24 + 12 }),
      miner({ onset: 40 }),
      miner({ className: 'night_only', onset: 41 }),
      miner({ onset: 3 }),
      point({}),
    ];
    const report = replayReport(
      points,
      [
        look(38, false, true, false, true, false),
        look(42, false, true, false, true, true),
        look(44, true, true, false, true, false),
        look(60, true, true, false, true, false),
      ],
      { firstDay: 0, stepDays: 2 },
    );
    // The fourth began with too few days before it.
    expect(report.byClass.rigs_steady).toMatchObject({
      miners: 2,
      detected: 2,
      medianDays: 1.5,
      p90Days: 3.5,
    });
    expect(report.byClass.night_only).toMatchObject({ miners: 1, detected: 0, medianDays: null });
    expect(report.metered).toMatchObject({ miners: 3, detected: 2, withinSevenDays: 2, medianDays: 3.5 });
    expect(report.everFlagged).toMatchObject({
      points: 1,
      flagged: 1,
      byClass: { flat: 1 },
      byDay: [
        { asOf: 38, flagged: 0 },
        { asOf: 42, flagged: 1 },
        { asOf: 44, flagged: 0 },
        { asOf: 60, flagged: 0 },
      ],
    });
    expect(report.flaggedBeforeOnset).toBe(1);
  });
});

describe('transformers', () => {
  it('a full bypass is found through its transformer, and its suspects are ranked', () => {
    const judged = [
      { id: 'T1', score: 0.9, flagged: true },
      { id: 'T2', score: 0.2, flagged: false },
      { id: 'T3', score: 0.8, flagged: true },
      { id: 'T4', score: 0.1, flagged: false },
    ];
    const report = transformerReport(judged, [
      { isFull: true, transformer: 'T1', suspectRank: 2 },
      { isFull: true, transformer: 'T1', suspectRank: 4 },
      { isFull: true, transformer: null, suspectRank: null },
      { isFull: false, transformer: 'T2', suspectRank: null },
    ]);
    expect(report).toMatchObject({
      transformers: 4,
      flagged: 2,
      fullBypass: { of: 3, hits: 2 },
      partialBypass: { of: 1, hits: 0 },
      falseAlarms: { of: 2, hits: 1, share: 0.5 },
      topThree: { of: 2, hits: 1 },
      rocAuc: 1,
    });
  });
});
