import { describe, expect, it } from '@jest/globals';
import { dayFromIso } from './calendar.js';
import {
  fixedZone,
  offsetMinutesAt,
  offsetMinutesAtLocal,
  parseZone,
  transitionsBetween,
  type Zone,
} from './time-zone.js';

// Expected offsets and transitions were read from `zdump -v` (Debian tzdata), not computed by this code.

const local = (text: string) => Date.parse(`${text}Z`);
const one = (offset: number) => ({ kind: 'one', offset });

function zone(text: string): Zone {
  const parsed = parseZone(text);
  if (parsed === null) throw new Error(`not a zone: ${text}`);
  return parsed;
}

describe('parseZone', () => {
  it.each([
    ['Asia/Irkutsk', 'Asia/Irkutsk', 480],
    ['asia/irkutsk', 'Asia/Irkutsk', 480],
    ['Europe/Moscow', 'Europe/Moscow', 180],
    ['Australia/Sydney', 'Australia/Sydney', 600],
    ['Australia/Lord_Howe', 'Australia/Lord_Howe', 630],
    ['America/Los_Angeles', 'America/Los_Angeles', -480],
    ['Europe/Dublin', 'Europe/Dublin', 0],
    ['Asia/Kolkata', 'Asia/Kolkata', 330],
    ['+08:00', '+08:00', 480],
    ['+0800', '+08:00', 480],
    ['-03:30', '-03:30', -210],
    ['UTC+8', '+08:00', 480],
    ['GMT−5', '-05:00', -300],
    ['UTC', '+00:00', 0],
    ['Z', '+00:00', 0],
    ['МСК', '+03:00', 180],
    ['МСК+5', '+08:00', 480],
    ['MSK-1', '+02:00', 120],
    [' +14 ', '+14:00', 840],
  ])('%s is %s with standard offset %i', (text, name, standardOffsetMinutes) => {
    expect(zone(text)).toMatchObject({ name, standardOffsetMinutes });
  });

  it.each(['', ' ', 'Asia/Irkustk', 'Иркутск', '+15:00', '+08:75', '8', '08:00', 'UTC+99'])(
    'refuses "%s"',
    (text) => {
      expect(parseZone(text)).toBeNull();
    },
  );

  it('gives each who asks a zone of its own: whether a sender moves the clock is decided for each territory', () => {
    const [one, other] = [zone('Australia/Sydney'), zone('Australia/Sydney')];
    expect(other).toEqual(one);
    expect(other).not.toBe(one);
  });
});

describe('offsetMinutesAtLocal', () => {
  const ambiguous = (summerOffset: number, winterOffset: number) => ({
    kind: 'ambiguous',
    summerOffset,
    winterOffset,
  });

  it.each([
    ['an ordinary day', 'Australia/Sydney', '2024-07-01T12:00', one(600)],
    ['Sydney: the last minute before the spring gap', 'Australia/Sydney', '2024-10-06T01:59', one(600)],
    ['Sydney: the gap', 'Australia/Sydney', '2024-10-06T02:00', { kind: 'none' }],
    ['Sydney: the gap, last minute', 'Australia/Sydney', '2024-10-06T02:59', { kind: 'none' }],
    ['Sydney: after the gap', 'Australia/Sydney', '2024-10-06T03:00', one(660)],
    ['Sydney: before the doubled hour', 'Australia/Sydney', '2024-04-07T01:59', one(660)],
    ['Sydney: the doubled hour', 'Australia/Sydney', '2024-04-07T02:30', ambiguous(660, 600)],
    ['Sydney: after the doubled hour', 'Australia/Sydney', '2024-04-07T03:00', one(600)],
    ['Los Angeles: the gap', 'America/Los_Angeles', '2024-03-10T02:30', { kind: 'none' }],
    ['Los Angeles: the doubled hour', 'America/Los_Angeles', '2024-11-03T01:00', ambiguous(-420, -480)],
    ['Los Angeles: after it', 'America/Los_Angeles', '2024-11-03T02:00', one(-480)],
    ['Lord Howe: a gap of half an hour', 'Australia/Lord_Howe', '2024-10-06T02:15', { kind: 'none' }],
    ['Lord Howe: after the half hour', 'Australia/Lord_Howe', '2024-10-06T02:30', one(660)],
    ['Lord Howe: the doubled half hour', 'Australia/Lord_Howe', '2024-04-07T01:45', ambiguous(660, 630)],
    ['Lord Howe: just before it', 'Australia/Lord_Howe', '2024-04-07T01:29', one(660)],
    ['Irkutsk has no changes now', 'Asia/Irkutsk', '2025-03-30T02:30', one(480)],
    ['Moscow in its last summer', 'Europe/Moscow', '2014-10-26T00:59', one(240)],
    ['Moscow leaves +04:00 for good', 'Europe/Moscow', '2014-10-26T01:30', ambiguous(240, 180)],
    ['Moscow afterwards', 'Europe/Moscow', '2014-10-26T02:00', one(180)],
    ['Samoa: a whole day that never came', 'Pacific/Apia', '2011-12-30T12:00', { kind: 'none' }],
    ['a fixed offset', '+08:00', '2024-10-06T02:30', one(480)],
  ])('%s', (_name, name, text, expected) => {
    expect(offsetMinutesAtLocal(zone(name), local(text))).toEqual(expected);
  });

  it('agrees with the instants: over two years instants (every 105 minutes) are found again through its local time', () => {
    for (const name of ['Australia/Sydney', 'America/Los_Angeles', 'Australia/Lord_Howe', 'Asia/Irkutsk']) {
      const place = zone(name);
      const lost: number[] = [];
      for (let utcMs = Date.UTC(2023, 0, 1); utcMs < Date.UTC(2025, 0, 1); utcMs += 900_000 * 7) {
        const offset = offsetMinutesAt(place, utcMs);
        const found = offsetMinutesAtLocal(place, utcMs + offset * 60_000);
        const offsets =
          found.kind === 'one'
            ? [found.offset]
            : found.kind === 'ambiguous'
              ? [found.summerOffset, found.winterOffset]
              : [];
        if (!offsets.includes(offset)) lost.push(utcMs);
      }
      expect({ name, lost }).toEqual({ name, lost: [] });
    }
  });

  it('asks the rules once per day, not once per reading', () => {
    const place = zone('Australia/Sydney');
    const first = offsetMinutesAtLocal(place, local('2024-07-01T00:00'));
    expect(offsetMinutesAtLocal(place, local('2024-07-01T23:45'))).toBe(first);
  });
});

describe('transitionsBetween', () => {
  const days = (from: string, to: string): [number, number] => [dayFromIso(from)!, dayFromIso(to)!];

  it.each([
    [
      'Australia/Sydney',
      [
        ['2024-04-06T16:00:00Z', 660, 600],
        ['2024-10-05T16:00:00Z', 600, 660],
      ],
    ],
    [
      'America/Los_Angeles',
      [
        ['2024-03-10T10:00:00Z', -480, -420],
        ['2024-11-03T09:00:00Z', -420, -480],
      ],
    ],
    [
      'Australia/Lord_Howe',
      [
        ['2024-04-06T15:00:00Z', 660, 630],
        ['2024-10-05T15:30:00Z', 630, 660],
      ],
    ],
    ['Asia/Irkutsk', []],
    ['+08:00', []],
  ])('%s in 2024', (name, expected) => {
    const found = transitionsBetween(zone(name), ...days('2024-01-01', '2025-01-01'));
    expect(found).toEqual(
      expected.map(([at, beforeMinutes, afterMinutes]) => ({
        utcMs: Date.parse(at as string),
        beforeMinutes,
        afterMinutes,
      })),
    );
  });

  it('finds the day on which Moscow gave up +04:00', () => {
    const found = transitionsBetween(zone('Europe/Moscow'), ...days('2014-10-20', '2014-11-01'));
    expect(found).toEqual([
      { utcMs: Date.parse('2014-10-25T22:00:00Z'), beforeMinutes: 240, afterMinutes: 180 },
    ]);
  });

  it('takes standard-time days, the end excluded', () => {
    const sydney = zone('Australia/Sydney');
    expect(transitionsBetween(sydney, ...days('2024-10-06', '2024-10-07'))).toHaveLength(1);
    expect(transitionsBetween(sydney, ...days('2024-10-05', '2024-10-06'))).toHaveLength(0);
  });
});

describe('fixedZone', () => {
  it.each([
    [0, '+00:00'],
    [345, '+05:45'],
    [-210, '-03:30'],
  ])('%i minutes is %s', (minutes, name) => {
    expect(fixedZone(minutes)).toEqual({ name, standardOffsetMinutes: minutes, isFixed: true });
  });
});
