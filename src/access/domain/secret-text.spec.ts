import { describe, expect, test } from '@jest/globals';
import { csrfTokenOf, digestOf, isToken, keyPrefix, keyText, tokenText } from './secret-text.js';

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);
const KEY = keyText(bytes(6, 7), bytes(32, 200));

describe('a key', () => {
  // 2^48 − 1 and 2^256 − 1 in base 62, by Python's int: the longest there are, and none is shorter.
  test.each([
    [0, '000000000', '0'.repeat(43)],
    [255, '1HvWXNAa7', 'yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1'],
  ])('of bytes %i has parts of fixed length', (value, prefix, secret) => {
    const [start, first, second, last] = keyText(bytes(6, value), bytes(32, value)).split('_');
    expect([start, first, second]).toEqual(['gw', prefix, secret]);
    expect(last).toHaveLength(6);
  });

  test('gives its prefix', () => expect(keyPrefix(KEY)).toBe(KEY.split('_')[1]));

  test.each([
    ['nothing', ''],
    ['another word', 'gw_hello'],
    ['a letter changed', KEY.replace(/.(?=.{10}$)/, (letter) => (letter === 'x' ? 'y' : 'x'))],
    ['a checksum changed', `${KEY.slice(0, -1)}${KEY.endsWith('a') ? 'b' : 'a'}`],
    ['one letter more', `${KEY}a`],
    ['a line break after it', `${KEY}\n`],
    ['another service’s start', KEY.replace('gw_', 'gh_')],
  ])('is not %s', (_, text) => expect(keyPrefix(text)).toBeNull());
});

test('a token is 43 letters and digits', () => {
  expect(isToken(tokenText(bytes(32, 255)))).toBe(true);
  expect(isToken(`${tokenText(bytes(32, 1))}\n`)).toBe(false);
  expect(isToken('')).toBe(false);
});

test('what is stored is SHA-256', () => {
  // printf abc | sha256sum
  expect(digestOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(csrfTokenOf('abc')).not.toBe(digestOf('abc'));
});
