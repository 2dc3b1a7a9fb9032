import { describe, expect, it } from '@jest/globals';
import { dealer, onePerBlock } from './deal.js';

const KINDS = [
  { name: 'flat', cards: 6 },
  { name: 'house', cards: 3 },
  { name: 'shop', cards: 1 },
];

describe('dealing kinds', () => {
  it('gives every run of a deck its exact numbers', () => {
    const deal = dealer(1, 'household', KINDS);
    for (let round = 0; round < 5; round++) {
      const names = Array.from({ length: 10 }, (_, i) => deal(round * 10 + i).name);
      expect(KINDS.map(({ name }) => names.filter((dealt) => dealt === name).length)).toEqual([6, 3, 1]);
    }
  });

  it('shuffles every run anew', () => {
    const deal = dealer(1, 'household', KINDS);
    const shops = Array.from({ length: 200 }, (_, i) => i).filter((i) => deal(i).name === 'shop');
    expect(new Set(shops.map((index) => index % 10)).size).toBeGreaterThan(4);
  });

  it('answers by index, whatever was asked before', () => {
    const forwards = dealer(9, 'household', KINDS);
    const backwards = dealer(9, 'household', KINDS);
    const inOrder = Array.from({ length: 35 }, (_, i) => forwards(i));
    const inReverse = Array.from({ length: 35 }, (_, i) => backwards(34 - i)).reverse();
    expect(inReverse).toEqual(inOrder);
  });
});

describe('one pick per block', () => {
  it.each([
    [50, 1000, 20],
    [2, 100, 50],
    [1, 10, 10],
  ])('of %d: %d indices hold %d picks, numbered in order', (every, indices, expected) => {
    const pick = onePerBlock(1, 'miner', every);
    const picks = Array.from({ length: indices }, (_, i) => pick(i)).filter((number) => number !== null);
    expect(picks).toEqual(Array.from({ length: expected }, (_, i) => i));
  });
});
