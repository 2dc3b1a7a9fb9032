import { describe, expect, it } from '@jest/globals';
import { sampleCorrelation } from 'simple-statistics';
import { loadText, windowOf } from '../../../test/detection/load-text.js';
import { declaredHeating, sharedHeating } from './heating-movement.js';
import type { PointWindow } from './types.js';

const AUTUMN = '90 days to 2026-11-20';

/** Homes that differ: in the noise their text seeds, and in the size that `load` gives the n-th. */
function homes(count: number, load: (n: number) => string): PointWindow[] {
  return Array.from({ length: count }, (_, n) => loadText(`${AUTUMN}: ${load(n)}`).window);
}

const plain = homes(34, (n) => `home ${n}`);
const boilers = homes(6, (n) => `home + boiler 0.${11 + n}`);
const { temperatureC } = loadText(`${AUTUMN}: nothing`);

/** Correlation of the movement with the cold below 16 °C, where the boilers of the load texts begin. */
function likenessToCold(movement: Float32Array | undefined): number {
  return sampleCorrelation(
    [...movement!],
    [...temperatureC].map((celsius) => Math.max(0, 16 - celsius)),
  );
}

describe('of homes declared as electrically heated', () => {
  it('the movement is the median of their days over their usual days', () => {
    const windows = Array.from({ length: 8 }, (_, n) => {
      const kwh = 40 + 10 * n;
      return windowOf(
        20_000,
        Float32Array.from({ length: 30 * 24 }, (__, hour) => (hour >= 29 * 24 ? 1.5 : 1) * (kwh / 24)),
      );
    });
    const found = declaredHeating('here', windows);
    expect(found).toMatchObject({ key: 'here', source: 'declared', homes: 8 });
    expect(found!.movement[3]).toBeCloseTo(1, 6);
    expect(found!.movement[29]).toBeCloseTo(1.5, 6);
  });

  it('it follows the cold, though a rig has started in two of them', () => {
    const miners = homes(2, (n) => `home + boiler 0.1 + rig 3.${n} from day 40`);
    const found = declaredHeating('here', [...homes(8, (n) => `home + boiler 0.${11 + n}`), ...miners]);
    expect(likenessToCold(found?.movement)).toBeGreaterThan(0.95);
  });

  it('too few homes, or homes without readings, make none', () => {
    const silent = windowOf(boilers[0].firstDay, new Float32Array(90 * 24).fill(NaN));
    expect(declaredHeating('here', [])).toBeNull();
    expect(declaredHeating('here', [...boilers, silent, silent, silent])).toBeNull();
  });
});

describe('of homes of which nothing is declared', () => {
  it('those that swing together are the heated ones, among cars, saunas and rigs', () => {
    const others = [
      ...homes(3, (n) => `home + car 7 at 0${n}-05 every ${n + 2} days`),
      ...homes(3, (n) => `home + sauna 9 at 18-2${n} every 3 days`),
      ...homes(3, (n) => `home + rig 3.${n} from day ${30 + 10 * n}`),
    ];
    const found = sharedHeating('here', [
      ...plain,
      ...others,
      ...boilers,
      ...homes(4, (n) => `home + boiler 0.2${n}`),
    ]);
    expect(found).toMatchObject({ source: 'inferred', homes: 8 });
    expect(likenessToCold(found?.movement)).toBeGreaterThan(0.95);
  });

  it.each([
    ['homes that do not heat', plain],
    ['one home that the registry holds thirty times', Array.from({ length: 30 }, () => boilers[0])],
    ['too few homes', boilers],
    ['no homes', []],
  ])('%s have no common movement', (_, windows) => {
    expect(sharedHeating('here', windows)).toBeNull();
  });
});
