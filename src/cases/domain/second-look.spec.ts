import { mayLookAgain, type Reviewer } from './second-look.js';

const person = (personId: number, organisation: string): Reviewer => ({ personId, organisation });
const first = person(1, 'north');

describe('the second look', () => {
  it.each([
    [
      'a supervisor of another organisation',
      person(2, 'south'),
      [person(2, 'south'), person(3, 'north')],
      true,
    ],
    [
      'a colleague, where there is another',
      person(3, 'north'),
      [person(2, 'south'), person(3, 'north')],
      false,
    ],
    ['a colleague, where there is no other', person(3, 'north'), [person(3, 'north')], true],
    ['who looked first', first, [first], false],
  ])('%s', (_, reviewer, all, may) => {
    expect(mayLookAgain(reviewer, first, all)).toBe(may);
  });
});
