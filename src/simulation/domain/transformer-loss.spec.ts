import { describe, expect, it } from '@jest/globals';
import { lossKw, transformerFor } from './transformer-loss.js';

describe('the loss under a transformer', () => {
  const transformer = transformerFor(50);

  // 160 kVA: iron 0.41, windings 2.65, lines 4 % of 160 = 6.4 kW at rated load.
  it.each([
    ['without load, the iron only', 0, 0.41],
    ['at half load, a quarter of the rest', 80, 0.41 + (2.65 + 6.4) / 4],
    ['at rated load', 160, 0.41 + 2.65 + 6.4],
    ['overloaded', 240, 0.41 + (2.65 + 6.4) * 2.25],
  ])('%s', (_name, loadKw, expected) => {
    expect(transformer.ratedKva).toBe(160);
    expect(lossKw(transformer, loadKw)).toBeCloseTo(expected, 10);
  });

  it.each([
    [30, 100],
    [53, 160],
    [54, 250],
    [80, 250],
    [130, 400],
    [1000, 400],
  ])('%d points hang under %d kVA', (points, ratedKva) => {
    expect(transformerFor(points).ratedKva).toBe(ratedKva);
  });
});
