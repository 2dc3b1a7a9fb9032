import { describe, expect, it } from '@jest/globals';
import { NO_OFFSET, TimeScanner } from './scan-time.js';

function scan(text: string): { iso: string; offset: number } | null {
  const scanner = new TimeScanner();
  const bytes = Buffer.from(text);
  if (!scanner.scan(bytes, 0, bytes.length)) return null;
  const { localMinutes, offsetMinutes } = scanner.time;
  return { iso: new Date(localMinutes * 60_000).toISOString().slice(0, 16), offset: offsetMinutes };
}

describe('TimeScanner', () => {
  it.each([
    ['2026-01-31T23:30', '2026-01-31T23:30', NO_OFFSET],
    ['2026-01-31 23:30', '2026-01-31T23:30', NO_OFFSET],
    ['2026-01-31T23:30:00', '2026-01-31T23:30', NO_OFFSET],
    ['2026-01-31T23:30:00.000', '2026-01-31T23:30', NO_OFFSET],
    ['31.01.2026 23:30', '2026-01-31T23:30', NO_OFFSET],
    ['2026-01-31T23:30Z', '2026-01-31T23:30', 0],
    ['2026-01-31T23:30:00.000Z', '2026-01-31T23:30', 0],
    ['2026-01-31T23:30:00+08:00', '2026-01-31T23:30', 480],
    ['2026-01-31T23:30+0530', '2026-01-31T23:30', 330],
    ['2026-01-31T23:30-08', '2026-01-31T23:30', -480],
    ['2024-02-29T00:00', '2024-02-29T00:00', NO_OFFSET],
  ])('%s', (text, iso, offset) => {
    expect(scan(text)).toEqual({ iso, offset });
  });

  it.each([
    '',
    '2026-01-31',
    '2026-02-29T00:00',
    '2026-02-31T00:00',
    '2026-04-31T00:00',
    '2026-13-01T00:00',
    '2026-00-10T00:00',
    '2026-01-00T00:00',
    '20255-01-01T00:00',
    '0226-01-01T00:00',
    '1999-12-31T23:00',
    '2026-01-31T24:00',
    '2026-01-31T23:60',
    '2026-01-31T23:30:15',
    '2026-01-31T23:30:00.5',
    '2026-01-31T23:30+15:00',
    '2026-01-31T23:30+8',
    '2026-01-31T23:30 MSK',
    '2026/01/31 23:30',
    '01/31/2026 23:30',
    'xxxx-xx-xxTxx:xx',
  ])('refuses %j', (text) => {
    expect(scan(text)).toBeNull();
  });

  it('does not mistake a new bad date for the remembered good one', () => {
    const scanner = new TimeScanner();
    const good = Buffer.from('2026-01-31T00:00');
    const bad = Buffer.from('2026-02-31T00:00');
    expect([good, bad, good, bad].map((bytes) => scanner.scan(bytes, 0, 16))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
