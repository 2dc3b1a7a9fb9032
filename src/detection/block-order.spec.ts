import { sortTogether } from './block-order.js';

/** Blocks as arrays, for reading. */
function blocks(transformers: readonly number[], blockPoints = 4, mostUnderOne = 6) {
  const ids = Int32Array.from(transformers, (_, point) => point + 1);
  const order = sortTogether(ids, Int32Array.from(transformers), blockPoints, mostUnderOne);
  return Array.from({ length: order.starts.length - 1 }, (_, block) => ({
    ids: [...order.ids.subarray(order.starts[block], order.starts[block + 1])],
    whole: [
      ...order.transformerIds.subarray(order.transformerStarts[block], order.transformerStarts[block + 1]),
    ],
  }));
}

describe('blocks of whole transformers', () => {
  it.each([
    ['nothing', [], []],
    [
      'points without a transformer, in their order',
      [0, 0, 0, 0, 0],
      [
        { ids: [1, 2, 3, 4], whole: [] },
        { ids: [5], whole: [] },
      ],
    ],
    [
      'two transformers that the registry mixes up',
      [7, 9, 7, 9, 7],
      [
        { ids: [1, 3, 5], whole: [7] },
        { ids: [2, 4], whole: [9] },
      ],
    ],
    [
      'small ones together',
      [7, 7, 9, 0, 8],
      [
        { ids: [1, 2, 3, 4], whole: [7, 9] },
        { ids: [5], whole: [8] },
      ],
    ],
    [
      'one above the usual size in a block of its own',
      [3, 7, 7, 7, 7, 7, 3],
      [
        { ids: [1, 7], whole: [3] },
        { ids: [2, 3, 4, 5, 6], whole: [7] },
      ],
    ],
    [
      'one that no transformer can be, in parts without a balance',
      [7, 7, 7, 7, 7, 7, 7, 3],
      [
        { ids: [1, 2, 3, 4], whole: [] },
        { ids: [5, 6, 7], whole: [] },
        { ids: [8], whole: [3] },
      ],
    ],
  ])('%s', (_, transformers, expected) => {
    expect(blocks(transformers)).toEqual(expected);
  });
});
