import { describe, expect, it } from '@jest/globals';
import {
  FALSE_POSITIVE_RATES,
  DISTRICT,
  Ranking,
  rankingFigures,
  type Clustered,
} from './ranking-figures.js';
import {
  averagePrecision,
  precisionAtTop,
  recallAtFalsePositiveRate,
  rocAuc,
  thresholdAtFalsePositiveRate,
} from './ranking-metrics.js';

/** Park and Miller's generator, so that another tool can draw the same set. */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function drawn(count: number, seed = 7): Clustered[] {
  const random = lehmer(seed);
  return Array.from({ length: count }, (_, index) => {
    const isMiner = random() < 0.2;
    const score = Math.round(20 * (random() + (isMiner ? 0.3 : 0))) / 20;
    return { isMiner, score, cluster: `H${index % 40}` };
  });
}

describe('figures of a ranking', () => {
  // Expected: scikit-learn 1.9.1 on the same 300 points (seed 7): roc_auc_score, average_precision_score, and the
  // greatest tpr of roc_curve(…, drop_intermediate=False) with fpr below each rate.
  it('are scikit-learn’s', () => {
    const { rocAuc, averagePrecision, recallAtFpr } = rankingFigures(drawn(300));
    expect(rocAuc.value).toBeCloseTo(0.8237435210529381, 12);
    expect(averagePrecision.value).toBeCloseTo(0.6839940464466597, 12);
    expect(recallAtFpr.map(({ value }) => value)).toEqual([24, 24, 24, 26].map((found) => found / 77));
  });

  it.each([1, 2, 3])(
    'of a redrawn set are those of the points written out as often as drawn (seed %d)',
    (seed) => {
      const points = drawn(200, seed);
      const random = lehmer(seed + 100);
      const weights = Array.from({ length: 40 }, () => Math.floor(random() * 4));
      const written = points.flatMap((point) =>
        Array<Clustered>(weights[Number(point.cluster.slice(1))]).fill(point),
      );
      const expected = [
        rocAuc(written),
        averagePrecision(written),
        precisionAtTop(written, DISTRICT),
        ...FALSE_POSITIVE_RATES.map((fpr) => recallAtFalsePositiveRate(written, fpr)),
      ];
      Array.from(new Ranking(points).figures(weights)).forEach((figure, at) =>
        expect(figure).toBeCloseTo(expected[at], 12),
      );
    },
  );

  it('an interval holds the figure, narrows with more households, and is the same every time', () => {
    const few = rankingFigures(drawn(300)).rocAuc;
    const many = rankingFigures(
      drawn(6000).map((point, index) => ({ ...point, cluster: `H${index}` })),
    ).rocAuc;
    const width = ({ interval: { low, high } }: typeof few) => high - low;
    expect(few.interval.low).toBeLessThan(few.value);
    expect(few.interval.high).toBeGreaterThan(few.value);
    // 20 times the points: √20 = 4.5 times narrower.
    expect(width(few) / width(many)).toBeGreaterThan(3);
    expect(rankingFigures(drawn(300)).rocAuc).toEqual(few);
  });

  it('points of one household are drawn together', () => {
    const alone = drawn(300).map((point, index) => ({ ...point, cluster: `H${index}` }));
    const tenfold = alone.flatMap((point) => Array<Clustered>(10).fill(point));
    const { low, high } = rankingFigures(alone).rocAuc.interval;
    expect(rankingFigures(tenfold).rocAuc.interval.low).toBeCloseTo(low, 6);
    expect(rankingFigures(tenfold).rocAuc.interval.high).toBeCloseTo(high, 6);
  });

  it('without miners nothing is measured', () => {
    const { rocAuc } = rankingFigures(drawn(20).map((point) => ({ ...point, isMiner: false })));
    expect(rocAuc).toEqual({ value: NaN, interval: { low: NaN, high: NaN } });
  });
});

describe('the threshold of a false-positive rate', () => {
  it.each([0, 0.001, 0.02, 0.3, 1])('flags as many miners as the recall says (%d)', (fpr) => {
    const points = drawn(300);
    const miners = points.filter(({ isMiner }) => isMiner);
    const threshold = thresholdAtFalsePositiveRate(points, fpr);
    const found = miners.filter(({ score }) => score >= threshold).length;
    expect(found / miners.length).toBeCloseTo(recallAtFalsePositiveRate(points, fpr), 12);
  });
});
