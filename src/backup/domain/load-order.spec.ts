import { loadOrder } from './load-order.js';

const of = (...pairs: string[]) =>
  pairs.map((pair) => ({ table: pair.split('>')[0], target: pair.split('>')[1] }));

it.each([
  ['nothing', [], [], []],
  ['no references', ['b', 'a'], [], ['b', 'a']],
  ['a chain', ['c', 'b', 'a'], of('c>b', 'b>a'), ['a', 'b', 'c']],
  ['itself', ['a'], of('a>a'), ['a']],
  ['a table that is not among them', ['a'], of('a>x'), ['a']],
])('%s', (_, tables, references, order) => expect(loadOrder(tables, references)).toEqual(order));

it('names a circle', () => {
  expect(() => loadOrder(['a', 'b', 'c'], of('b>c', 'c>b'))).toThrow('tables that point at each other: b, c');
});
