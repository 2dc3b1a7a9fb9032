import { describe, expect, it } from '@jest/globals';
import { dayAt, dayFromCivil, dayFromIso, isoFromDay, monthStart, nextMonthStart } from './calendar.js';

// Day numbers from `date -d DATE +%s` (GNU coreutils, TZ=UTC) divided by 86,400.

describe('days and dates', () => {
  it.each([
    ['1970-01-01', 0],
    ['1969-12-31', -1],
    ['2000-02-29', 11016],
    ['2024-11-01', 20028],
    ['2026-11-20', 20777],
    ['2031-03-15', 22353],
  ])('%s is day %i and back', (iso, day) => {
    expect(dayFromIso(iso)).toBe(day);
    expect(isoFromDay(day)).toBe(iso);
  });

  it.each([
    '2025-02-29',
    '2025-02-31',
    '2025-13-01',
    '2025-00-10',
    '2025-01-00',
    '20255-01-01',
    '2025-1-1',
    '2025-01-01T00:00',
    '',
  ])('"%s" is no date', (text) => {
    expect(dayFromIso(text)).toBeNull();
  });
});

describe('months', () => {
  it.each([
    ['2026-11-20', '2026-11-01', '2026-12-01'],
    ['2026-12-31', '2026-12-01', '2027-01-01'],
    ['2027-01-01', '2027-01-01', '2027-02-01'],
    ['2024-02-29', '2024-02-01', '2024-03-01'],
  ])('%s lies in the month from %s to %s', (iso, first, next) => {
    const day = dayFromIso(iso)!;
    expect([monthStart(day), nextMonthStart(day)].map(isoFromDay)).toEqual([first, next]);
  });
});

describe('dayAt', () => {
  it.each([
    ['2026-11-19T16:00:00Z', 480, '2026-11-20'],
    ['2026-11-19T15:59:59Z', 480, '2026-11-19'],
    ['2026-11-20T03:29:59Z', -210, '2026-11-19'],
    ['2026-11-20T03:30:00Z', -210, '2026-11-20'],
    ['1969-12-31T23:59:59Z', 0, '1969-12-31'],
  ])('%s at %i minutes east is %s', (instant, offset, iso) => {
    expect(isoFromDay(dayAt(Date.parse(instant), offset))).toBe(iso);
  });
});

it('dayFromCivil counts months from 1', () => {
  expect(isoFromDay(dayFromCivil(2026, 1, 31))).toBe('2026-01-31');
});
