import { describe, expect, it } from '@jest/globals';
import {
  averagePrecision,
  precisionAtTop,
  recallAtFalsePositiveRate,
  rocAuc,
  type Labelled,
} from './ranking-metrics.js';

const points = (scores: number[], labels: number[]): Labelled[] =>
  scores.map((score, index) => ({ score, isMiner: labels[index] === 1 }));

// Expected values: scikit-learn's documentation examples (roc_auc_score, average_precision_score), the rest by hand.
const cases = [
  {
    name: 'scikit-learn’s example',
    scores: [0.1, 0.4, 0.35, 0.8],
    labels: [0, 0, 1, 1],
    auc: 0.75,
    ap: 0.8333333,
  },
  { name: 'perfect', scores: [0.9, 0.8, 0.2, 0.1], labels: [1, 1, 0, 0], auc: 1, ap: 1 },
  { name: 'upside down', scores: [0.1, 0.2, 0.8, 0.9], labels: [1, 1, 0, 0], auc: 0, ap: 0.4166667 },
  { name: 'all equal', scores: [0.5, 0.5, 0.5, 0.5], labels: [1, 0, 0, 0], auc: 0.5, ap: 0.25 },
  {
    name: 'a tie across kinds',
    scores: [0.9, 0.5, 0.5, 0.1],
    labels: [1, 1, 0, 0],
    auc: 0.875,
    ap: 0.8333333,
  },
];

describe('ranking metrics', () => {
  it.each(cases)('$name', ({ scores, labels, auc, ap }) => {
    expect(rocAuc(points(scores, labels))).toBeCloseTo(auc, 6);
    expect(averagePrecision(points(scores, labels))).toBeCloseTo(ap, 6);
  });

  it('area under the curve equals the share of pairs in the right order, on seeded random scores', () => {
    let state = 7;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const drawn = Array.from({ length: 200 }, () => {
      const isMiner = random() < 0.2;
      return { isMiner, score: Math.round(20 * (random() + (isMiner ? 0.3 : 0))) / 20 };
    });
    let ordered = 0;
    let pairs = 0;
    for (const miner of drawn.filter(({ isMiner }) => isMiner)) {
      for (const innocent of drawn.filter(({ isMiner }) => !isMiner)) {
        pairs++;
        ordered += miner.score > innocent.score ? 1 : miner.score === innocent.score ? 0.5 : 0;
      }
    }
    expect(rocAuc(drawn)).toBeCloseTo(ordered / pairs, 12);
  });

  it('recall at a false-positive rate stops before the innocent that breaks it', () => {
    const ranked = points([9, 8, 7, 6, 5, 4], [1, 0, 1, 0, 1, 0]);
    expect(recallAtFalsePositiveRate(ranked, 0)).toBeCloseTo(1 / 3);
    expect(recallAtFalsePositiveRate(ranked, 0.34)).toBeCloseTo(2 / 3);
    expect(recallAtFalsePositiveRate(ranked, 0.001)).toBeCloseTo(1 / 3);
  });

  it('reweighted precision: the worked example, a perfect ranking, a blind one', () => {
    const twoAndTwo = points([4, 3, 2, 1], [1, 1, 0, 0]);
    expect(precisionAtTop(twoAndTwo, { places: 4, prevalence: 0.2, points: 10 })).toBeCloseTo(0.5);
    expect(precisionAtTop(twoAndTwo, { places: 100, prevalence: 0.008, points: 12_500 })).toBeCloseTo(1);
    const blind = points([1, 1, 1, 1], [1, 1, 0, 0]);
    expect(precisionAtTop(blind, { places: 100, prevalence: 0.008, points: 12_500 })).toBeCloseTo(0.008);
  });

  it('without miners or without points there is nothing to measure', () => {
    expect(rocAuc([])).toBeNaN();
    expect(averagePrecision(points([1, 2], [0, 0]))).toBeNaN();
  });
});
