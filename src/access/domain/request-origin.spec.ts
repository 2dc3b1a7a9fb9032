import { describe, expect, test } from '@jest/globals';
import { cookieValue, isForeignPage, isPlainLoopback } from './request-origin.js';

describe('a request that writes', () => {
  test.each([
    { name: 'from curl', site: undefined, origin: undefined, foreign: false },
    { name: 'from our page', site: 'same-origin', origin: 'http://h:1', foreign: false },
    { name: 'from another site', site: 'cross-site', origin: 'http://h:1', foreign: true },
    { name: 'from another port or subdomain', site: 'same-site', origin: undefined, foreign: true },
    { name: 'without a page', site: 'none', origin: undefined, foreign: true },
    { name: 'from our page in an old browser', site: undefined, origin: 'http://h:1', foreign: false },
    { name: 'from another site in an old browser', site: undefined, origin: 'http://h:2', foreign: true },
    { name: 'from a page that hides itself', site: undefined, origin: 'null', foreign: true },
  ])('$name: $foreign', ({ site, origin, foreign }) => {
    expect(isForeignPage({ site, origin, host: 'h:1' })).toBe(foreign);
  });
});

test.each([
  [undefined, undefined],
  ['', undefined],
  ['a=1', undefined],
  ['a=1; key=two', 'two'],
  ['key=a=b;c=d', 'a=b'],
  ['xkey=1', undefined],
])('the cookie header %j has %j', (header, expected) => {
  expect(cookieValue(header, 'key')).toBe(expected);
});

test.each([
  { hostname: '127.0.0.1', plain: true },
  { hostname: 'localhost', plain: true },
  { hostname: '[::1]', plain: true },
  { hostname: 'localhost', isEncrypted: true, plain: false },
  { hostname: '127.0.0.1', isForwarded: true, plain: false },
  { hostname: 'gridwarden.example', plain: false },
  { hostname: '127.0.0.1.example', plain: false },
  { hostname: '10.0.0.7', plain: false },
  { hostname: undefined, plain: false },
])('$hostname is plain loopback: $plain', ({ plain, hostname, ...way }) => {
  expect(isPlainLoopback({ isEncrypted: false, isForwarded: false, hostname, ...way })).toBe(plain);
});
