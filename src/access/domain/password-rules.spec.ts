import { expect, test } from '@jest/globals';
import { normalPassword, passwordFault } from './password-rules.js';

test.each([
  ['лошадь скрепка батарейка', null],
  ['correct horse battery', null],
  ['x7#Lq', /12 to 128/],
  ['я'.repeat(129), /12 to 128/],
  ['ababababababab', /too few characters/],
  ['password1234', /"password"/],
  ['Пароль-Пароль1', /"пароль"/],
  ['anna.ivanova1', /"anna\.ivanova"/],
  ['anna.ivanova walks the dog', null],
])('%s: %s', (password, fault) => {
  if (fault === null) expect(passwordFault(password, 'anna.ivanova')).toBeNull();
  else expect(passwordFault(password, 'anna.ivanova')).toMatch(fault);
});

test('what looks the same is the same', () => {
  expect(normalPassword('\uff21bc\u0438\u0306')).toBe('Abc\u0439');
});
