import { mayBeNext, type Opinionated } from './second-person.js';

const person = (personId: number | null, organisation = ''): Opinionated => ({ personId, organisation });

describe('who may give the next opinion', () => {
  it.each([
    ['not who gave the first', person(1), [person(1)], [person(1), person(2)], false],
    ['a colleague where there is nobody else', person(2, 'a'), [person(1, 'a')], [person(2, 'a')], true],
    ['no colleague where somebody else is', person(2, 'a'), [person(1, 'a')], [person(3, 'b')], false],
    ['somebody of another organisation', person(3, 'b'), [person(1, 'a')], [person(3, 'b')], true],
    ['anybody after the command line, which is nobody', person(1), [person(null)], [person(1)], true],
    [
      'the third of a third organisation',
      person(3, 'c'),
      [person(1, 'a'), person(2, 'b')],
      [person(3, 'c')],
      true,
    ],
    [
      'not the third of the second one’s organisation while there is a third',
      person(4, 'b'),
      [person(1, 'a'), person(2, 'b')],
      [person(3, 'c')],
      false,
    ],
    [
      'a colleague when the only one elsewhere has spoken',
      person(4, 'b'),
      [person(1, 'a'), person(2, 'b')],
      [person(2, 'b'), person(4, 'b')],
      true,
    ],
  ])('%s', (_, next, former, all, may) => {
    expect(mayBeNext(next, former, all)).toBe(may);
  });
});
