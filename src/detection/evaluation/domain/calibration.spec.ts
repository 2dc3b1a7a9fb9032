import { describe, expect, it } from '@jest/globals';
import { asciiCalibration, svgCalibration } from './calibration-plot.js';
import { calibrationOf } from './calibration.js';

function drawn(): { isMiner: boolean; score: number }[] {
  let state = 7;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return Array.from({ length: 300 }, () => {
    const isMiner = random() < 0.2;
    const raw = Math.round(20 * (random() + (isMiner ? 0.3 : 0))) / 20;
    return { isMiner, score: Math.min(1, raw / 1.31) };
  });
}

describe('calibration', () => {
  it('the worked example', () => {
    const points = [0.2, 0.2, 0.9, 0.9].map((score) => ({ score, isMiner: score > 0.5 }));
    const { errorEqualWidth, equalWidth, errorAtPrevalence } = calibrationOf(points, 0.008);
    expect(errorEqualWidth).toBeCloseTo(0.15, 12);
    expect(equalWidth).toMatchObject([
      { points: 2, minerShare: 0 },
      { points: 2, minerShare: 1 },
    ]);
    expect(errorAtPrevalence).toBeCloseTo(0.992 * 0.2 + 0.008 * 0.1, 12);
  });

  // Expected: scikit-learn 1.9.1, calibration_curve(n_bins=10, strategy='uniform'), and Σ share × |difference| by numpy.
  it('bins are scikit-learn’s', () => {
    const { equalWidth, errorEqualWidth } = calibrationOf(drawn(), 0.008);
    const shares = [0.0, 0.0, 0.19444, 0.18919, 0.24324, 0.09091, 0.44444, 0.38889, 1.0, 1.0];
    const means = [0.04226, 0.15267, 0.24703, 0.34764, 0.45905, 0.5598, 0.65394, 0.73367, 0.82697, 0.94402];
    expect(equalWidth).toHaveLength(10);
    equalWidth.forEach(({ minerShare, meanScore }, at) => {
      expect(minerShare).toBeCloseTo(shares[at], 4);
      expect(meanScore).toBeCloseTo(means[at], 4);
    });
    expect(errorEqualWidth).toBeCloseTo(0.1894656488549618, 10);
  });

  it('bins of equal count never part equal scores and hold every point', () => {
    const { equalCount } = calibrationOf(drawn(), 0.008);
    expect(equalCount.reduce((sum, { points }) => sum + points, 0)).toBe(300);
    equalCount.slice(1).forEach(({ from }, at) => expect(from).toBeGreaterThan(equalCount[at].to));
    const same = Array.from({ length: 30 }, (_, at) => ({ score: 0.3, isMiner: at < 9 }));
    expect(calibrationOf(same, 0.008)).toMatchObject({ equalCount: [{ points: 30 }] });
    expect(calibrationOf(same, 0.008).errorEqualCount).toBeCloseTo(0, 12);
  });

  it('draws a score that means what it says on the diagonal', () => {
    const honest = [
      ...Array.from({ length: 10 }, (_, at) => ({ score: 0.5, isMiner: at < 5 })),
      { score: 1, isMiner: true },
      { score: 0, isMiner: false },
    ];
    const calibration = calibrationOf(honest, 0.008);
    const plot = asciiCalibration(calibration);
    expect(plot[0]).toMatch(/^ {2}1\.0 \|.*o$/);
    expect(plot[5].indexOf('o')).toBe(plot[0].indexOf('o') - 20);
    expect(svgCalibration(calibration)).toContain('<circle cx="248.0" cy="248.0"');
  });
});
