import { saneRequestId } from './request-id.js';

it.each([
  ['of a proxy', '4bf92f3577b34da6a3ce929d0e0e4736', true],
  ['a UUID', '0191e6f4-8b1a-7c3e-9d2f-000000000001', true],
  ['with dots and colons', 'edge-1.example:000001', true],
  ['too short to be one', 'abc', false],
  ['too long', 'a'.repeat(65), false],
  ['an e-mail address', 'anna@example.org', false],
  ['a line of its own', 'abcdefgh\n{"level":"fatal"}', false],
  ['two headers', ['abcdefgh', 'ijklmnop'], false],
  ['none', undefined, false],
])('%s: %s', (_, header, isSane) => expect(saneRequestId(header)).toBe(isSane ? header : null));
