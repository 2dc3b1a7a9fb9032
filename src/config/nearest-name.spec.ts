import { expect, test } from '@jest/globals';
import { editDistance, nearestName } from './nearest-name.js';

test.each([
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
  ['abc', '', 3],
  ['same', 'same', 0],
  ['flaw', 'lawn', 2],
])('%s → %s takes %i edits', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test('suggests what is near, and nothing when nothing is', () => {
  expect(nearestName('PROT', ['HOST', 'PORT'])).toBe('PORT');
  expect(nearestName('COLOUR', ['HOST', 'PORT'])).toBeNull();
  expect(nearestName('PORT', [])).toBeNull();
});
