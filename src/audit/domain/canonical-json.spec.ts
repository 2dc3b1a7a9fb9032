import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from './canonical-json.js';
import { recordText, renumbered, type RecordedEntry } from './entry.js';

describe('canonical JSON (RFC 8785)', () => {
  it.each([
    ['members by UTF-16 code units', { b: 1, a: '€' }, '{"a":"€","b":1}'],
    ['an astral character before U+FB33', { '\ufb33': 1, '😀': 2 }, '{"😀":2,"\ufb33":1}'],
    ['digits as text', { 10: 1, 9: 2 }, '{"10":1,"9":2}'],
    // RFC 8785 §3.2.2
    [
      'the numbers of the RFC’s example',
      [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      '[333333333.3333333,1e+30,4.5,0.002,1e-27]',
    ],
    ['minus zero', -0, '0'],
    ['control characters', '\u000f\n"\\/', '"\\u000f\\n\\"\\\\/"'],
    ['nothing in it', [{}, [], null, true], '[{},[],null,true]'],
    ['undefined members left out', { a: undefined, b: { c: undefined } }, '{"b":{}}'],
  ])('%s', (_, value, text) => expect(canonicalJson(value)).toBe(text));

  it.each([
    ['not a number', { a: NaN }],
    ['infinity', [Infinity]],
    ['half a pair', 'a\ud800'],
    ['half a pair in a name', { '\udc00': 1 }],
    ['a date', { at: new Date(0) }],
    ['a function', { a: () => 1 }],
    ['a symbol', [Symbol('a')]],
    ['a big integer', { a: 1n }],
    ['undefined in a list', [undefined]],
    ['nothing at all', undefined],
    ['a class of its own', new Map()],
  ])('has no word for %s', (_, value) => expect(() => canonicalJson(value)).toThrow(TypeError));
});

describe('an entry’s text', () => {
  const entry: RecordedEntry = {
    seq: 42,
    at: '2026-01-02T03:04:05.678Z',
    actor: { kind: 'person', id: '7', organisation: 'Сети "Восток"' },
    kind: 'case.decided',
    subject: 'case:1","seq":42,"subject":"',
    body: canonicalJson({ reason: '😀\n', score: 0.1 }),
  };

  it.each([entry, { ...entry, actor: { ...entry.actor, organisation: null } }])(
    'is canonical JSON of it',
    (one) => {
      const value = { ...one, body: JSON.parse(one.body) as unknown };
      expect(recordText(one)).toBe(canonicalJson(value));
    },
  );

  it('can be renumbered, whatever its subject says', () => {
    expect(renumbered(recordText(entry), 42, 7)).toBe(recordText({ ...entry, seq: 7 }));
    expect(renumbered('{}', 42, 7)).toBeNull();
  });
});
