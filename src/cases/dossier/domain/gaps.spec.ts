import { gapsIn } from './gaps.js';

describe('gapsIn', () => {
  it.each([
    ['none', [0, 1, 2, 3], []],
    ['all', [], [{ from: 0, to: 4 }]],
    ['the beginning', [2, 3], [{ from: 0, to: 2 }]],
    ['the end', [0, 1, 2], [{ from: 3, to: 4 }]],
    [
      'two in the middle, and days outside',
      [-5, 1, 3, 9],
      [
        { from: 0, to: 1 },
        { from: 2, to: 3 },
      ],
    ],
  ])('%s', (_, whole, gaps) => expect(gapsIn({ from: 0, to: 4 }, whole)).toEqual(gaps));
});
