import { describe, expect, it } from '@jest/globals';
import { averagePath, FOREST, isolationScores } from './isolation-forest.js';

/** Park and Miller's generator, so that another tool can draw the same set. */
function cloud(count: number): Float64Array[] {
  let state = 11;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const rows = Array.from({ length: count }, () => Float64Array.from([random(), random(), random()]));
  rows[0].set([3, 3, 3]);
  rows[1].set([-2, 0.5, 0.5]);
  rows[2].set([0.5, 0.5, 4]);
  rows[3].set([0.5, 0.5, 0.5]);
  return rows;
}

describe('isolation forest', () => {
  // Expected: scikit-learn 1.9.1, _average_path_length.
  it.each([
    [1, 0],
    [2, 1],
    [3, 1.20739236],
    [10, 3.74888048],
    [256, 10.2447709],
    [1000, 12.96994089],
  ])('c(%d) = %d', (points, expected) => expect(averagePath(points)).toBeCloseTo(expected, 7));

  // Expected: scikit-learn 1.9.1, −IsolationForest(n_estimators=100, max_samples=256).score_samples of the same 500 rows,
  // mean over 20 seeds; its standard deviation between seeds is 0.005 to 0.017.
  it('scores rows as scikit-learn’s forest does', () => {
    const rows = cloud(500);
    const forests = [1, 2, 3, 4, 5].map((seed) => isolationScores(rows, { ...FOREST, seed }));
    [0.7845, 0.6293, 0.6645, 0.4262, 0.4627, 0.4787].forEach((expected, row) => {
      const mean = forests.reduce((sum, scores) => sum + scores[row], 0) / forests.length;
      expect(Math.abs(mean - expected)).toBeLessThan(0.02);
    });
  });

  it('does not depend on the units of a feature, and repeats itself', () => {
    const rows = cloud(100);
    const inWatts = rows.map(([a, b, c]) => Float64Array.from([a * 1024, b, c]));
    const scores = isolationScores(rows);
    expect(isolationScores(rows)).toEqual(scores);
    isolationScores(inWatts).forEach((score, at) => expect(score).toBeCloseTo(scores[at], 10));
  });

  it('among equal points nobody stands out; none at all are none', () => {
    const equal = Array.from({ length: 50 }, () => Float64Array.from([1, 2]));
    isolationScores(equal).forEach((score) => expect(score).toBeCloseTo(0.5, 10));
    expect(isolationScores([])).toHaveLength(0);
  });
});
